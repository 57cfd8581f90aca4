"""The inbox's worker: claims what is waiting and hands each lane, in order, to a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from bot.claims import claim, claim_statement, claimed
from bot.dispatcher import Dispatcher
from bot.held import Held
from bot.inbox import LEASE
from bot.waiting import NOBODY
from bot.wake import Sleeper
from models.base import transaction

log = structlog.get_logger(__name__)
POLL = 1.0
_CLAIM = claim_statement("inbox", ("platform", "payload", "correlation"))
_RELEASE = sql("""
update inbox set state = 'new', holder = null, lease_until = null, attempts = attempts - 1
where holder = :holder and state = 'held' and (lane, id, attempts) in
  (select * from unnest(cast(:lanes as int[]), cast(:ids as bigint[]), cast(:attempts as int[])))
""")


class InboxWorker(Sleeper):
    """Claims rows of the inbox while it has free threads."""

    def __init__(self, dispatcher: Dispatcher, holder: str, threads: int) -> None:
        super().__init__()
        self._dispatcher = dispatcher
        self._holder = holder
        self._threads = threads
        self._most = threads * 3  # lanes are few: what one process holds the others cannot have
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="handle")
        self._busy: set[asyncio.Future[None]] = set()

    async def run(self) -> None:
        """Work until cancelled; then finish what is in hand."""
        try:
            while True:
                self.arise()
                full = await self._round()
                if not full:
                    await self.sleep(POLL)
        finally:
            if self._busy:
                await asyncio.shield(asyncio.wait(set(self._busy), timeout=LEASE.total_seconds()))
            self._pool.shutdown(wait=False)

    async def _round(self) -> bool:
        """Claim more once no lane waits for a thread: the fewer claims, the more each finds. Whether there may be
        more."""
        while len(self._busy) > self._threads:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        try:
            rows = await claimed(self._claim, self._give_back)
        except SQLAlchemyError as error:
            log.warning("cannot claim", error=type(error).__name__)
            await asyncio.sleep(POLL)
            return False
        for lane in by_lane(rows):
            self._start(lane)
        return len(rows) >= self._most

    def _claim(self) -> list[Any]:
        with transaction() as session:
            return claim(session, "inbox", _CLAIM, self._holder, self._most, LEASE)

    def _start(self, rows: list[Any]) -> None:
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._handle_lane, rows)
        self._busy.add(future)
        future.add_done_callback(self._ended)

    def _ended(self, future: asyncio.Future[None]) -> None:
        self._busy.discard(future)
        if not future.cancelled() and (error := future.exception()):
            log.error("lane ended badly", exc_info=error)
        self.wake()

    def _handle_lane(self, rows: list[Any]) -> None:
        for i, row in enumerate(rows):
            held = Held(row.lane, row.id, row.platform, row.payload or {}, row.attempts, row.correlation, self._holder)
            if not self._dispatcher.handle(held, NOBODY).finished:
                self._release(rows[i + 1 :])
                return

    async def _give_back(self, rows: list[Any]) -> None:
        await asyncio.to_thread(self._release, rows)

    def _release(self, rows: list[Any]) -> None:
        """Give back what follows a row that has to wait, so that order holds."""
        if rows:
            with transaction() as session:
                values = {name: [getattr(row, name[:-1]) for row in rows] for name in ("lanes", "ids")}
                attempts = [row.attempts for row in rows]
                session.execute(_RELEASE, {**values, "attempts": attempts, "holder": self._holder})


def by_lane(rows: Iterable[Any]) -> list[list[Any]]:
    """Rows grouped by lane, in order within each."""
    lanes: dict[int, list[Any]] = {}
    for row in rows:
        lanes.setdefault(row.lane, []).append(row)
    return list(lanes.values())
