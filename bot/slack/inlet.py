"""The one way in for all that Slack sends, by HTTP or through a socket: captured, then acknowledged, then handled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.slack.agent import Agent
from bot.slack.forms import Forms
from bot.slack.parse import event_of, opens, parse
from bot.slack.reading import Around, NotOurs

log = structlog.get_logger(__name__)
_STOPPING = 5.0  # seconds for what is under way


class Inlet:
    """What the ways in have in common."""

    def __init__(self, runtime: Runtime, forms: Forms, around: Around, agent: Agent | None = None) -> None:
        self._runtime = runtime
        self._agent = agent
        self._forms = forms
        self._around = around
        self._under_way: set[asyncio.Future[Any]] = set()

    async def take(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Keep what ``payload`` says, and return what Slack is answered, if that is more than that it arrived. Raises
        what ``InboxWriter.capture`` raises: then nothing is kept, and it must not be acknowledged."""
        heard = understood(payload, self._around)
        if heard is None:
            if self._agent is not None and self._agent.concerns(payload):
                self._begin(self._agent.hear(payload))
            return None
        opening = opens(payload, heard, self._runtime.router)
        captured = await self._runtime.inbox.capture(event_of(payload, heard, opening or heard.kind == "form"))
        if self._agent is not None and captured.fresh and self._agent.is_told(payload, heard):
            self._begin(self._agent.watch(payload, captured))
        if heard.kind == "form":
            return await self._forms.submit(captured, heard, payload, self._keep)
        if opening and captured.fresh:
            self._begin(self._forms.open(captured, heard, payload))
        return None

    async def close(self) -> None:
        """Let what is under way come to its end."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_STOPPING)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._keep(asyncio.ensure_future(work))

    def _keep(self, task: asyncio.Future[Any]) -> None:
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("not shown", exc_info=error)


def understood(payload: dict[str, Any], around: Around) -> Inbound | None:
    """What ``payload`` says; ``None`` where nothing follows from it, or where it does not look as Slack documents it:
    to send that again would not help."""
    if payload.get("type") == "app_rate_limited":  # https://docs.slack.dev/apis/events-api/#rate-limiting
        log.error("Slack sends no more events for a while: too many come from this workspace")
        return None
    try:
        return parse(payload, around)
    except NotOurs:
        return None
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        log.warning("not understood", type=str(payload.get("type")), error=error)
        return None
