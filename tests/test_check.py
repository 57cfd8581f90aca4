"""``check``: what is wrong is found, named, and comes with its fix."""

import asyncio
import errno
import io
import os
import socket
import sys

import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from rich.console import Console

from bot import health
from bot.check import Check, checks, machine, network, print_checks
from bot.config import Settings
from bot.keys import FILE, encryption_keys
from models import migrate
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
    names += "database rights,pgvector,migrations,clock,encoded,search encoder,port,playground,Slack,Teams,model,"
    names += "languages,time zones"
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
