"""Statements that are prepared once on a connection."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import base
from models.prepared import _MOST, Statements
from models.rows import run


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    url = database.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, prepare_threshold=None) as connection:
        yield connection


@pytest.fixture
def statements(connection: psycopg.Connection[Any]) -> Statements:
    return Statements(connection)


@pytest.fixture(autouse=True)
def connected(database: str) -> Iterator[None]:
    base.connect(database, pool=2)
    yield
    base.disconnect()


def prepared(connection: psycopg.Connection[Any]) -> int:
    found = connection.execute("select count(*) from pg_prepared_statements").fetchone()
    assert found is not None
    return int(found[0])


def test_values_come_back_as_they_went(statements: Statements) -> None:
    values = {"a": 1, "b": "x%(a)s", "c": None, "d": [1, 2], "e": ["", "ü"], "f": datetime(2026, 1, 2, tzinfo=UTC),
              "g": 2.5, "h": True, "i": b"\0"}  # fmt: skip
    types = {"a": "int", "b": "text", "c": "text", "d": "bigint[]", "e": "text[]", "f": "timestamptz", "g": "float8",
             "h": "bool", "i": "bytea"}  # fmt: skip
    asked = ", ".join(f"%({name})s::{type_} as {name}" for name, type_ in types.items())
    for _ in range(2):
        found = statements.run(f"select {asked}", values)
        assert (found.names, found.fetchone()) == (tuple(values), tuple(values.values()))


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4))
@settings(max_examples=30)
def test_any_text_comes_back(texts: list[str]) -> None:
    with base.reading() as session:
        assert run(session, "select %(texts)s::text[]", {"texts": texts}).rows == [(texts,)]


def test_a_percent_sign_is_doubled_only_beside_values(statements: Statements) -> None:
    assert statements.run("select 'a%' like '%'").rows == [(True,)]
    assert statements.run("select %(a)s::text like 'a%%', %(a)s::text", {"a": "ab"}).rows == [(True, "ab")]


def test_a_statement_is_prepared_once(connection: psycopg.Connection[Any], statements: Statements) -> None:
    for text in ("x", "y", "z"):
        assert statements.run("select %(text)s::text", {"text": text}).rows == [(text,)]
    assert prepared(connection) == 1


def test_numbers_of_any_size_are_taken(statements: Statements) -> None:
    for number in (1, 2**15, 2**31, 2**62, -1):
        assert statements.run("select %(number)s::bigint", {"number": number}).rows == [(number,)]


def test_what_is_prepared_outlives_a_transaction_that_failed(
    connection: psycopg.Connection[Any], statements: Statements
) -> None:
    statements.run("select 1")
    with pytest.raises(psycopg.errors.DivisionByZero):
        statements.run("select 1 / %(by)s", {"by": 0})
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        statements.run("select 1")
    connection.rollback()
    assert statements.run("select 1").rows == [(1,)]
    assert statements.run("select 1 / %(by)s", {"by": 1}).rows == [(1,)]


def test_a_mistake_is_not_kept(statements: Statements, connection: psycopg.Connection[Any]) -> None:
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            statements.run("select from nowhere")
        connection.rollback()


def test_what_finds_something_else_since_a_migration_is_prepared_anew(
    connection: psycopg.Connection[Any], statements: Statements
) -> None:
    statements.run("create table new as select 1 as n")
    assert statements.run("select n from new").rows == [(1,)]
    connection.commit()
    connection.execute("alter table new alter n type text")
    connection.commit()
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        statements.run("select n from new")
    connection.rollback()
    assert statements.run("select n from new").rows == [("1",)]
    connection.execute("drop table new")
    connection.commit()


def test_only_so_many_are_kept(connection: psycopg.Connection[Any], statements: Statements) -> None:
    for number in range(_MOST + 5):
        assert statements.run(f"select {number}").rows == [(number,)]
    assert prepared(connection) == _MOST
    assert statements.run("select 0").rows == [(0,)]


def test_it_begins_a_transaction_as_the_connection_would(
    connection: psycopg.Connection[Any], statements: Statements
) -> None:
    connection.read_only = True
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        statements.run("create table new ()")
    connection.rollback()
    connection.read_only = None
    statements.run("create table new ()")
    connection.rollback()
    assert statements.run("select to_regclass('new')").rows == [(None,)]


def test_how_many_rows_were_touched_is_told(statements: Statements) -> None:
    statements.run("create temporary table new on commit drop as select generate_series(1, 3) as n")
    assert statements.run("update new set n = 0 where n > %(least)s", {"least": 1}).rowcount == 2


def test_a_lost_connection_says_so(connection: psycopg.Connection[Any], statements: Statements) -> None:
    with base.engine().connect() as other:
        other.exec_driver_sql("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with pytest.raises(psycopg.Error):
        statements.run("select 1")
    assert connection.closed
