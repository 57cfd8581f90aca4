"""Looking into the queues as a test does."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.inbox import Event
from bot.outbox import OutboxWorker
from bot.worker import InboxWorker
from models import base
from models.base import is_away, transaction
from models.mail import Inbox, Outbox

Result = TypeVar("Result")


def event(key: str, conversation: str = "c", now: bool = False, **payload: Any) -> Event:
    """An event of a platform that does not exist."""
    return Event("test", "here", conversation, "message", key, payload, now)


def patiently(do: Callable[[Session], Result]) -> Result:
    """Do it in a transaction; again where the connection turns out to be one that ``cut_connections`` cut."""
    for _ in range(20):
        try:
            with transaction() as session:
                return do(session)
        except SQLAlchemyError as error:
            if not is_away(error):
                raise
    raise AssertionError("the database stays away")


def inbox() -> list[Inbox]:
    """Every row of the inbox, oldest first."""
    return patiently(lambda session: list(session.scalars(select(Inbox).order_by(Inbox.id))))


def outbox() -> list[Outbox]:
    """Every row of the outbox, oldest first."""
    return patiently(lambda session: list(session.scalars(select(Outbox).order_by(Outbox.id))))


def run_sql(statement: str, **values: Any) -> list[Any]:
    """What the statement returns, committed."""

    def run(session: Session) -> list[Any]:
        result = session.execute(sql(statement), values)
        return list(result) if result.returns_rows else []

    return patiently(run)


def cut_connections() -> None:
    """End every connection to the database, as a restart of the server does."""
    url = base.engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity "
                           "where datname = current_database() and pid <> pg_backend_pid()")  # fmt: skip


@asynccontextmanager
async def stopped_while_claiming(worker: InboxWorker | OutboxWorker) -> AsyncIterator[None]:
    """Inside, ``worker`` has claimed what it does not know of yet; then it is stopped."""
    on_its_way, going_on = threading.Event(), threading.Event()
    claim = worker._claim

    def slowly() -> list[Any]:
        rows = claim()
        on_its_way.set()
        going_on.wait(20)
        return rows

    worker._claim = slowly  # type: ignore[method-assign]
    task = asyncio.create_task(worker.run())
    await asyncio.to_thread(on_its_way.wait, 20)
    yield
    task.cancel()
    going_on.set()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait, in the event loop, until ``condition()`` is true, and return it; an AssertionError after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := await asyncio.to_thread(condition)):
        assert time.monotonic() < end, f"still not: {condition}"
        await asyncio.sleep(0.02)
    return found
