"""Slack's side of what these tests need: a Web API that notes what it is asked, files, and sockets."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import WSMsgType, web

TOKEN = "xoxb-company"
ALL = "every-scope"
Answer = dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class FakeSlack:
    """``answers`` by method replace what it says; ``files`` by path are what it serves."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    scopes: str = ALL
    calls: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[tuple[str, str | None]] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: list[dict[str, Any]] = field(default_factory=list)

    @property
    def api(self) -> str:
        """What SLACK_API_URL is."""
        return f"{self.url}/api"

    async def call(self, request: web.Request) -> web.Response:
        """A method of the Web API."""
        method, asked = request.match_info["method"], await _asked(request)
        self.calls[method].append(asked)
        answer = self.answers.get(method, _USUAL.get(method, {}))
        said = answer(asked) if callable(answer) else answer
        if method == "apps.connections.open" and not said:
            said = {"url": self.url.replace("http", "ws") + "/socket"}
        status = said.get("status", 200)
        return web.json_response(
            {"ok": "error" not in said, **said}, status=status, headers={"x-oauth-scopes": self.scopes}
        )

    async def file(self, request: web.Request) -> web.Response:
        """A download."""
        self.fetched.append((request.path, request.headers.get("Authorization")))
        found = self.files.get(request.match_info["name"])
        return web.Response(status=404) if found is None else web.Response(body=found, content_type="image/png")

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """A connection of Socket Mode."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets)})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acknowledged.append(orjson.loads(message.data))
        return socket

    async def sends(self, payload: dict[str, Any], kind: str = "events_api", id: str = "e1", socket: int = -1) -> None:
        """Put an envelope on a connection."""
        await self.sockets[socket].send_json({"envelope_id": id, "type": kind, "payload": payload,
                                              "accepts_response_payload": kind != "events_api"})  # fmt: skip


_USUAL: dict[str, Answer] = {
    "auth.test": {"team_id": "T0COMPANY", "user_id": "U0AGORA", "bot_id": "B0AGORA", "team": "Company"},
    "views.open": {"view": {"id": "V0OPENED"}},
    "views.push": {"view": {"id": "V0PUSHED"}},
    "views.update": {"view": {"id": "V0OPENED"}},
    "views.publish": {"view": {"id": "V0HOME"}},
    "chat.postMessage": {"ts": "1763900000.000100", "channel": "D0MONA"},
    "chat.update": {"ts": "1763900000.000100"},
    "chat.postEphemeral": {"message_ts": "1763900000.000200"},
}


async def _asked(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    token = {"token": request.headers.get("Authorization", "").removeprefix("Bearer ")}
    if request.content_type == "application/json":
        return {**token, **orjson.loads(body or b"{}")}
    return {**token, **dict(request.query), **dict(parse_qsl(body.decode()))}


@asynccontextmanager
async def fake_slack() -> AsyncIterator[FakeSlack]:
    """A Slack on a port of its own."""
    slack = FakeSlack()
    app = web.Application()
    app.add_routes([web.route("*", "/api/{method}", slack.call), web.get("/files/{name}", slack.file),
                    web.get("/socket", slack.socket)])  # fmt: skip
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield slack
    finally:
        for socket in slack.sockets:
            await asyncio.wait_for(socket.close(), 1)
        await runner.cleanup()
