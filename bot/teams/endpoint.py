"""``POST /api/messages``: what happens in Teams arrives here, is verified, kept, and only then acknowledged.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

import psycopg
import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.runtime import Runtime
from bot.teams import events, settling
from bot.teams.activity import Activity, conversation, tenants, text
from bot.teams.auth import CHANNEL, NotAuthentic, Verifier, agrees
from bot.teams.invokes import Invokes
from bot.teams.patience import Patience
from bot.teams.reading import loaded
from bot.teams.references import References
from bot.web.guard import is_local, is_same_site

log = structlog.get_logger(__name__)
PATH = "/api/messages"
_LOCAL_CHANNELS = (CHANNEL, "emulator")
_RETRY_AFTER = "2"  # seconds


class Endpoint:
    """Takes what Teams sends. Without a ``verifier`` it is for the playground on this machine alone."""

    def __init__(
        self,
        runtime: Runtime,
        verifier: Verifier | None,
        invokes: Invokes,
        references: References,
        patience: Patience | None = None,
    ) -> None:
        self._runtime = runtime
        self._verifier = verifier
        self._invokes = invokes
        self._references = references
        self._patience = patience
        self._tenants: Collection[str] = frozenset(runtime.settings.teams_tenants)

    async def receive(self, request: web.Request) -> web.Response:
        """An activity. 401 for what is not from Teams, 403 for other tenants, 400 for what is no activity, 503 while
        nothing can be kept."""
        began = time.monotonic()
        activity = await self._authentic(request)
        try:
            await self._references.note(activity)
            await settling.press(activity)
            if text(activity, "type") == "invoke":
                return await self._invokes.answer(activity, began)
            await self._capture(activity)
        except psycopg.DataError as error:
            log.warning("cannot be kept", platform="teams", error=type(error).__name__)
            raise web.HTTPBadRequest(text="This cannot be kept.") from None
        except (SQLAlchemyError, psycopg.Error, OSError) as error:
            log.warning("not acknowledged", platform="teams", error=type(error).__name__)
            raise web.HTTPServiceUnavailable(headers={"Retry-After": _RETRY_AFTER}) from None
        return web.Response()

    async def _capture(self, activity: Activity) -> None:
        found = events.events(activity)
        if len(found) == 1:
            captured = await self._runtime.inbox.capture(found[0])
            if self._patience is not None and found[0].kind == "message":
                self._patience.ask(activity, captured)
        else:
            await asyncio.gather(*(self._runtime.inbox.capture(each) for each in found))

    async def _authentic(self, request: web.Request) -> Activity:
        """The activity of a request that may be believed."""
        if self._verifier is None:
            return await self._local(request)
        try:
            claims, key = await self._verifier.claims(request.headers.get("Authorization"))
            activity = await _activity(request)
            agrees(claims, key, activity)
        except NotAuthentic as error:
            log.warning("refused", platform="teams", reason=str(error))
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"}) from None
        named = tenants(activity)
        if not named or not named.issubset(self._tenants):
            log.warning("refused", platform="teams", reason="tenant", tenants=sorted(named))
            raise web.HTTPForbidden(text="This tenant is not let in.")
        return activity

    async def _local(self, request: web.Request) -> Activity:
        if not is_local(request) or not is_same_site(request, self._runtime.settings.public_url):
            raise web.HTTPNotFound
        activity = await _activity(request)
        if activity.get("channelId") not in _LOCAL_CHANNELS:
            raise web.HTTPBadRequest(text="This is not from the Teams playground.")
        return activity


async def _activity(request: web.Request) -> Activity:
    """The activity in a request: an object in JSON that says where it happened."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")
    try:
        activity = loaded(await request.read())
    except ValueError:
        raise web.HTTPBadRequest(text="This is not JSON.") from None
    if not isinstance(activity, dict) or conversation(activity) is None:
        raise web.HTTPBadRequest(text="This is not an activity.")
    return activity
