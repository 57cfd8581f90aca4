"""What other programs read by an address that nobody can guess, without a session: calendars, and the like.

It is cheap to be asked often: who has the newest gets no more than that, and an address that is asked for all the time
is answered only so often. Nothing that is logged or refused says an address.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict

from aiohttp import web

from bot.router import Document, Feed
from bot.runtime import Runtime
from models.base import now, reading

OFTEN = 30  # times a minute, for one address
_MISSES = 120  # a minute, of addresses that are nobody's
_REMEMBERED = 10_000
_MINUTE = 60
_MISSING, _BUSY = "There is nothing at this address any more.", "This was asked for too often. Ask again in a minute."


class Feeds:
    """``/feeds/{secret}/{name}``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._times = Times()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The document; 304 to whoever has it, 404 where there is none, 429 to whoever asks all the time."""
        secret, name = request.match_info["secret"], request.match_info["name"]
        found = self._runtime.router.feeds.get(name)
        if found is None:
            raise web.HTTPNotFound(text=_MISSING)
        if not self._times.may(secret):
            raise web.HTTPTooManyRequests(text=_BUSY, headers={"Retry-After": str(_MINUTE)})
        known = {tag.value for tag in request.if_none_match or ()}
        response = await asyncio.to_thread(self._made, secret, found, known)
        self._times.was(secret, there=response is not None)
        if response is None:
            raise web.HTTPNotFound(text=_MISSING)
        response.headers["Content-Disposition"] = f'inline; filename="{name}"'
        return response

    def _made(self, secret: str, found: tuple[str, Feed], known: set[str]) -> web.Response | None:
        media_type, feed = found
        with reading() as session:
            document = feed(session, secret, self._runtime.settings.public_url)
            return None if document is None else _response(document, media_type, known)


def _response(document: Document, media_type: str, known: set[str]) -> web.Response:
    if document.version in known:
        response = web.Response(status=304)
    else:
        response = web.Response(text=document.make(), content_type=media_type, charset="utf-8")
    response.etag = document.version
    return response


class Times:
    """How often each address was asked for in this minute; they are known by their hashes."""

    def __init__(self) -> None:
        self._asked: OrderedDict[bytes, tuple[int, int]] = OrderedDict()
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._missed = (0, 0)

    def may(self, secret: str) -> bool:
        """Whether this address may be asked for now. One that was good before is answered however many others are
        tried."""
        key, minute = _key(secret), self._minute()
        began, times = self._asked.pop(key, (minute, 0))
        times = times + 1 if began == minute else 1
        self._asked[key] = (minute, times)
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        guessing = self._missed[0] == minute and self._missed[1] >= _MISSES
        return times <= OFTEN and (key in self._good or not guessing)

    def was(self, secret: str, there: bool) -> None:
        """What came of it."""
        key, minute = _key(secret), self._minute()
        if there:
            self._good.pop(key, None)
            self._good[key] = None
            if len(self._good) > _REMEMBERED:
                self._good.popitem(last=False)
            return
        self._good.pop(key, None)
        self._missed = (minute, self._missed[1] + 1 if self._missed[0] == minute else 1)

    def _minute(self) -> int:
        return int(now().timestamp()) // _MINUTE


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
