"""One request to somebody else's machine: to no address but one that is allowed, once, and never elsewhere.

Each request has connections of its own, resolves its name once, and looks at every address at the moment at which it
connects to it: a name that leads elsewhere a moment later (DNS rebinding) leads nowhere. No redirect is followed, no
proxy asked, no cookie kept; what comes back is not read beyond a little, and kept nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from bot.hooks import addresses

DEADLINE = 10.0
"""Seconds for all of it."""
INSIDE, LATE, CERTIFICATE, UNKNOWN, CLOSED, BROKEN = "inside", "late", "certificate", "unknown", "closed", "broken"
"""Why there was no answer: no address for webhooks, none in time, its certificate is not good, its name is not known,
it cannot be connected to, the connection broke off."""
_MOST_READ = 16 * 1024  # bytes of an answer
_POLITE = 1.0
"""Seconds in which an answer may be read, so that whoever gives it sees no broken connection."""
_LONGEST_WAIT = 3600.0


class NotAllowed(Exception):
    """The address leads where no webhook may go."""


class Unreached(Exception):
    """No answer, for one of the reasons above."""


class Answer(NamedTuple):
    """What came back: the status, and after how many seconds the other side wants to be asked again, if it says so."""

    status: int
    wait: float | None


async def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Post ``body``. ``NotAllowed``, or ``Unreached``."""
    guard = _Guard(URL(url).raw_host or "")
    if not addresses.may_be(guard.host.rstrip(".")):
        raise NotAllowed
    try:
        async with asyncio.timeout(DEADLINE):
            return await _post(url, headers, body, guard)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        if guard.refused:
            raise NotAllowed from error
        raise Unreached(_reason(error)) from error


async def _post(url: str, headers: Mapping[str, str], body: bytes, guard: _Guard) -> Answer:
    connector = aiohttp.TCPConnector(
        socket_factory=guard.socket, use_dns_cache=False, force_close=True, limit=1, resolver=aiohttp.ThreadedResolver()
    )
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
    ) as session:
        given = {"Content-Type": "application/json", "User-Agent": "Agora-Webhooks/1", **headers}
        async with session.post(URL(url, encoded=True), data=body, headers=given, allow_redirects=False) as answer:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):  # what it says is of no interest
                async with asyncio.timeout(_POLITE):
                    await answer.content.read(_MOST_READ)
            return Answer(answer.status, _wait(answer.headers.get("Retry-After", "")))


class _Guard:
    """Lets sockets be made only for addresses that ``host`` may be called at."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.refused = False

    def socket(self, info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        """A socket for the very address that it will be connected to. ``OSError``."""
        family, kind, protocol, _, where = info
        address = ip_address(str(where[0]).partition("%")[0])
        if not addresses.reachable(self.host.rstrip("."), address):
            self.refused = True
            raise OSError("not an address for webhooks")
        return socket.socket(family, kind, protocol)


def _wait(said: str) -> float | None:
    """RFC 9110, 10.2.3, in seconds; its dates are not read."""
    return min(float(said), _LONGEST_WAIT) if said.isascii() and said.isdecimal() and len(said) < 10 else None


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return LATE
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return CERTIFICATE
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UNKNOWN
    if isinstance(error, aiohttp.ClientConnectorError):
        return CLOSED
    return BROKEN
