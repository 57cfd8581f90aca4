"""Connections, and what becomes of a session."""

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, InternalError

from bot.inbox import LEASE
from models import base
from models.people import Person
from tests.bot.queues import cut_connections, run_sql


@pytest.fixture
def db(database: str) -> Iterator[str]:
    base.connect(database, pool=2)
    yield database
    base.disconnect()


def people() -> list[str]:
    return [handle for (handle,) in run_sql("select handle from person order by handle")]


def test_a_transaction_that_ends_well_is_kept(db: str) -> None:
    with base.transaction() as session:
        session.add(Person(handle="mona", name="Mona"))
    assert people() == ["mona"]


def test_a_transaction_that_ends_badly_leaves_nothing(db: str) -> None:
    with pytest.raises(ZeroDivisionError), base.transaction() as session:
        session.add(Person(handle="mona", name="Mona"))
        session.flush()
        raise ZeroDivisionError
    assert people() == []


def test_who_reads_writes_nothing(db: str) -> None:
    with pytest.raises(InternalError, match="read-only"), base.reading() as session:
        session.add(Person(handle="mona", name="Mona"))
        session.flush()
    with base.transaction() as session:  # the same connection may write again
        session.add(Person(handle="omar", name="Omar"))
    assert people() == ["omar"]


def test_a_connection_cut_while_it_rested_is_not_noticed(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_REST", 0.0)
    assert people() == []
    cut_connections()
    assert people() == []


def test_a_connection_cut_while_it_worked_is_an_error_that_tells(db: str) -> None:
    with pytest.raises(DBAPIError) as caught, base.transaction() as session:
        session.execute(sql("select 1"))
        cut_connections()
        session.execute(sql("select 1"))
    assert base.is_away(caught.value)
    assert people() == []


def test_who_stops_in_a_transaction_loses_its_locks_in_the_end(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LEASE.total_seconds() == base.IDLE_LIMIT
    monkeypatch.setitem(base._CONNECTION, "options", base._CONNECTION["options"].replace("30000", "100"))
    base.connect(db)
    with pytest.raises(DBAPIError) as caught, base.transaction() as session:
        session.add(Person(handle="mona", name="Mona"))
        session.flush()
        while run_sql("select count(*) from pg_stat_activity where state = 'idle in transaction'") != [(0,)]:
            continue
        session.execute(sql("select 1"))
    assert base.is_away(caught.value)
    assert people() == []


def test_a_database_that_is_not_there_is_away(db: str) -> None:
    base.connect(db.replace("/test_", "/not_there_"))
    with pytest.raises(DBAPIError) as caught, base.reading() as session:
        session.execute(sql("select 1"))
    assert base.is_away(caught.value)


def test_what_is_wrong_with_a_statement_is_not_away(db: str) -> None:
    with pytest.raises(DBAPIError) as caught:
        run_sql("select 1 / 0")
    assert not base.is_away(caught.value)


def test_time_is_utc_everywhere(db: str) -> None:
    with time_machine.travel("2026-07-01T12:00:00+00:00", tick=False):
        assert base.now().isoformat() == "2026-07-01T12:00:00+00:00"
    ((zone,),) = run_sql("show timezone")
    assert zone == "UTC"
