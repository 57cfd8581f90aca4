"""The keys of whoever signs what comes from Teams: fetched beside the requests, never by one of them.

They are looked at once an hour. A key that nobody knows yet (keys roll over) is waited for: it makes the fetcher look
at once, but no more than once in ``PAUSE`` seconds however many ask.
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt
import orjson
import structlog

log = structlog.get_logger(__name__)
EVERY = 3600.0  # seconds
PAUSE = 3.0
PATIENCE = 4.0
"""How long a request waits for a key that is not known yet: an invoke is to be answered within five seconds."""
DEADLINE = 10.0
_MOST_BYTES = 1024 * 1024
_MOST_KEYS = 200
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Key:
    """A public key, and the channels that it may sign for (none said: any)."""

    public: Any
    endorsements: frozenset[str]


class KeyRing:
    """The keys that are published at ``url``, and who issues tokens with them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.pause = PAUSE
        self._keys: dict[str, Key] = {}
        self._wanted = asyncio.Event()
        self._looked = asyncio.Condition()
        self._begun = self._ended = 0
        self._task: asyncio.Task[None] | None = None
        self.issuer: str | None = None

    def start(self) -> None:
        """Begin to fetch; call from the event loop. Whether anything is there is found out beside it."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="teams keys")

    async def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def put(self, published: list[Any]) -> bool:
        """Keep these keys, in the form in which they are published; whether any can be used."""
        if not (keys := _read(published)):
            return False
        if keys.keys() != self._keys.keys():
            log.info("keys of Teams", count=len(keys))
        self._keys = keys
        return True

    def known(self, kid: str) -> Key | None:
        """The key of this name, if it is here."""
        return self._keys.get(kid)

    async def get(self, kid: str) -> Key | None:
        """The key of this name; waits a little for one that is not known yet."""
        if kid in self._keys:
            return self._keys[kid]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._look_again()
        return self._keys.get(kid)

    async def _look_again(self) -> None:
        """Wait for the end of a look that begins after now."""
        self.start()
        async with self._looked:
            enough = self._begun + 1
            self._wanted.set()
            await self._looked.wait_for(lambda: self._ended >= enough)

    async def _run(self) -> None:
        wait = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wanted.wait()
            self._wanted.clear()
            started = time.monotonic()
            self._begun += 1
            wait = EVERY if await self._look() else min(60.0, max(self.pause, wait * 2))
            async with self._looked:
                self._ended = self._begun
                self._looked.notify_all()
            await asyncio.sleep(max(0.0, started + self.pause - time.monotonic()))

    async def _look(self) -> bool:
        """Fetch the keys; what cannot be had leaves those that are known."""
        try:
            async with asyncio.timeout(DEADLINE), aiohttp.ClientSession() as http:
                metadata = await _json(http, self._url)
                found = self.put((await _json(http, _address(metadata.get("jwks_uri"))))["keys"])
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("keys of Teams cannot be fetched", error=type(error).__name__, known=len(self._keys))
            return False
        if not found:
            log.warning("keys of Teams cannot be fetched", error="there are none", known=len(self._keys))
            return False
        issuer = metadata.get("issuer")
        self.issuer = issuer if isinstance(issuer, str) else None
        return True


async def _json(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """The object at ``url``; ``ValueError`` where there is something else, or too much."""
    async with http.get(url, allow_redirects=False) as response:
        response.raise_for_status()
        body = await response.content.read(_MOST_BYTES)
        if response.status != 200 or not response.content.at_eof():
            raise ValueError("not what was expected")
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _address(url: Any) -> str:
    """Where the keys are: encrypted on their way, unless they stay on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("not an https address")
    return str(url)


def _read(keys: list[Any]) -> dict[str, Key]:
    """The RSA keys by name; what is no such key is left out."""
    found: dict[str, Key] = {}
    for each in keys[:_MOST_KEYS]:
        with contextlib.suppress(jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError):
            kid = each["kid"]
            if each.get("kty") == "RSA" and each.get("use", "sig") == "sig" and isinstance(kid, str):
                public = jwt.PyJWK(each, algorithm="RS256").key
                found[kid] = Key(public, frozenset(filter(_is_text, each.get("endorsements") or ())))
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
