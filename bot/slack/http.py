"""Slack over HTTP: events, interactivity and commands arrive at one signed address."""

from __future__ import annotations

from typing import Any

import psycopg
import structlog
from aiohttp import web

from bot.slack.decoding import decoded
from bot.slack.inlet import Inlet
from bot.slack.signature import is_signed, stamp_of

log = structlog.get_logger(__name__)
PATH = "/slack/events"
LARGEST = 2 * 1024 * 1024  # bytes: a message of 40,000 characters, escaped, changed, with blocks, is half of that


class Receiver:
    """Serves ``PATH``."""

    def __init__(self, inlet: Inlet, signing_secret: str) -> None:
        self._inlet = inlet
        self._secret = signing_secret.encode()

    def routes(self) -> list[web.RouteDef]:
        """The one address."""
        return [web.post(PATH, self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """Answer as soon as it is kept: Slack waits three seconds, and sends again what was not taken."""
        stamp = stamp_of(request.headers)
        if stamp is None:
            return web.Response(status=401)
        if (request.content_length or 0) > LARGEST:
            return web.Response(status=413)
        body = await request.read()
        if not is_signed(self._secret, stamp, body, request.headers):
            return web.Response(status=401)
        try:
            payload = decoded(request.content_type, body)
        except ValueError:
            return web.Response(status=400)
        return await self._take(payload)

    async def _take(self, payload: dict[str, Any]) -> web.Response:
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": str(payload.get("challenge"))})
        try:
            answer = await self._inlet.take(payload)
        except (psycopg.DataError, TypeError) as error:  # nobody can keep it, however often it comes
            log.error("cannot be kept", error=type(error).__name__)
            return web.Response(status=400)
        except psycopg.Error as error:
            log.warning("not captured", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response() if answer is None else web.json_response(answer)
