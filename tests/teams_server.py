"""The other side of the Bot Connector's API, on a real socket: it keeps what it is sent, holds to Teams' limits, and
fails in every way that a test asks for. And of Microsoft Graph, what installs an app.

Time runs ``scale`` times faster for its limits.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

Json = dict[str, Any]
CONVERSATION = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
TENANT = ((50, 1.0),)


@dataclass
class Message:
    """A message as it stands, and what each of its edits made of it."""

    id: str
    conversation: str
    activity: Json

    @property
    def card(self) -> Json:
        """Its Adaptive Card."""
        content: Json = self.activity["attachments"][0]["content"]
        return content


@dataclass
class TeamsServer:
    """``faults`` are used up one by one by the sends to a conversation (``*``: to any): a status, a status with a code
    (``"403 MessageWritesBlocked"``), ``lost`` (done, but no answer comes), ``cut`` (neither done nor answered)."""

    scale: float = 1.0
    limited: bool = False
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    messages: dict[str, Message] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    requests: list[tuple[str, str, Json]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    without_app: set[str] = field(default_factory=set)
    installs: list[Json] = field(default_factory=list)
    may_install: bool = True
    refused: int = 0
    server: TestServer = field(init=False)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1_700_000_000_000))
    _sent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    async def __aenter__(self) -> TeamsServer:
        app = web.Application(client_max_size=2**20)
        app.add_routes(
            [
                web.post("/v3/conversations", self._create),
                web.post("/v3/conversations/{conversation}/activities", self._send),
                web.put("/v3/conversations/{conversation}/activities/{id}", self._update),
                web.delete("/v3/conversations/{conversation}/activities/{id}", self._delete),
                web.get("/v3/conversations/{conversation}/members/{id}", self._member),
                web.get("/v3/attachments/{id}", self._picture),
                web.post("/v1.0/users/{user}/teamwork/installedApps", self._install),
            ]
        )
        self.server = TestServer(app)
        await self.server.start_server(access_log=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.close()

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.server.make_url("/"))

    def standing(self, conversation: str) -> list[Message]:
        """What stands in a conversation."""
        return [message for message in self.messages.values() if message.conversation == conversation]

    async def _send(self, request: web.Request) -> web.StreamResponse:
        conversation = unquote(request.match_info["conversation"])
        body = await self._heard(request)
        if (refusal := self._refusal(conversation)) is not None:
            return refusal
        is_sign = body.get("type") == "typing"  # comes where the machine is slow, and is no message
        fault = self._fault("*" if is_sign else conversation)
        if fault not in (None, "lost"):
            return await self._failing(request, str(fault))
        message = Message(str(next(self._ids)), conversation, body)
        if not is_sign:
            self.messages[message.id] = message
        if fault == "lost":
            return await self._failing(request, "cut")
        if body.get("text") and body.get("attachments"):  # they become two messages, and no id is told
            return web.Response(status=202)
        return web.json_response({"id": message.id}, status=201)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        body = await self._heard(request)
        conversation = unquote(request.match_info["conversation"])
        if (fault := self._fault(conversation)) is not None:
            return await self._failing(request, fault)
        message = self.messages.get(request.match_info["id"])
        if message is None or message.conversation.partition(";")[0] != conversation:
            return _problem(404, "ActivityNotFoundInConversation")
        message.activity = body
        return web.json_response({"id": message.id})

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        await self._heard(request)
        if self.messages.pop(request.match_info["id"], None) is None:
            return _problem(404, "ActivityNotFoundInConversation")
        self.deleted.append(request.match_info["id"])
        return web.Response()

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await self._heard(request)
        member = body["members"][0]["id"]
        if (fault := self._fault(member)) is not None:
            return await self._failing(request, fault)
        if member in self.without_app:
            return _problem(403, "BotNotInConversationRoster")
        return web.json_response({"id": f"a:{member}"}, status=201)

    async def _member(self, request: web.Request) -> web.StreamResponse:
        await self._heard(request)
        member = unquote(request.match_info["id"])
        return web.json_response({"id": member, "name": "Mona"}) if member != "nobody" else _problem(404, "NotFound")

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x89PNG\r\n\x1a\n" + b"x" * 100)

    async def _install(self, request: web.Request) -> web.StreamResponse:
        body = await self._heard(request)
        if not self.may_install:
            return _problem(403, "Forbidden")
        self.installs.append(body)
        self.without_app.discard(request.match_info["user"])
        return web.Response(status=201)

    async def _heard(self, request: web.Request) -> Json:
        raw = await request.read()
        body: Json = orjson.loads(raw) if raw else {}
        self.requests.append((request.method, unquote(request.raw_path), body))
        self.tokens.add(request.headers.get("Authorization", ""))
        return body

    def _fault(self, conversation: str) -> str | None:
        for key in (conversation, conversation.partition(";")[0], "*"):
            if self.faults.get(key):
                return self.faults[key].pop(0)
        return None

    async def _failing(self, request: web.Request, fault: str) -> web.StreamResponse:
        if fault in ("cut", "lost"):
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(0)
        status, _, code = fault.partition(" ")
        return _problem(int(status) if status.isdigit() else 500, code or "ServiceError")

    def _refusal(self, conversation: str) -> web.Response | None:
        """429 where a limit is passed; what is refused counts for nothing."""
        if not self.limited:
            return None
        moment = time.monotonic()
        limits = ((conversation.partition(";")[0], CONVERSATION), ("", TENANT))
        waits = [
            self._wait(key, most, seconds / self.scale, moment) for key, windows in limits for most, seconds in windows
        ]
        if max(waits) > 0:
            self.refused += 1
            return web.json_response({"error": {"code": "TooManyRequests"}}, status=429,
                                     headers={"Retry-After": f"{max(waits):.2f}"})  # fmt: skip
        for key, _ in limits:
            self._sent[key].append(moment)
        return None

    def _wait(self, key: str, most: int, seconds: float, moment: float) -> float:
        within = [at for at in self._sent[key] if at > moment - seconds]
        return within[-most] + seconds - moment if len(within) >= most else 0.0


def _problem(status: int, code: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": "As the test wants it."}}, status=status)
