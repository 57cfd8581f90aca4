"""The Bot Connector's REST API, by which a bot writes into Teams.

botbuilder's own client is not used: it sends a message again by itself after a lost answer or a 5xx, also where the
first one has arrived, and works in threads of ``requests`` (docs/adr/the-teams-client.md).

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from __future__ import annotations

import asyncio
import math
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
import structlog
from yarl import URL

from bot.gateway import Throttled, Uncertain
from bot.teams.limits import AGAIN, AGAIN_AFTER
from bot.teams.tokens import BOT, NoToken, Tokens

log = structlog.get_logger(__name__)
WAIT = aiohttp.ClientTimeout(total=10.0, connect=5.0)  # seconds; the outbox cuts off after twelve
_IDLE = 15.0  # seconds that a connection is kept: less than the other side does, which would cut it during a request
_NO_TOKEN = 30.0  # seconds
_MOST = 8 * 1024 * 1024


class Refused(Exception):
    """Teams said no: the status of its answer, its own code, and its words."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(f"{status} {code}: {words}"[:300])
        self.status = status
        self.code = code


class Busy(Throttled):
    """Teams does not say when: the longer it lasts, the more seldom it is asked."""


class Conflict(Busy):
    """Teams was changing the same thing at that moment: it may be tried again, but not for ever."""


class Connector:
    """Calls of the API of any tenant. For one event loop."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close its connections."""
        if self._http is not None:
            await self._http.close()

    async def call(
        self, method: str, base: str, path: str, body: Any = None, *, resource: str = BOT, tenant: str | None = None
    ) -> Any:
        """What is answered, as JSON. ``Refused``; ``Throttled`` where nothing was done and it may be tried again;
        ``Uncertain`` where nobody knows whether it was done."""
        headers = {"Content-Type": "application/json"}
        try:
            token = await self._tokens.get(resource, tenant)
        except NoToken as reason:
            log.warning("no token", reason=str(reason))
            raise Throttled(_NO_TOKEN) from reason
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = orjson.dumps(body) if body is not None else None
        return await self._request(method, URL(f"{base.rstrip('/')}/{path}", encoded=True), data, headers, resource)

    async def _request(
        self, method: str, url: URL, data: bytes | None, headers: dict[str, str], resource: str
    ) -> Any:  # fmt: skip
        try:
            async with self._session().request(method, url, data=data, headers=headers, allow_redirects=False) as reply:
                said = await reply.content.read(_MOST)
                return self._answer(reply, said, resource)
        except aiohttp.ClientConnectorError as error:  # nothing was sent
            raise Busy(AGAIN_AFTER) from error
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise Uncertain(f"{type(error).__name__} at {method}") from error

    def _answer(self, reply: aiohttp.ClientResponse, said: bytes, resource: str) -> Any:
        status = reply.status
        if 200 <= status < 300:
            return _json(said)
        if status == 429:
            wait = retry_after(reply.headers.get("Retry-After"))
            raise Throttled(wait) if wait is not None else Busy(AGAIN_AFTER)
        if status == 412:
            raise Conflict(AGAIN_AFTER)
        if status in AGAIN:
            raise Busy(AGAIN_AFTER)
        if status == 401:
            self._tokens.forget(resource)
            raise Throttled(_NO_TOKEN)
        if status >= 500:
            raise Uncertain(f"Teams answered {status}")
        problem = _json(said)
        problem = problem.get("error", problem) if isinstance(problem, dict) else {}
        found = problem if isinstance(problem, dict) else {}
        raise Refused(status, str(found.get("code", ""))[:80], str(found.get("message", ""))[:200])

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            # A connection for each conversation that is written to at a time: the outbox says how many.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE)
            self._http = aiohttp.ClientSession(timeout=WAIT, connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._http


def retry_after(value: str | None) -> float | None:
    """The seconds to wait that a ``Retry-After`` says, if it does."""
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return min(600.0, max(0.1, seconds)) if math.isfinite(seconds) else None


def activities(external: str, thread: str | None = None, activity: str | None = None) -> str:
    """The path of the messages of a conversation, or of one of them."""
    conversation = f"{external};messageid={thread}" if thread else external
    path = f"v3/conversations/{quote(conversation, safe='')}/activities"
    return f"{path}/{quote(activity, safe='')}" if activity else path


def _json(said: bytes) -> Any:
    try:
        return orjson.loads(said) if said else {}
    except orjson.JSONDecodeError:
        return {}
