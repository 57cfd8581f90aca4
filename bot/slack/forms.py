"""Forms: opened while their trigger lives, and answered in-band when they are sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.cards import Reply, T
from bot.gateway import Undeliverable
from bot.inbound import Inbound
from bot.inbox import Captured
from bot.runtime import Runtime
from bot.slack import modal
from bot.slack.clients import Clients
from bot.slack.keeper import Keeper
from bot.slack.refill import refilled
from bot.slack.speaking import voice_of
from bot.slack.voice import Voice
from bot.slack.wire import Origin

log = structlog.get_logger(__name__)
IN_BAND = 2.2  # seconds: Slack waits three, and the way there and back is part of them
_WORKING = T("This takes a moment. The result will appear here.")
_SAID = T("I have answered in the chat.")
_DONE = T("Done.")
_TROUBLE = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError, Undeliverable)


class Forms:
    """What happens in modals."""

    def __init__(self, runtime: Runtime, clients: Clients, keeper: Keeper) -> None:
        self._runtime = runtime
        self._clients = clients
        self._keeper = keeper

    async def open(self, captured: Captured, heard: Inbound, payload: Mapping[str, Any]) -> None:
        """Open a view at once, and fill it with what the route answers. Where the trigger was too old, what it answers
        is said in the chat."""
        voice = await asyncio.to_thread(self._voice, heard, payload)
        reply, view = await asyncio.gather(
            self._runtime.dispatcher.handle_now(captured), self._loading(heard, payload, voice)
        )
        shown = await asyncio.to_thread(_view, reply, heard, voice)
        if view is None or not await self._update(heard, view, shown):
            await asyncio.to_thread(self._runtime.dispatcher.tell, heard, captured.correlation, reply)

    async def submit(
        self,
        captured: Captured,
        heard: Inbound,
        payload: Mapping[str, Any],
        keep: Callable[[asyncio.Future[Any]], None],
    ) -> dict[str, Any]:
        """What Slack is answered: errors by field, another view, or nothing more to do. ``keep`` takes what goes on
        after that."""
        view = payload["view"]
        handling = asyncio.ensure_future(self._runtime.dispatcher.handle_now(captured))
        voice = await asyncio.to_thread(self._voice, heard, payload)
        finished, _ = await asyncio.wait([handling], timeout=IN_BAND)
        if finished:
            return await asyncio.to_thread(_answer, handling.result(), heard, view, voice)
        keep(asyncio.ensure_future(self._late(handling, heard, view, voice, captured)))
        return {"response_action": "update", "view": modal.notice(_WORKING, voice)}

    async def _late(
        self, handling: asyncio.Future[Reply], heard: Inbound, view: Mapping[str, Any], voice: Voice, captured: Captured
    ) -> None:
        """The view said that it takes a moment: now it says what came of it. What was typed comes back with errors."""
        reply = await handling
        if reply.errors:
            shown = refilled(view, reply.errors, voice)
        else:
            shown = await asyncio.to_thread(_view, reply, heard, voice, _DONE)
        if not await self._update(heard, str(view.get("id")), shown):
            await asyncio.to_thread(self._runtime.dispatcher.tell, heard, captured.correlation, reply)

    def _voice(self, heard: Inbound, payload: Mapping[str, Any]) -> Voice:
        """How they are spoken to; and through which installation, should this be the first that is heard of theirs."""
        with contextlib.suppress(SQLAlchemyError):
            self._keeper.learn(payload, heard.installation)
        return voice_of(heard, self._runtime.settings.public_url)

    async def _loading(self, heard: Inbound, payload: Mapping[str, Any], voice: Voice) -> str | None:
        """The id of the view that was opened; ``None`` where that was not possible."""
        in_modal = (payload.get("view") or {}).get("type") == "modal"
        try:
            client = await self._clients.of(heard.installation)
            show = client.views_push if in_modal else client.views_open
            answer = await show(trigger_id=str(payload.get("trigger_id")), view=modal.loading(voice, _origin(heard)))
            return str(answer["view"]["id"])
        except _TROUBLE as error:
            log.warning("no view opened", error=_name(error))
            return None

    async def _update(self, heard: Inbound, view: str, shown: dict[str, Any]) -> bool:
        """Whether whoever waits has seen it, or wanted to see no more of it."""
        try:
            client = await self._clients.of(heard.installation)
            await client.views_update(view_id=view, view=shown)
        except _TROUBLE as error:
            log.warning("view not filled", error=_name(error))
            return _name(error) == "not_found"  # they closed it
        return True


def _origin(heard: Inbound) -> Origin:
    return Origin("", 0, heard.conversation, heard.thread, heard.message, heard.surface)


def _view(reply: Reply, heard: Inbound, voice: Voice, otherwise: T = _SAID) -> dict[str, Any]:
    """The view that shows ``reply``. A command's refusal is said in the chat already."""
    if reply.form is not None:
        return modal.form(reply.form, _origin(heard), voice)
    words = reply.notice or next(iter(reply.errors.values()), None)
    if words is None or heard.kind == "command":
        words = otherwise
    return modal.notice(words, voice, _origin(heard))


def _answer(reply: Reply, heard: Inbound, view: Mapping[str, Any], voice: Voice) -> dict[str, Any]:
    if reply.errors:
        return modal.errors(view, reply.errors, voice)
    if reply.form is not None or reply.notice is not None:
        return {"response_action": "update", "view": _view(reply, heard, voice)}
    return {"response_action": "clear"}


def _name(error: Exception) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
