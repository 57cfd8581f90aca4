"""Time: APScheduler ticks, and nothing else. What is due is a row, and a fire is a row with a unique (schedule, slot).

So any number of processes may tick: what one has fired, the others find fired.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.inbox import from_system, insert_events
from models.base import now, transaction
from models.mail import Timer

log = structlog.get_logger(__name__)
TICK = 1.0
MOST = 500


def fire_due(holder: str) -> int:
    """Turn every timer that is due into an inbox row, each once; how many."""
    with transaction() as session:
        due = session.scalars(
            select(Timer)
            .where(Timer.fired_at.is_(None), Timer.due_at <= now())
            .order_by(Timer.due_at)
            .limit(MOST)
            .with_for_update(skip_locked=True)
        ).all()
        for timer in due:
            timer.fired_at = now()
        if due:
            insert_events(session, [_event(timer) for timer in due], holder)
        return len(due)


def _event(timer: Timer):  # type: ignore[no-untyped-def]
    key = f"{timer.schedule}@{timer.slot}"
    return from_system("timer", timer.schedule, key, timer.route, timer.id, timer.args)


def claim_slot(session: Session, schedule: str, slot: str) -> bool:
    """Whether this process is the one that does ``schedule`` for ``slot``."""
    row = {
        "schedule": schedule, "slot": slot, "route": "", "args": {}, "due_at": now(), "fired_at": now(),
        "correlation": slot
    }  # fmt: skip
    return session.execute(insert(Timer).values(row).on_conflict_do_nothing().returning(Timer.id)).first() is not None


class Clock:
    """Ticks once a second; does housekeeping once an hour in one of the processes."""

    def __init__(self, holder: str, housekeeping: Callable[[Session], None]) -> None:
        self._holder = holder
        self._housekeeping = housekeeping
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick; call from the event loop."""
        self._scheduler.add_job(self._tick, IntervalTrigger(seconds=TICK), max_instances=1, coalesce=True)
        self._scheduler.add_job(self._hourly, IntervalTrigger(minutes=10), max_instances=1, coalesce=True)
        self._scheduler.start()

    def stop(self) -> None:
        """End; what is due stays a row."""
        self._scheduler.shutdown(wait=False)

    async def _tick(self) -> None:
        try:
            while await asyncio.to_thread(fire_due, self._holder) >= MOST:
                continue
        except SQLAlchemyError as error:
            log.warning("cannot fire", error=type(error).__name__)

    async def _hourly(self) -> None:
        try:
            await asyncio.to_thread(self._keep_house)
        except SQLAlchemyError as error:
            log.warning("cannot keep house", error=type(error).__name__)

    def _keep_house(self) -> None:
        with transaction() as session:
            if claim_slot(session, "housekeeping", now().strftime("%Y-%m-%dT%H")):
                self._housekeeping(session)


def blank_payloads(session: Session, older_than: timedelta) -> None:
    """Forget what was said in handled events and delivered messages after a while; their keys stay."""
    from sqlalchemy import update

    from models.mail import DONE, SENT, Inbox, Outbox

    limit = now() - older_than
    session.execute(
        update(Inbox).where(Inbox.state == DONE, Inbox.done_at < limit, Inbox.payload.is_not(None)).values(
            payload=None, reply=None)
    )  # fmt: skip
    session.execute(
        update(Outbox).where(Outbox.state == SENT, Outbox.done_at < limit, Outbox.payload.is_not(None)).values(
            payload=None)
    )  # fmt: skip
