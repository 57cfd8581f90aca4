"""Microsoft's own client for Teams, as several people use it: `@microsoft/m365agentsplayground`.

What it was given is what they see. It speaks for its current user alone; the others act by activities in the shape in
which it sends its own. Of other people's own chats only its log tells, which has every request and every answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.needs import PEERS

Json = dict[str, Any]
TENANT = "00000000-0000-0000-0000-0000000000001"
BOT = "00000000-0000-0000-0000-00000000000011"
ME, OTHERS = "mona", ("omar", "noa", "gino", "ada", "tom")
OWN, GROUP, CHANNEL, TEAM = "chat-personal", "chat-group", "channel-it", "team-acme"
PATIENCE = 40.0  # seconds
_numbers = itertools.count(1)


def user(name: str) -> Json:
    """Somebody of the company, as the playground's file says it."""
    return {"id": f"user-{name}", "name": f"{name.title()} Acme", "userPrincipleName": f"{name}@acme.example",
            "aadObjectId": f"aad-{name}", "givenName": name.title(), "surname": "Acme",
            "email": f"{name}@acme.example"}  # fmt: skip


def _settings() -> Json:
    """The playground's file: five people and its user, one group chat, one team with a channel beside its general."""
    return {
        "version": "0.1.1", "tenantId": TENANT, "bot": {"id": BOT, "name": "Agora"}, "currentUser": user(ME),
        "users": [user(name) for name in OTHERS], "personalChat": {"id": OWN},
        "groupChat": {"id": GROUP, "name": "Lunch"},
        "team": {"id": TEAM, "name": "Acme", "aadGroupId": "00000000-0000-0000-0000-000000000031",
                 "channels": [{"id": CHANNEL, "name": "IT"}]},
    }  # fmt: skip


@dataclass
class Shown:
    """A message of Agora's; ``edits``: how often it was changed. ``chat`` is the conversation, with its thread; of
    other people's own chats the playground does not say it."""

    id: str
    activity: Json
    chat: str = ""
    edits: int = 0

    @property
    def card(self) -> Json:
        """What it shows."""
        content: Json = self.activity["attachments"][0]["content"]
        return content

    @property
    def text(self) -> str:
        """Every text in it."""
        return json.dumps(self.card, ensure_ascii=False)

    def action(self, title: str) -> Json | None:
        """What this button does, once it was asked whether that is meant."""
        found = (each for each in _actions(self.card) if each.get("title") == title)
        return next((each for each in found if each["type"] != "Action.ShowCard"), None)


def _actions(part: Any) -> list[Json]:
    """Every action in a card, each before what older clients get instead."""
    own = [part] if isinstance(part, dict) and str(part.get("type", "")).startswith("Action.") else []
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [*own, *(action for each in inner for action in _actions(each))]


