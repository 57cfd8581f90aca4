"""``check`` on databases: what is wrong with one is found, named, and comes with its fix."""

import socket
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import make_url

from bot.check import Check
from bot.check import database as on_database
from bot.config import Settings
from models import base
from models.people import Person


def only(found, name):
    (check,) = [each for each in found if each.name == name]
    return check


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def reached(url, **settings):
    return on_database.check_url(Settings(database_url=url, **settings))


def test_a_database_where_nothing_listens():
    (found,) = reached(f"postgresql://agora:geheim@127.0.0.1:{(port := free_port())}/agora")
    assert found == Check(
        "database", False, f"nothing listens at 127.0.0.1 port {port}",
        "Start PostgreSQL there, or correct host and port in DATABASE_URL.",
    )  # fmt: skip


def test_a_database_on_a_machine_that_does_not_exist():
    (found,) = reached("postgresql://agora:geheim@nowhere.invalid/agora")
    assert (found.ok, found.found) == (False, "there is no machine named nowhere.invalid")


def test_a_database_that_does_not_exist(server):
    (found,) = reached(server.url_of("nosuch"))
    assert not found.ok
    assert found.found.endswith("has no database nosuch")
    assert "CREATE DATABASE nosuch" in found.fix


def as_user(url, name, password=""):
    return make_url(url).set(username=name, password=password or None).render_as_string(hide_password=False)


def test_a_user_who_does_not_exist(database):
    (found,) = reached(as_user(database, "nobody"))
    assert not found.ok
    assert "does not know the user nobody" in found.found


@pytest.fixture
def careful(server, database):
    """A user who has to give a password, and how to say what the server's access file says of them."""
    access = server._postgres.data / "pg_hba.conf"
    before = access.read_text()

    def rule(method):
        access.write_text(f"local all careful {method}\n{before}")
        with psycopg.connect(on_database._for_libpq(database), autocommit=True) as connection:
            connection.execute("select pg_reload_conf()")

    with psycopg.connect(on_database._for_libpq(database), autocommit=True) as connection:
        connection.execute("create role careful login password 'right'")
    yield rule
    access.write_text(before)
    with psycopg.connect(on_database._for_libpq(database), autocommit=True) as connection:
        connection.execute("select pg_reload_conf()")
        connection.execute("drop owned by careful")
        connection.execute("drop role careful")


def eventually(look, wanted):
    """Until the server has read its access file again."""
    for _ in range(200):
        found = look()
        if wanted in found[0].found:
            return found
    raise AssertionError(f"{wanted!r} was not found, but {found}")


@pytest.mark.parametrize("password", ["geheim", ""])
def test_a_wrong_password(careful, database, password):
    careful("scram-sha-256")
    (found,) = eventually(lambda: reached(as_user(database, "careful", password)), "refuses the password")
    assert not found.ok
    assert "careful" in found.found
    assert "%40" in found.fix
    assert "geheim" not in found.found + found.fix


def test_a_server_that_does_not_let_us_in(careful, database):
    careful("reject")
    (found,) = eventually(lambda: reached(as_user(database, "careful")), "does not let careful into")
    assert "pg_hba.conf" in found.fix


def test_a_user_who_may_make_no_tables(careful, database):
    careful("trust")
    found = eventually(lambda: reached(as_user(database, "careful")), "reached")
    assert only(found, "database rights").fix.startswith(
        "As the database's owner: GRANT CREATE, USAGE ON SCHEMA public"
    )
    assert only(found, "pgvector").fix == "As a superuser, in this database: CREATE EXTENSION vector;"
    assert not only(found, "pgvector").ok
    assert not only(found, "migrations").ok


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("FATAL:  sorry, too many clients already", "has no connection left"),
        (
            "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
            "has no connection left",
        ),
        ("FATAL:  the database system is starting up", "is starting or stopping"),
        ('FATAL:  permission denied for database "agora"', "u may not connect to agora"),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "u", database "agora", no encryption',
            "does not let u into",
        ),
        ("server does not support SSL, but SSL was required", "do not agree on TLS"),
        ("connection timeout expired", "does not answer"),
        ('connection is bad: invalid sslmode value: "foo"', "a part that PostgreSQL does not know"),
        ('invalid URI query parameter: "foo"', "a part that PostgreSQL does not know"),
        ("FATAL:  Passwort-Authentifizierung für Benutzer fehlgeschlagen\nmore", "FATAL:  Passwort-Authentifizierung"),
    ],
)
def test_what_else_a_server_says_is_explained(said, found):
    explained = on_database.explain(psycopg.OperationalError(said), make_url("postgresql://u:geheim@db:5433/agora"))
    assert found in explained[0]
    assert explained[1]
    assert "geheim" not in "".join(explained)


def facts(**changed):
    good = {
        "version": "16.2", "number": 160002, "encoding": "UTF8", "read_only": False, "schema": "public",
        "may_create": True, "may_extend": True, "installed": "0.8.0", "available": "0.8.0",
    }  # fmt: skip
    return {**good, **changed}


def test_a_server_that_is_too_old():
    assert on_database.check_version(facts(version="14.9", number=140009)).fix.startswith("Agora needs PostgreSQL 15")
    assert on_database.check_version(facts(version="15.0", number=150000)).ok


def test_a_server_without_pgvector():
    found = on_database.check_vector(facts(installed=None, available=None))
    assert not found.ok
    assert "postgresql-16-pgvector" in found.fix


def test_a_database_in_another_encoding():
    assert not on_database.check_encoding(facts(encoding="LATIN1")).ok


def test_a_replica():
    assert "primary" in on_database.check_rights(facts(read_only=True)).fix


def test_a_database_of_a_newer_agora(database):
    with psycopg.connect(on_database._for_libpq(database), autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    found = only(reached(database), "migrations")
    assert (found.ok, found.found) == (False, "at 9999, which this Agora does not know")


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (1.5, True), (-5, False), (3600, False)])
def test_clocks_that_do_not_agree(seconds, ok):
    here = datetime(2026, 1, 1, tzinfo=UTC)
    found = on_database.check_clock(here + timedelta(seconds=seconds), here)
    assert (found.ok, bool(found.fix)) == (ok, not ok)


def test_a_demo_beside_real_people(database):
    assert only(reached(database, demo=True), "demo company").ok
    base.connect(database, pool=1)
    with base.transaction() as session:
        session.add(Person(handle="mona", name="Mona"))
    base.disconnect()
    assert only(reached(database, demo=True), "demo company").fix == "Unset AGORA_DEMO."
