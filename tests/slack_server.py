"""Slack's Web API on a real socket, as far as messages go: it holds everything to Slack's limits and models, and fails
in every way in which Slack does.

Limits and pauses are those of ``bot.slack.limits``, ``scale`` times faster. Windows take a tenth more than they say,
and at least one, since a network delivers in bunches what was sent evenly.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.pacing import Window
from bot.slack import limits
from bot.slack.wire import outbox_id_of
from tests.slack_check import check_message, check_unfurl, check_view
from tests.slack_faults import Fault, slowly
from tests.slack_files import Files

Answer = Mapping[str, Any]


@dataclass
class SlackServer:
    """Workspaces by their tokens (``xoxb-T1`` is that of T1), and what was posted there."""

    scale: float = 1.0
    checks: bool = True
    clock: Callable[[], float] = time.monotonic
    url: str = ""
    script: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    dice: Callable[[str], Fault | None] = lambda method: None
    channels: dict[str, str] = field(default_factory=dict)
    """What is wrong with a channel or a user, by their id."""
    people: frozenset[str] = frozenset()
    """Who may be mentioned."""
    history: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    ephemerals: list[dict[str, Any]] = field(default_factory=list)
    responses: list[dict[str, Any]] = field(default_factory=list)
    homes: dict[str, Any] = field(default_factory=dict)
    unfurls: list[dict[str, Any]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    overrun: Counter[str] = field(default_factory=Counter)
    files: Files = field(default_factory=Files)
    wrong: list[str] = field(default_factory=list)
    """What Slack would not have taken: must stay empty."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._paused: dict[str, float] = {}
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def posted(self, team: str, channel: str) -> list[dict[str, Any]]:
        """What stands in a channel, oldest first."""
        return self.history[team, channel]

    def deliveries(self) -> Counter[int | None]:
        """How often each row of the outbox was posted."""
        return Counter(outbox_id_of(message) for messages in self.history.values() for message in messages)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call of a method."""
        method = request.match_info["method"]
        team = request.headers.get("Authorization", "").removeprefix("Bearer xoxb-")
        asked = await _asked(request)
        self.calls[method] += 1
        if (waits := self._waits(method, team, asked)) is not None:
            return self._limited(*waits)
        fault = self.script[method].pop(0) if self.script[method] else self.dice(method)
        if fault is not None and not fault.after:
            return await self._fail(request, fault, method, team, asked)
        answer = self._do(method, team, asked)
        if fault is not None:
            return await self._fail(request, fault, method, team, asked, answer)
        return web.json_response(answer)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """A change of a message that only one person sees, at the address that came with a press."""
        said = await request.json()
        self.calls["response_url"] += 1
        fault = self.script["response_url"].pop(0) if self.script["response_url"] else None
        if fault is not None:
            return web.Response(status=int(fault.kind), text="expired_url")
        if "blocks" in said:
            self._check(check_message, said)
        self.responses.append({"url": request.path, **said})
        return web.Response(text="ok")

    # -- limits

    def ask(self, method: str, team: str, asked: Answer) -> tuple[str, float] | None:
        """Whether it is limited, as ``handle`` finds it: by which error, and for how many seconds. For who needs no
        socket."""
        if (waits := self._waits(method, team, asked)) is None:
            fault = self.dice(method)
            if fault is None:
                return None
            waits = fault.kind, self._pause(fault, method, team, asked)
        self.refused[waits[0]] += 1
        return waits

    def _waits(self, method: str, team: str, asked: Answer) -> tuple[str, float] | None:
        """What keeps it from being done now, and for how many seconds; else it counts."""
        keys = {f"{team}/{method}": counted(method)}
        if method == "chat.postMessage":
            keys[f"{team}/{asked.get('channel')}"] = limits.CHANNEL
        moment = self.clock()
        for key, windows in keys.items():
            free = max(self._paused.get(key, 0.0), self._free(key, windows))
            if free > moment:
                if self._paused.get(key, 0.0) <= moment:
                    self.overrun[key] += 1
                return ("ratelimited" if key.endswith(method) else "rate_limited"), free - moment
        for key in keys:
            self._seen[key].append(moment)
        return None

    def _free(self, key: str, windows: tuple[Window, ...]) -> float:
        seen = self._seen[key]
        taken = [(most + max(1, most // 10), seconds / self.scale) for most, seconds in windows]
        while len(seen) > max(most for most, _ in taken):
            seen.popleft()
        waits = [seen[-most] + seconds for most, seconds in taken if len(seen) >= most]
        return max(waits, default=0.0)

    def _limited(self, error: str, seconds: float) -> web.Response:
        self.refused[error] += 1
        headers = {"Retry-After": f"{seconds:.4f}"}
        return web.json_response({"ok": False, "error": error}, status=429, headers=headers)

    # -- faults

    async def _fail(
        self, request: web.Request, fault: Fault, method: str, team: str, asked: Answer, answer: Any = None
    ) -> web.StreamResponse:
        seconds = fault.seconds / self.scale
        match fault.kind:
            case "ratelimited" | "rate_limited":
                return self._limited(fault.kind, self._pause(fault, method, team, asked))
            case "dropped":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "slow":
                return await slowly(request, answer or {"ok": False, "error": "fatal_error"}, seconds)
            case "garbled":
                return web.Response(text="<html>", content_type="application/json")
        if fault.kind.isdecimal():
            return web.Response(status=int(fault.kind), text="upstream connect error", content_type="text/html")
        return web.json_response({"ok": False, "error": fault.kind})

    def _pause(self, fault: Fault, method: str, team: str, asked: Answer) -> float:
        """For how many seconds. What was refused does not count."""
        key = f"{team}/{method if fault.kind == 'ratelimited' else asked.get('channel')}"
        self._paused[key] = max(self._paused.get(key, 0.0), self.clock() + fault.seconds / self.scale)
        for key in (f"{team}/{method}", f"{team}/{asked.get('channel')}"):
            if self._seen.get(key):
                self._seen[key].pop()
        return fault.seconds / self.scale

    # -- what it does

    def _do(self, method: str, team: str, asked: Answer) -> dict[str, Any]:
        target = str(asked.get("channel") or asked.get("user_id") or asked.get("users") or "")
        if not team.startswith("T"):
            return {"ok": False, "error": "invalid_auth"}
        if target in self.channels:
            return {"ok": False, "error": self.channels[target]}
        if (found := self.files.do(method, asked)) is not None:
            return {"ok": True, **found}
        if (wrong := self.files.shown(asked.get("blocks") or [])) is not None:
            return {"ok": False, "error": wrong}
        act = {
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.unfurl": self._unfurl,
            "views.publish": self._publish,
            "conversations.open": self._open,
            "conversations.history": self._history,
            "conversations.replies": self._history,
        }.get(method)
        return {"ok": True, **act(team, asked)} if act else {"ok": False, "error": "unknown_method"}

    def _ts(self) -> str:
        return f"{time.time():.0f}.{next(self._numbers):06}"

    def _post(self, team: str, asked: Answer) -> dict[str, Any]:
        self._check(check_message, asked)
        if asked.get("unfurl_links") is not False or asked.get("unfurl_media") is not False:
            self.wrong.append("links would be unfurled")
        channel = _channel(str(asked["channel"]))
        message = {**asked, "channel": channel, "ts": self._ts()}
        self.history[team, channel].append(message)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _post_ephemeral(self, team: str, asked: Answer) -> dict[str, Any]:
        self._check(check_message, asked)
        if "metadata" in asked:
            self.wrong.append("metadata with what is not kept")
        self.ephemerals.append({**asked, "ts": self._ts()})
        return {"message_ts": self.ephemerals[-1]["ts"]}

    def _update(self, team: str, asked: Answer) -> dict[str, Any]:
        self._check(check_message, asked)
        for message in self.history[team, str(asked["channel"])]:
            if message["ts"] == asked["ts"]:
                message.update(text=asked["text"], blocks=asked["blocks"], edited=True)
                return {"channel": asked["channel"], "ts": asked["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def _delete(self, team: str, asked: Answer) -> dict[str, Any]:
        messages = self.history[team, str(asked["channel"])]
        kept = [message for message in messages if message["ts"] != asked["ts"]]
        if len(kept) == len(messages):
            return {"ok": False, "error": "message_not_found"}
        self.history[team, str(asked["channel"])] = kept
        return {}

    def _unfurl(self, team: str, asked: Answer) -> dict[str, Any]:
        for shown in asked["unfurls"].values():
            self._check(check_unfurl, shown)
        self.unfurls.append(dict(asked))
        return {}

    def _publish(self, team: str, asked: Answer) -> dict[str, Any]:
        self._check(check_view, asked["view"])
        self.homes[str(asked["user_id"])] = asked["view"]
        return {"view": {"id": f"V{asked['user_id']}"}}

    def _open(self, team: str, asked: Answer) -> dict[str, Any]:
        return {"channel": {"id": _channel(str(asked["users"]))}}

    def _history(self, team: str, asked: Answer) -> dict[str, Any]:
        thread = asked.get("ts")
        found = [
            message
            for message in self.history[team, str(asked["channel"])]
            if message.get("thread_ts") == thread and float(message["ts"]) >= float(asked.get("oldest") or 0)
        ]
        if asked.get("include_all_metadata") not in ("1", "true", True):
            found = [{key: value for key, value in message.items() if key != "metadata"} for message in found]
        begin, size = int(asked.get("cursor") or 0), int(asked.get("limit") or 100)
        cursor = str(begin + size) if begin + size < len(found) else ""
        return {"messages": found[begin : begin + size], "response_metadata": {"next_cursor": cursor}}

    def _check(self, check: Callable[..., None], data: Answer) -> None:
        if not self.checks:
            return
        try:
            check(data, self.people)
        except AssertionError as error:
            self.wrong.append(str(error))


def counted(method: str) -> tuple[Window, ...]:
    """By what Slack counts a method: seconds and minutes, however evenly we send."""
    return tuple(window for window in limits.METHODS.get(method, (Window(20, 60.0),)) if window.seconds >= 1)


def _channel(target: str) -> str:
    """The channel of somebody's own chat."""
    return f"D{target[1:]}" if target[:1] in "UW" else target


async def _asked(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(await request.json())
    return dict(await request.post())


@asynccontextmanager
async def serving(server: SlackServer) -> AsyncIterator[SlackServer]:
    """Serve it."""
    app = web.Application(client_max_size=4 * 2**20)
    app.add_routes([web.route("*", "/api/{method}", server.handle), web.post("/actions/{id}", server.respond),
                    web.post("/upload/{id}", server.files.take)])  # fmt: skip
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = server.files.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()
