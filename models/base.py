"""The database as the rest of Agora sees it: declarative base, UTC time, and the only two ways to a session.

``transaction()`` is for the dispatcher, the outbox, jobs, the clock and the command line; ``reading()`` is for
pages and queries. Handlers never open either: they are given a turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import inf
from typing import Any, ClassVar

import orjson
import psycopg
from sqlalchemy import BigInteger, DateTime, Engine, Identity, Text, create_engine, event, exc
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

# A process that is stopped, or cut off, in a transaction would hold its locks for ever. After as long as a lease lasts
# others have taken over what it was at.
IDLE_LIMIT = 30.0  # seconds
_CONNECTION: dict[str, Any] = {
    "application_name": "agora",
    "options": f"-c timezone=UTC -c idle_in_transaction_session_timeout={IDLE_LIMIT * 1000:.0f}",
    "connect_timeout": 10,
    "prepare_threshold": None,  # models.prepared and models.line prepare
}
_REST = 1.0  # seconds after which a connection is looked at before it is used again

type_map: dict[Any, Any] = {
    datetime: DateTime(timezone=True),
    dict[str, Any]: JSONB(none_as_null=True),
    list[str]: ARRAY(Text),
    str: Text,
}


class Base(DeclarativeBase):
    """The base of every table. Rows of a table that is ``HELD`` stay in their session once they were loaded."""

    type_annotation_map = type_map
    HELD: ClassVar[bool] = False


@event.listens_for(Session, "loaded_as_persistent")
def _hold(session: Session, row: object) -> None:
    """A session holds its rows weakly: what a turn looks at again and again would be loaded again and again."""
    if getattr(row, "HELD", False):
        hold(session, row)


def hold(session: Session, row: object) -> None:
    """Keep ``row`` as long as its session."""
    session.info.setdefault("held", []).append(row)


class Identified:
    """A table whose key is a number that the database gives."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)


class Refusal(Exception):
    """Something that may not be done now, said to the person in their language.

    ``code`` names a sentence that a feature registered with the router; ``facts`` fill its places; ``field`` names the
    form field at fault, if one is.
    """

    def __init__(self, code: str, field: str | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts


def personal(rule: str) -> dict[str, str]:
    """Declare that a column holds personal data: ``mapped_column(info=personal("erase"))``.

    ``rule`` says what erasing the person does to it: ``erase`` (blank it), ``row`` (delete the row), ``keep`` (others'
    rights or law make it stay). Export and retention read the same declaration.
    """
    if rule not in {"erase", "row", "keep"}:
        raise ValueError(f"unknown rule for personal data: {rule}")
    return {"personal": rule}


def _wall_clock() -> datetime:
    return datetime.now(UTC)


_clock: Callable[[], datetime] = _wall_clock


def now() -> datetime:
    """The present moment in UTC, from the one clock that tests may replace."""
    return _clock()


def set_clock(clock: Callable[[], datetime] | None) -> None:
    """Replace the clock (tests), or put the wall clock back with ``None``."""
    global _clock
    _clock = clock or _wall_clock


_engine: Engine | None = None
_write: sessionmaker[Session] | None = None
_read: sessionmaker[Session] | None = None


def connect(url: str, pool: int = 12) -> Engine:
    """Open the database at ``url`` for this process, with at most ``pool`` + 4 connections; returns the engine."""
    global _engine, _write, _read
    disconnect()
    _engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=4,
        pool_pre_ping=False,
        pool_recycle=1800,
        pool_use_lifo=True,  # the connection that was used last has all prepared that this one will ask
        hide_parameters=True,  # what people wrote stays out of tracebacks and logs
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args=_CONNECTION,
    )
    event.listen(_engine, "checkin", _note_rest)
    event.listen(_engine, "checkout", _look_after_rest)
    _write = sessionmaker(_engine, expire_on_commit=False)
    _read = sessionmaker(_engine.execution_options(postgresql_readonly=True), expire_on_commit=False)
    return _engine


def _note_rest(_: Any, record: Any) -> None:
    record.info["rests since"] = time.monotonic()


def _look_after_rest(connection: Any, record: Any, _: Any) -> None:
    """A connection that rested may have been cut meanwhile, by a restart of the server: take another one then."""
    if time.monotonic() - record.info.get("rests since", inf) < _REST:
        return
    try:
        connection.execute("")
        connection.rollback()  # it began a transaction, in which a reader cannot set itself read-only any more
    except psycopg.Error as error:
        raise exc.DisconnectionError from error


def is_away(error: Exception) -> bool:
    """Whether the database could not be reached, so that nothing can be said of what it was asked."""
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated or error.statement is None
    return isinstance(error, exc.TimeoutError)  # no connection became free


def disconnect() -> None:
    """Close every connection of this process."""
    global _engine, _write, _read
    if _engine is not None:
        _engine.dispose()
    _engine = _write = _read = None


def engine() -> Engine:
    """The engine of this process; ``RuntimeError`` before ``connect()``."""
    if _engine is None:
        raise RuntimeError("connect() has not been called")
    return _engine


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits when the block ends well and rolls back when it does not."""
    engine()
    assert _write is not None
    with _write() as session, session.begin():
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A session on one read-only snapshot; writing through it is an error of the database."""
    engine()
    assert _read is not None
    with _read() as session, session.begin():
        yield session


async def at_once() -> psycopg.AsyncConnection:
    """A connection for the event loop, on which every statement commits by itself: for capture, which is one statement.
    Close it. ``psycopg.OperationalError`` where the database cannot be reached."""
    url = engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    return await psycopg.AsyncConnection.connect(url, autocommit=True, **_CONNECTION)
