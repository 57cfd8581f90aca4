"""That Agora is at it, shown as "typing": only where an answer takes longer than people expect.

Each such sign counts against the limits of the tenant, like a message. So whether what was said is still being handled
is looked at once, for one message at a time; a sign that cannot be shown is not.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import text as sql

from bot.inbox import Captured
from bot.teams.activity import Activity, external, root, text
from bot.teams.connector import Connector, activities
from models.base import reading
from models.mail import HELD, NEW

log = structlog.get_logger(__name__)
AFTER = 1.5  # seconds
_STATE = sql("select state from inbox where lane = :lane and id = :id")


class Patience:
    """Tells who waits that they do not wait in vain."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._task: asyncio.Task[None] | None = None

    def ask(self, activity: Activity, captured: Captured) -> None:
        """Somebody said something: see in a moment whether they still wait."""
        asyncio.get_running_loop().call_later(AFTER, self._look, activity, captured)

    async def close(self) -> None:
        """Show nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _look(self, activity: Activity, captured: Captured) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._show(activity, captured))

    async def _show(self, activity: Activity, captured: Captured) -> None:
        try:
            if await asyncio.to_thread(_is_at_it, captured):
                await self._type(activity)
        except Exception as error:  # nothing is lost by it
            log.info("no sign of typing", error=type(error).__name__)

    async def _type(self, activity: Activity) -> None:
        url, conversation = text(activity, "serviceUrl"), external(activity)
        if url is not None and conversation is not None:
            await self._connector.call("POST", url, activities(conversation, root(activity)), {"type": "typing"})


def _is_at_it(captured: Captured) -> bool:
    with reading() as session:
        return session.scalar(_STATE, {"lane": captured.lane, "id": captured.id}) in (NEW, HELD)
