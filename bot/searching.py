"""The search index of a process goes along with the database: so that no question has much to catch up with."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.wake import Sleeper
from models.base import reading
from models.search.follow import follower

log = structlog.get_logger(__name__)
_POLL = 1.0  # seconds: a notification may be missed


class SearchWorker(Sleeper):
    """Lets the index catch up whenever something changed."""

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                self.arise()
                await asyncio.to_thread(self._look)
                await self.sleep(_POLL)
        finally:
            follower().close()

    def _look(self) -> None:
        try:
            with reading() as session:
                follower().catch_up(session)
        except SQLAlchemyError as error:
            log.warning("cannot follow", error=type(error).__name__)
        except Exception as error:
            log.error("following failed", exc_info=error)