@dataclass
class Playground:
    """The client, and what it was given so far."""

    port: int
    http: aiohttp.ClientSession
    messages: dict[str, Shown] = field(default_factory=dict)
    chats: dict[str, str] = field(default_factory=dict)
    """Other people's own chats with Agora, by their names, once it has begun them."""
    placed: dict[str, str] = field(default_factory=dict)
    """Where messages stand, by their ids: those that the client's user sees."""
    answers: dict[str, Any] = field(default_factory=dict)
    """What Agora answered, by the id of the activity."""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    # -- what people do

    async def writes(self, text: str, chat: str = OWN) -> str:
        """Mona writes; in what is not her own chat she mentions Agora. The conversation of the thread that begins."""
        said: Json = {"from": {"id": "user-mona"}, "text": text, "textFormat": "plain"}
        if chat != OWN:
            said["text"] = f"<at>Agora</at> {text}"
            said["mentions"] = [{"mentioned": {"id": BOT}, "text": "<at>Agora</at>"}]
        found = await self._post(f"_conversation/v1/conversations/{chat}/messages", said)
        return str(found.get("postConversationId", chat))

    async def replies(self, name: str, thread: str, text: str) -> None:
        """Somebody writes in a thread, and mentions Agora."""
        mention = {"type": "mention", "mentioned": {"id": BOT, "name": "Agora"}, "text": "<at>Agora</at>"}
        said = f"<at>Agora</at> {text}"
        await self.happens(name, thread, "message", text=said, textFormat="plain", entities=[mention])

    async def presses(self, name: str, shown: Shown, title: str) -> Json:
        """Somebody presses a button that answers with a card."""
        action = shown.action(title)
        assert action is not None and action["type"] == "Action.Execute", (title, action)
        value = {"action": {key: action[key] for key in ("type", "verb", "data")}, "trigger": "manual"}
        sent = {"name": "adaptiveCard/action", "from": {"id": f"user-{name}"}, "conversation": {"id": shown.chat},
                "replyToId": shown.id, "value": value}  # fmt: skip
        return await self._post("_conversation/v1/invoke", sent)

    async def opens(self, name: str, shown: Shown, title: str) -> Json:
        """Somebody presses a button that opens a dialog; the dialog's card."""
        action = shown.action(title)
        assert action is not None and action["type"] == "Action.Submit", (title, action)
        value = {
            "data": {key: each for key, each in action["data"].items() if key != "msteams"} | {"type": "task/fetch"}
        }
        answer = await self.invokes(name, "task/fetch", value, shown)
        card: Json = answer["task"]["value"]["card"]["content"]
        return card

    async def submits(self, name: str, dialog: Json, shown: Shown, **values: str) -> Json:
        """Somebody fills in the dialog."""
        submit = next(each for each in _actions(dialog) if each["type"] == "Action.Submit")
        return await self.invokes(name, "task/submit", {"data": {**submit["data"], **values}}, shown)

    async def looks_up(self, name: str, kind: str, words: str, chat: str = GROUP) -> Json:
        """Somebody uses the message extension."""
        value = {"commandId": kind, "parameters": [{"name": "words", "value": words}],
                 "queryOptions": {"skip": 0, "count": 25}}  # fmt: skip
        sent = {"name": "composeExtension/query", "from": {"id": f"user-{name}"}, "conversation": {"id": chat},
                "value": value}  # fmt: skip
        return await self._post("_conversation/v1/invoke", sent)

    async def invokes(self, name: str, invoke: str, value: Json, shown: Shown) -> Json:
        """An invoke that the client has no button for: what Agora answers."""
        return dict(await self.happens(name, shown.chat, "invoke", called=invoke, value=value, replyToId=shown.id))

    async def happens(self, name: str, chat: str, kind: str, **about: Any) -> Any:
        """An activity of somebody who is not the client's user; what Agora answers."""
        number = f"raw-{next(_numbers)}"
        if "called" in about:
            about["name"] = about.pop("called")
        await self._post("_internal/v1/customActivities", self._activity(name, chat, kind, number) | about, reads=False)
        return await self.until(lambda: self.answers.get(number, ...), nothing=...)

    def _activity(self, name: str, chat: str, kind: str, number: str) -> Json:
        is_own, is_channel = chat == OWN or chat in self.chats.values(), chat.startswith((CHANNEL, TEAM))
        conversation: Json = {"id": chat, "tenantId": TENANT, "conversationType": "personal"}
        data: Json = {"tenant": {"id": TENANT}}
        if not is_own:
            conversation |= {"isGroup": True, "conversationType": "channel" if is_channel else "groupChat"}
        if is_channel:
            data |= {"team": {"id": TEAM}, "channel": {"id": chat.partition(";")[0]}}
        who = user(name)
        author = {"id": who["id"], "name": who["name"], "aadObjectId": who["aadObjectId"]}
        return {"type": kind, "id": number, "channelId": "msteams", "from": author, "conversation": conversation,
                "recipient": {"id": BOT, "name": "Agora"}, "channelData": data, "locale": "en-US",
                "serviceUrl": f"http://localhost:{self.port}/_connector"}  # fmt: skip

    # -- what they see

    async def sees(self, words: str, chat: str = "", edits: int = 0) -> Shown:
        """The newest message of Agora's with these words, in a conversation that begins with ``chat``, changed at least
        so often: as soon as there is one."""
        return await self.until(lambda: self._newest(words, chat, edits))  # type: ignore[no-any-return]

    async def gets(self, name: str, words: str) -> Shown:
        """The newest message with these words in the own chat of somebody who is not the client's user."""
        found = await self.until(lambda: self._newest(words, None, 0))
        found.chat = await self.until(lambda: self.chats.get(name))
        return found  # type: ignore[no-any-return]

    def _newest(self, words: str, chat: str | None, edits: int) -> Shown | None:
        """``chat``: none for what the client's user does not see."""
        for shown in reversed(self.messages.values()):
            placed = self.placed.get(shown.id)
            here = placed is None if chat is None else placed is not None and placed.startswith(chat)
            if here and words in shown.text and shown.edits >= edits:
                shown.chat = placed or ""
                return shown
        return None

    async def until(self, look: Callable[[], Any], nothing: Any = None) -> Any:
        """What ``look`` returns as soon as it is something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while (found := look()) is nothing or found is False:
                    self.news.clear()
                    await self.news.wait()
                return found
        except TimeoutError:
            shown = "\n".join(f"{each.chat}: {each.text[:600]}" for each in self.messages.values())
            raise AssertionError(f"it never came; there is:\n{shown}") from None

    async def _post(self, path: str, body: Json, reads: bool = True) -> Json:
        async with self.http.post(f"http://127.0.0.1:{self.port}/{path}", json=body) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            return dict(await answer.json()) if reads else {}

    # -- what it is told

    async def listen(self) -> None:
        """Follow what the client shows, and its log: every request of either side, with its answer."""
        await asyncio.gather(self._follow("_ws/log/stream", self._logged),
                             self._follow("_ws_conversation/v1/conversations/stream", self._displayed))  # fmt: skip

    async def _follow(self, stream: str, note: Callable[[Json], None]) -> None:
        async with self.http.ws_connect(f"ws://127.0.0.1:{self.port}/{stream}") as told:
            async for message in told:
                note(json.loads(message.data))
                self.news.set()

    def _displayed(self, action: Json) -> None:
        message = action.get("message") or {}
        if message.get("messageId"):
            self.placed[str(message["messageId"])] = str(
                message.get("postConversationId") or action["actionConversationId"]
            )

    def _logged(self, entry: Json) -> None:
        item = entry.get("log") or {}
        request, answer = _body(item.get("request")), _body(item.get("response"))
        if item.get("to") == "User Application":
            status = (item.get("response") or {}).get("statusCode")
            assert status in (200, 201, 202), item
            self.answers[str(request.get("id"))] = answer
        elif item.get("activityName") == "createConversation":
            self.chats[request["members"][0]["id"].removeprefix("user-")] = answer["id"]
        elif item.get("activityName") == "message" and request.get("attachments") and answer.get("id"):
            self._given(str(answer["id"]), request)

    def _given(self, id: str, activity: Json) -> None:
        if id in self.messages:
            shown = self.messages.pop(id)  # what was changed last is the newest
            shown.activity, shown.edits = activity, shown.edits + 1
            self.messages[id] = shown
        else:
            self.messages[id] = Shown(id, activity)


def _body(part: Any) -> Json:
    found = part.get("body") if isinstance(part, dict) else None
    return found if isinstance(found, dict) else {}


def _node(*arguments: str) -> list[str]:
    return ["node", str(PEERS / "node_modules" / ".bin" / "agentsplayground"), *arguments]


@asynccontextmanager
async def playground(folder: Path, port: int, agora: int) -> AsyncIterator[Playground]:
    """A playground whose bot is the Agora at port ``agora``."""
    (folder / ".m365agentsplayground.yml").write_text(json.dumps(_settings()), "utf-8")  # JSON is YAML
    quiet = {"APPLICATION_INSIGHTS_NO_STATSBEAT": "1", "APPLICATION_INSIGHTS_NO_DIAGNOSTIC_CHANNEL": "1",
             "TEAMSAPPTESTER_BROWSER": "none"}  # fmt: skip
    command = _node(
        "-e", f"http://127.0.0.1:{agora}/api/messages", "-c", "msteams", "-p", str(port), "--disable-telemetry"
    )
    about: Json = {"cwd": folder, "env": {**os.environ, **quiet}, "start_new_session": True}
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, **about)
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        while b"Listening" not in (line := await process.stdout.readline()):
            assert line, "the playground has ended"
    async with aiohttp.ClientSession() as http:
        found = Playground(port, http)
        listening = asyncio.create_task(found.listen())
        try:
            yield found
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
