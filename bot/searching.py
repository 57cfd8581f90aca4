"""The search index of a process goes along with the database: so that no question has much to catch up with."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from sqlalchemy.exc import SQLAlchemyError

from models.base import reading
from models.search.follow import follower

log = structlog.get_logger(__name__)
_POLL = 1.0  # seconds: a notification may be missed


class SearchWorker:
    """Lets the index catch up whenever something changed."""

    def __init__(self) -> None:
        self._awake = asyncio.Event()

    def wake(self, _: str = "") -> None:
        """Look now."""
        self._awake.set()

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                self._awake.clear()
                await asyncio.to_thread(self._look)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL):  # wait_for would swallow a cancellation that meets a wake-up
                        await self._awake.wait()
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
