"""``check``: what is wrong is found, named, and comes with its fix."""

import asyncio
import errno
import io
import os
import socket
import sys
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from rich.console import Console
from sqlalchemy import make_url

from bot import health
from bot.check import Check, checks, machine, network, print_checks
from bot.check import database as on_database
from bot.config import Settings
from bot.keys import FILE, encryption_keys
from models import base, migrate
from models.people import Person
from tests.homes import new_home


def only(found, name):
    (check,) = [each for each in found if each.name == name]
    return check


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- the whole


def test_on_a_good_machine_nothing_is_wrong(database):
    with new_home() as home:
        found = checks(Settings(database_url=database, home=home, port=free_port()))
    assert [each for each in found if not each.ok and each.name != "languages"] == []
    names = (
        "Python,packages,settings,data folder,disk space,encryption key,database,database version,database encoding,"
    )
    names += "database rights,pgvector,migrations,clock,port,playground,languages,time zones"
    assert [each.name for each in found] == names.split(",")


def test_the_embedded_database_is_started_for_the_check():
    with new_home() as home:
        found = checks(Settings(home=home, port=free_port()))
    assert only(found, "database").ok
    assert only(found, "migrations") == Check(
        "migrations",
        True,
        f"at none; the newest is {migrate.head()}",
        "python app.py migrate (starting Agora does it, too)",
    )


def test_the_table_says_what_is_wrong_and_how_to_fix_it():
    console = Console(file=io.StringIO(), width=100)
    found = [
        Check("a", True, "fine"),
        Check("b", True, "so so", "better"),
        Check("c", False, "[red]broken[/red]", "mend"),
    ]
    assert print_checks(found, console) is False
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert ["ok", "a", "fine"] in lines
    assert ["advice", "b", "so", "so", "better"] in lines
    assert ["WRONG", "c", "[red]broken[/red]", "mend"] in lines
    assert print_checks(found[:2], console) is True


# -- the database


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


# -- the network


def test_a_port_that_another_program_has(monkeypatch):
    monkeypatch.setattr(network, "WAIT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = network.check_port(Settings(port=port))
    assert not found.ok
    assert found.fix == f"Stop the program that listens there, or set PORT to another, such as {port + 1}."
    assert network.check_port(Settings(port=port)).ok


async def test_a_port_that_agora_has(aiohttp_server):
    app = web.Application()
    app.add_routes(health.routes())
    server = await aiohttp_server(app)
    found = await asyncio.to_thread(network.check_port, Settings(port=server.port))
    assert (found.ok, found.found) == (True, f"127.0.0.1 port {server.port}: an Agora is running there")


def test_an_address_that_is_not_of_this_machine():
    for host in ("192.0.2.1", "nowhere.invalid"):
        found = network.check_port(Settings(host=host, port=free_port()))
        assert not found.ok
        assert found.fix.startswith("Set HOST to an address of this machine")


@pytest.mark.parametrize(
    ("settings", "advised"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"public_url": "https://agora.example.com"}, True),
    ],
)
def test_a_playground_that_looks_meant_for_others(settings, advised):
    assert bool(network.check_playground(Settings(playground=True, **settings)).fix) is advised
    assert network.check_playground(Settings(**settings)) == Check("playground", True, "off")


# -- the machine


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (found,) = machine.check_home(Settings(home=tmp_path / "two\nlines"))
    assert not found.ok
    assert "AGORA_HOME" in found.fix


def test_a_data_folder_on_a_full_disk(monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(machine.tempfile, "NamedTemporaryFile", full)
    with new_home() as home:
        (found,) = machine.check_home(Settings(home=home))
    assert found.found == f"{home}: No space left on device"
    assert found.fix.startswith("Make room")


def test_the_encryption_key(tmp_path):
    def check(**settings):
        return machine.check_key(Settings(**settings), tmp_path)

    assert "none yet" in check().found
    assert not list(tmp_path.iterdir())
    assert check(database_url="postgresql://h/x").fix.startswith("Machines that share this database")
    encryption_keys(Settings(), tmp_path)
    assert (check().ok, check().fix) == (True, "")
    (tmp_path / FILE).chmod(0o640)
    assert check().fix == f"chmod 600 '{tmp_path / FILE}'"
    (tmp_path / FILE).write_text("damaged")
    assert not check().ok
    assert check(keys=Fernet.generate_key().decode()) == Check("encryption key", True, "1 in AGORA_KEYS")


@pytest.mark.parametrize(("free", "ok", "advised"), [(100, False, True), (500, True, True), (5000, True, False)])
def test_a_disk_that_is_nearly_full(monkeypatch, tmp_path, free, ok, advised):
    usage = machine.shutil.disk_usage(tmp_path)._replace(free=free * 2**20)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: usage)
    found = machine.check_space(tmp_path)
    assert (found.ok, bool(found.fix)) == (ok, advised)


def test_a_python_that_is_too_old(monkeypatch):
    assert machine.check_python().ok
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert machine.check_python().fix.startswith("Install Python 3.11")


def test_a_package_that_is_not_installed(monkeypatch, tmp_path):
    assert machine.check_packages().ok
    (tmp_path / "requirements.txt").write_text("# what it runs on\nrich>=13\nno-such-package[extra]>=1,<2\n")
    monkeypatch.setattr(machine, "PROJECT", tmp_path)
    assert machine.check_packages() == Check(
        "packages", False, "missing: no-such-package", "pip install -r requirements.txt"
    )


def test_a_variable_that_is_no_setting(monkeypatch):
    monkeypatch.setenv("AGORA_DEMOO", "geheim")
    found = machine.check_settings()
    assert found.ok
    assert "AGORA_DEMO?" in found.fix
    assert "geheim" not in found.found + found.fix


@pytest.fixture
def catalogues(monkeypatch, tmp_path):
    """Write the catalogues of a language."""
    monkeypatch.setattr(machine, "LOCALE_DIR", tmp_path)

    def write(**content):
        for locale, text in content.items():
            file = tmp_path / locale / "LC_MESSAGES" / "agora.po"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + text)

    return write


def test_catalogues_that_say_the_same(catalogues):
    catalogues(**dict.fromkeys(("ar", "he", "it"), 'msgid "a"\nmsgstr "x"\n'))
    assert machine.check_catalogues() == Check("languages", True, "en, ar, he, it: 1 sentences each")


@pytest.mark.parametrize("gap", ['msgid "b"\nmsgstr ""\n', '#, fuzzy\nmsgid "b"\nmsgstr "y"\n', ""])
def test_a_sentence_that_is_not_translated(catalogues, gap):
    both = 'msgid "a"\nmsgstr "x"\n\nmsgid "b"\nmsgstr "y"\n'
    catalogues(ar=both, he=both, it=f'msgid "a"\nmsgstr "x"\n\n{gap}')
    assert machine.check_catalogues().found == "of 2 sentences it lacks 1"


def test_a_catalogue_that_is_missing_or_damaged(catalogues):
    assert not machine.check_catalogues().ok
    catalogues(ar="this is no catalogue", he="", it="")
    assert not machine.check_catalogues().ok
    catalogues(ar="", he="", it="")
    assert machine.check_catalogues().found == "nothing is translated"


def test_time_zones_that_are_missing(monkeypatch):
    assert machine.check_time_zones().ok
    monkeypatch.setattr(machine, "ZONES", ("Europe/Rome", "Nowhere/Atall"))
    assert machine.check_time_zones().found == "Nowhere/Atall is unknown here"
