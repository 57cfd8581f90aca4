"""Where programs ask for something: ``POST /hooks/KEY``, signed. Each request is an event that is captured once by its
id, handled in-band, and answered with what came of it; the same one again gets the same answer.

An unknown address, one that is turned off, and a wrong signature look alike from outside.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any, NamedTuple

import psycopg
import structlog
from aiohttp import web
from sqlalchemy import select

from bot.cards import Reply
from bot.held import look
from bot.hooks import asked, signing
from bot.inbound import Inbound
from bot.inbox import Captured, Event
from bot.pacing import Pace, Window
from bot.runtime import Runtime
from bot.texts import Reader, say
from models.base import now, reading
from models.hooks import life
from models.hooks.tables import INCOMING, Hook
from models.mail import FAILED

log = structlog.get_logger(__name__)
PATH = "/hooks/{key}"
MOST_BYTES = 64 * 1024
WINDOW = Window(60, 60.0)
"""Requests of one webhook."""
MISSING, CONFLICT = "missing", "conflict"
"""What a refusal names as its field where there is no such task, or it is in a state that does not allow it."""
_KEY = re.compile(r"[A-Za-z0-9_-]{32}")
_STATUS = {MISSING: 404, CONFLICT: 409}
_ENGLISH = Reader("en")
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_NO_HOOK = (401, "There is no webhook here, or the signature is not its own.")


class _Known(NamedTuple):
    """A webhook that may ask."""

    id: int
    keys: list[bytes]


class _Answered(Exception):
    """There is no more to do than to answer so."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.response = _errors(status, [("", message)], headers)


class Endpoint:
    """Serves ``PATH``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[web.AbstractRouteDef]:
        """The one address."""
        return [web.post(PATH, self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """What came of what a program asks for."""
        try:
            id, hook, body = await self._signed(request)
            self._pace(hook)
            kind, values = asked.read(body)
            return await self._take(Event(life.PLATFORM, life.PLATFORM, str(hook.id), "form", id,
                                          _inbound(hook.id, kind, values, body).to_json(), now=True))  # fmt: skip
        except _Answered as answered:
            return answered.response
        except asked.Malformed as malformed:
            return _errors(422, malformed.problems)
        except ValueError:
            return _errors(400, [("", "This is not a JSON object in UTF-8.")])
        except psycopg.Error as error:
            log.warning("not captured", error=type(error).__name__)
            return _errors(503, [("", "It was not taken. Send it again in a moment.")], {"Retry-After": "5"})

    async def _signed(self, request: web.Request) -> tuple[str, _Known, bytes]:
        """The id of the request, whose it is, and what it says. What is surely wrong costs nothing to find out."""
        moment, key = now().timestamp(), request.match_info["key"]
        try:
            signing.plausible(request.headers, moment)
        except signing.NotSigned:
            raise _Answered(*_NO_HOOK) from None
        if request.content_type != "application/json" or request.headers.get("Content-Encoding"):
            raise _Answered(415, "Send application/json, not compressed.")
        body = await _body(request)
        hook = await asyncio.to_thread(_known, key) if _KEY.fullmatch(key) else None
        try:
            id = signing.verify(hook.keys if hook else [], request.headers, body, moment)
        except signing.NotSigned:
            raise _Answered(*_NO_HOOK) from None
        assert hook is not None  # without keys nothing is signed
        return id, hook, body

    def _pace(self, hook: _Known) -> None:
        slot = self._runtime.pacing.slot((Pace(f"hook:in:{hook.id}", (WINDOW,)),), hold=0.0)
        if not slot.given:
            seconds = max(1, round(slot.at - self._runtime.pacing.clock()))
            raise _Answered(429, f"At most {WINDOW.most} requests a minute.", **{"Retry-After": str(seconds)})

    async def _take(self, event: Event) -> web.Response:
        captured = await self._runtime.inbox.capture(event)
        if not captured.fresh and not await asyncio.to_thread(_is_same, captured, event):
            raise _Answered(409, "Something else was sent with this webhook-id.")
        reply = await self._runtime.dispatcher.handle_now(captured)
        if reply.errors:
            return _refused(reply)
        if reply.open:
            number = int(reply.open.rpartition("/")[2])
            return _json(200, {"id": number, "url": self._runtime.settings.public_url + reply.open})
        failed = await asyncio.to_thread(_failed, captured)
        if failed:
            return _errors(500, [("", say(reply.notice, _ENGLISH))])
        return _json(202, {})  # it is being handled, later than anybody waits


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > MOST_BYTES:
            raise _Answered(413, f"At most {MOST_BYTES} bytes.")
    return bytes(body)


def _known(key: str) -> _Known | None:
    with reading() as session:
        wanted = (Hook.key == key) & (Hook.direction == INCOMING) & Hook.active
        hook = session.scalars(select(Hook).where(wanted)).one_or_none()
        return _Known(hook.id, life.keys(hook)) if hook is not None else None


def _inbound(hook: int, kind: str, values: dict[str, Any], body: bytes) -> Inbound:
    told = {**values, "digest": hashlib.sha256(body).hexdigest()}
    return Inbound(life.PLATFORM, life.PLATFORM, str(hook), "form", route=f"hooks.{kind}", id=hook, values=told)


def _is_same(captured: Captured, event: Event) -> bool:
    """Whether what was captured under this id before says the same, as far as that is still known."""
    with reading() as session:
        payload = look(session, captured).payload
    return payload is None or payload["values"].get("digest") == event.payload["values"]["digest"]


def _failed(captured: Captured) -> bool:
    with reading() as session:
        return bool(look(session, captured).state == FAILED)


def _refused(reply: Reply) -> web.Response:
    problems = [(name, say(words, _ENGLISH)) for name, words in reply.errors.items()]
    return _errors(next((_STATUS[name] for name, _ in problems if name in _STATUS), 422), problems)


def _errors(status: int, problems: list[tuple[str, str]], headers: dict[str, str] | None = None) -> web.Response:
    errors = [{"field": field, "message": message} if field and field not in _STATUS else {"message": message}
              for field, message in problems]  # fmt: skip
    return _json(status, {"errors": errors}, headers)


def _json(status: int, data: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(data, status=status, headers={**_HEADERS, **(headers or {})})
