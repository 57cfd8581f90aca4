"""Live updates: a WebSocket for each open tab, woken when a message changed, whichever process changed it.

WebSockets rather than server-sent events: a browser opens at most six connections to a server over HTTP/1.1, event
streams included, and here every tab is another person. A tab says what it has seen and gets what is above.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import orjson
import structlog
from aiohttp import WSCloseCode, web

from bot.runtime import Runtime
from bot.web import lookup
from bot.web.guard import is_same_site
from bot.web.store import latest_change
from bot.web.views import Viewer, as_changes, place_for
from models.base import reading

log = structlog.get_logger(__name__)
_LOOK = 20.0
"""Seconds after which a tab looks even if nothing woke it: a wake-up is a hint."""
_MOST = 200


class Hub:
    """The open tabs of this process."""

    def __init__(self, runtime: Runtime) -> None:
        self._router = runtime.router
        self._public_url = runtime.settings.public_url
        self._tabs: dict[web.WebSocketResponse, asyncio.Event] = {}

    def wake(self, _: str) -> None:
        """A message has changed."""
        for event in self._tabs.values():
            event.set()

    async def close(self) -> None:
        """Let every tab go; they come back when there is a server again."""
        for tab in list(self._tabs):
            await tab.close(code=WSCloseCode.GOING_AWAY)

    async def follow(self, request: web.Request, viewer: Viewer) -> web.WebSocketResponse:
        """Send what changes to one tab, until it closes."""
        if not is_same_site(request, self._public_url):
            raise web.HTTPForbidden(text="This request came from another site.")
        tab = web.WebSocketResponse(heartbeat=30, max_msg_size=4096)
        await tab.prepare(request)
        event = self._tabs[tab] = asyncio.Event()
        closing = asyncio.create_task(_until_closed(tab, event))
        try:
            await self._send_changes(tab, event, request, viewer)
        except ConnectionError:
            pass
        except Exception as error:  # the tab comes back and asks again for what it has not seen
            log.error("tab dropped", exc_info=error)
            await tab.close(code=WSCloseCode.INTERNAL_ERROR)
        finally:
            del self._tabs[tab]
            closing.cancel()
        return tab

    async def _send_changes(
        self, tab: web.WebSocketResponse, event: asyncio.Event, request: web.Request, viewer: Viewer
    ) -> None:
        since = lookup.number(request.query.get("since"))
        looking_at = request.query.get("in")
        while not tab.closed:
            event.clear()
            news = await asyncio.to_thread(self.news, viewer, since, looking_at)
            since = news["seq"]
            if news["changes"]:
                await tab.send_str(orjson.dumps(news).decode())
            if not news["more"]:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK):
                        await event.wait()

    def news(self, viewer: Viewer, since: int, looking_at: str | None) -> dict[str, Any]:
        """What changed for ``viewer`` after the change ``since``, in the language of the browser's script."""
        with reading() as session:
            newest = latest_change(session)
            keys = {place.key for place in lookup.places(session, viewer.person, viewer.installation)}
            if looking_at and place_for(session, viewer, looking_at) is not None:
                keys.add(looking_at)
            messages = lookup.changed(session, viewer.person, viewer.installation, keys, since, _MOST)
            more = len(messages) == _MOST
            seq = messages[-1].changed if more else max([newest, since, *(m.changed for m in messages[-1:])])
            return {
                "seq": seq,
                "more": more,
                "changes": as_changes(session, viewer, self._router, messages, looking_at, seq),
                "unread": lookup.unread(session, viewer.person, viewer.installation, keys),
            }


async def _until_closed(tab: web.WebSocketResponse, event: asyncio.Event) -> None:
    """Read, which answers the browser's pings and notices that it left; what it says is of no interest."""
    async for _ in tab:
        pass
    event.set()
