"""Slack's Web API as `emulate` has it, with scopes enforced, and the people who use it.

Between it and Agora stands a relay that keeps what was asked and answered: so a test sees the views that Agora opens.
The emulator sends no events; what Slack would send is sent by the test, signed as Slack signs it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.slack.scopes import SCOPES
from tests.gateways.slack.sent import encoded, signed
from tests.needs import PEERS, new_node
from tests.peers.process import free_port
from tests.peers.relay import relay

Json = dict[str, Any]
CHANNEL, PATIENCE = "it-help", 40.0  # seconds
PEOPLE = ("mona", "omar", "noa")
_OF_PEOPLE = ("chat:write", "channels:read", "channels:history", "groups:history", "im:history", "im:write", "im:read",
              "mpim:history", "users:read")  # fmt: skip
NOT_THERE = {"agents.sessions.setStatus", "apps.connections.open", "assistant.threads.setSuggestedPrompts",
             "chat.unfurl", "usergroups.list"}  # fmt: skip
"""Methods that the emulator does not have."""
_numbers = itertools.count(1)


def _seed() -> Json:
    users = [{"name": name, "real_name": f"{name.title()} Acme", "email": f"{name}@acme.example"} for name in PEOPLE]
    tokens = [{"token": f"xoxp-{name}", "user": name, "scopes": list(_OF_PEOPLE)} for name in PEOPLE]
    return {
        "slack": {
            "team": {"name": "Acme", "domain": "acme"}, "strict_scopes": True,
            "users": [*users, {"name": "agora", "real_name": "Agora", "email": "agora@acme.example"}],
            "channels": [{"name": CHANNEL, "topic": "IT"}],
            "tokens": [*tokens, {"token": "xoxb-agora", "user": "agora", "scopes": sorted(SCOPES)}],
        }
    }  # fmt: skip


@dataclass
class Shown:
    """A message as somebody reads it."""

    channel: str
    ts: str
    thread: str | None
    blocks: list[Json]
    text: str

    @property
    def said(self) -> str:
        """Everything in it."""
        return self.text + json.dumps(self.blocks, ensure_ascii=False)

    def button(self, label: str) -> Json | None:
        """The button with this label."""
        inside = [each for block in self.blocks for each in (*block.get("elements", ()), block.get("accessory") or {})]
        return next((e for e in inside if e.get("type") == "button" and e["text"]["text"] == label), None)


@dataclass
class Emulated:
    """The workspace, and each of its people at their keyboard."""

    api: str
    http: aiohttp.ClientSession
    agora: str = ""
    calls: list[tuple[str, Json, Json]] = field(default_factory=list)
    """What Agora asked, and what it was answered."""
    team: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    channel: str = ""

    async def settle(self) -> None:
        """Learn who and what there is."""
        said = await self.ask("mona", "users.list", limit="100")
        self.ids = {user["name"]: user["id"] for user in said["members"]}
        self.team = said["members"][0]["team_id"]
        channels = (await self.ask("mona", "conversations.list", limit="100"))["channels"]
        self.channel = next(each["id"] for each in channels if each["name"] == CHANNEL)

    async def ask(self, who: str, method: str, **values: str) -> Json:
        """The Web API, as one of the people."""
        headers = {"Authorization": f"Bearer xoxp-{who}"}
        async with self.http.post(f"{self.api}/{method}", data=values, headers=headers) as answer:
            said: Json = await answer.json()
        assert said["ok"], (method, values, said)
        return said

    # -- what people do

    async def mentions(self, who: str, text: str) -> str:
        """Somebody writes to Agora in the channel; the thread that begins."""
        said = f"<@{self.ids['agora']}> {text}"
        ts = str((await self.ask(who, "chat.postMessage", channel=self.channel, text=said))["ts"])
        common = {"user": self.ids[who], "text": said, "ts": ts, "channel": self.channel, "event_ts": ts}
        await self.sends(self._event({"type": "app_mention", **common}))
        await self.sends(self._event({"type": "message", "channel_type": "channel", **common}))
        return ts

    async def writes(self, who: str, text: str) -> None:
        """Somebody writes in their own chat with Agora."""
        chat = await self.own_chat(who)
        ts = str((await self.ask(who, "chat.postMessage", channel=chat, text=text))["ts"])
        await self.sends(self._event({"type": "message", "channel_type": "im", "user": self.ids[who], "text": text,
                                      "ts": ts, "channel": chat, "event_ts": ts}))  # fmt: skip

    async def opens_home(self, who: str) -> None:
        """Somebody looks at their home."""
        chat = await self.own_chat(who)
        await self.sends(self._event({"type": "app_home_opened", "user": self.ids[who], "channel": chat, "tab": "home",
                                      "event_ts": "1.0"}))  # fmt: skip

    async def presses(self, who: str, shown: Shown, label: str) -> None:
        """Somebody presses a button."""
        button = shown.button(label)
        assert button is not None, (label, shown.said)
        trigger = (await self.ask(who, "views.generateTriggerId"))["trigger_id"]
        container = {"type": "message", "message_ts": shown.ts, "channel_id": shown.channel, "is_ephemeral": False}
        await self.sends({
            "type": "block_actions", "api_app_id": "A1", "trigger_id": trigger, "container": container,
            "team": {"id": self.team, "domain": "acme"}, "user": {"id": self.ids[who], "team_id": self.team},
            "channel": {"id": shown.channel, "name": CHANNEL}, "response_url": f"{self.api}/nothing",
            "message": {"type": "message", "ts": shown.ts, **({"thread_ts": shown.thread} if shown.thread else {})},
            "actions": [{**button, "type": "button", "block_id": "b", "action_ts": "1.0"}],
        })  # fmt: skip

    async def form(self, title: str) -> Json:
        """The newest view that Agora shows, once it has this title."""
        return await self.until(lambda: self._view(title))

    async def submits(self, who: str, view: Json, **values: str) -> Any:
        """Somebody fills in a view and sends it; what Agora answers."""
        state: dict[str, Json] = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                state[block["block_id"]] = {block["element"]["action_id"]: self._filled(block, values)}
        sent = {**view, "id": f"V{next(_numbers)}", "team_id": self.team, "state": {"values": state}, "hash": "1.a"}
        return await self.sends({
            "type": "view_submission", "api_app_id": "A1", "trigger_id": f"1.{next(_numbers)}", "view": sent,
            "team": {"id": self.team, "domain": "acme"}, "user": {"id": self.ids[who], "team_id": self.team},
            "response_urls": [],
        })  # fmt: skip

    async def sends(self, payload: Json) -> Any:
        """What Slack sends to Agora, signed; what Agora answers."""
        type, body = encoded(payload)
        headers = {"Content-Type": type, **signed(body)}
        async with self.http.post(f"{self.agora}/slack/events", data=body, headers=headers) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            text = await answer.text()
        return json.loads(text) if text else None

    # -- what people see

    async def own_chat(self, who: str) -> str:
        """The channel of somebody's own chat with Agora."""
        return str((await self.ask(who, "conversations.open", users=self.ids["agora"]))["channel"]["id"])

    async def sees(self, who: str, text: str, thread: str | None = None) -> Shown:
        """The newest message of Agora's that says so, once there is one: in a thread of the channel, or in their own
        chat."""
        channel = self.channel if thread else await self.own_chat(who)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for shown in reversed(await self._messages(who, channel, thread)):
                if text in shown.said:
                    return shown
            await asyncio.sleep(0.1)
        everything = [each.said for each in await self._messages(who, channel, thread)]
        raise AssertionError(f"{who} does not see {text!r} in {everything}")

    async def until(self, look: Callable[[], Any]) -> Any:
        """What ``look`` finds."""
        async with asyncio.timeout(PATIENCE):
            while not (found := look()):
                await asyncio.sleep(0.05)
        return found

    def failed(self) -> list[tuple[str, Json]]:
        """What Agora asked and Slack did not do, but for what is not there."""
        return [(method, said) for method, _, said in self.calls if not said.get("ok") and method not in NOT_THERE]

    async def _messages(self, who: str, channel: str, thread: str | None) -> list[Shown]:
        method, more = ("conversations.replies", {"ts": thread}) if thread else ("conversations.history", {})
        found = await self.ask(who, method, channel=channel, limit="200", **more)
        mine = [each for each in found["messages"] if each.get("user") in (self.ids["agora"], "agora")]
        return sorted(
            (Shown(channel, each["ts"], each.get("thread_ts"), each.get("blocks") or [], each.get("text") or "")
             for each in mine), key=lambda shown: float(shown.ts),
        )  # fmt: skip

    def _view(self, title: str) -> Json | None:
        for method, asked, _ in reversed(self.calls):
            if method in ("views.open", "views.update", "views.push"):
                view: Json = asked["view"] if isinstance(asked["view"], dict) else json.loads(asked["view"])
                return view if title in view["title"]["text"] and view.get("submit") else None
        return None

    def _filled(self, block: Json, values: dict[str, str]) -> Json:
        element = block["element"]
        name = next((name for name in values if name in f"{block['block_id']}/{element['action_id']}"), None)
        if element["type"] == "static_select":
            options: list[Json] = element["options"]
            wanted = values.get(name or "", "")
            chosen = next((each for each in options if wanted in (each["value"], each["text"]["text"])), None)
            return {"type": "static_select", "selected_option": chosen or element.get("initial_option")}
        return {"type": element["type"], "value": values.get(name or "")}

    def _event(self, event: Json) -> Json:
        number = next(_numbers)
        return {"type": "event_callback", "team_id": self.team, "api_app_id": "A1", "event": event,
                "event_id": f"Ev{number}", "event_time": int(time.time()),
                "authorizations": [{"team_id": self.team, "user_id": self.ids["agora"], "is_bot": True}]}  # fmt: skip


@asynccontextmanager
async def emulated(folder: Path) -> AsyncIterator[Emulated]:
    """A workspace of its own, and the relay before it, whose address is ``api``."""
    program, port = new_node(), free_port()
    assert program is not None
    seed = folder / "seed.yaml"
    seed.write_text(yaml.safe_dump(_seed()), "utf-8")
    main = PEERS / "node_modules" / "emulate" / "dist" / "index.js"
    process = await asyncio.create_subprocess_exec(
        program, str(main), "start", "-s", "slack", "-p", str(port), "--seed", str(seed),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as http:
            found = Emulated(f"http://127.0.0.1:{port}/api", http)
            await _up(found)
            await found.settle()
            async with relay(found.api, http, found.calls) as address:
                found.api, direct = address, found.api
                yield found
                found.api = direct
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()


async def _up(found: Emulated) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await found.ask("mona", "auth.test")
                return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
