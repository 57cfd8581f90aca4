"""The steps of the schema: up, down, from empty, and by several processes at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command

from models import migrate
from models.embedded import EmbeddedServer


@pytest.fixture
def empty(server: EmbeddedServer) -> Iterator[str]:
    """The URL of a database without a schema."""
    yield server.create_database("test_migrate")
    server.drop_database("test_migrate")


def tables(url: str) -> set[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {str(name) for (name,) in rows}


def types(url: str) -> set[str]:
    """The enumerations, which no table owns and a step back can forget."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return {
            str(name) for (name,) in connection.execute("SELECT typname FROM pg_type WHERE typtype = 'e'").fetchall()
        }


def test_up_from_empty_and_down_to_nothing(empty: str) -> None:
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    assert migrate.current(empty) == migrate.head() is not None
    assert len(tables(empty)) > 1
    migrate.downgrade(empty, "base")
    assert migrate.current(empty) is None
    assert tables(empty) == {"alembic_version"}
    assert types(empty) == set()
    migrate.upgrade(empty)
    assert migrate.current(empty) == migrate.head()


def test_a_merged_entry_is_a_retired_one_where_merging_is_not_known(empty: str) -> None:
    migrate.upgrade(empty)
    with psycopg.connect(empty.replace("+psycopg", "")) as connection:
        for state in ("merged", "current"):
            connection.execute(
                "INSERT INTO entry (title, body, language, state, audience, tags, revision, created_at, changed_at) "
                "VALUES (%s, 'It is so.', 'en', %s, '{everyone}', '{}', 1, now(), now())",
                (state, state),
            )
    migrate.downgrade(empty, "0019")
    with psycopg.connect(empty.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT title, state FROM entry ORDER BY id").fetchall()
    assert rows == [("merged", "retired"), ("current", "current")]


def test_the_steps_make_what_the_models_declare(database: str) -> None:
    migrate._migrate(database, command.check)


def test_processes_that_start_together_migrate_once(empty: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(migrate.upgrade, [empty] * 3))
    assert migrate.current(empty) == migrate.head()


def test_migrating_again_changes_nothing(database: str) -> None:
    before = tables(database)
    migrate.upgrade(database)
    assert tables(database) == before
