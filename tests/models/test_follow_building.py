"""The index of a large store is built in pages, kept on the disk, and taken up again by whoever comes next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from bot.searching import SearchWorker
from models import base
from models.base import reading, transaction
from models.knowledge import Entry
from models.search import follow
from models.search.follow import Follower
from tests.models.following import caught_up, entries, entry, exact, hidden, known


@pytest.fixture(autouse=True)
def connected(database: str) -> Iterator[None]:
    base.connect(database, pool=8)
    yield
    base.disconnect()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "search"


def test_what_is_much_is_built_in_pages_while_words_are_answered(home: Path) -> None:
    entries(700)
    one = Follower(home, small=10, large=50, at_once=120)
    with reading() as session:
        one.catch_up(session)
    known(one)  # whatever is there so far
    with transaction() as session:
        entry(session, "canary latecomer")
        session.execute(sql("delete from entry where id in (3, 650)"))
    caught_up(one)
    exact(one)
    assert known(one, "latecomer") == {701} and not known(one, "number2x")
    assert len(list(home.glob("*/kept.json"))) == 1
    one.close()


def test_what_was_kept_is_read_again_with_what_changed_since(home: Path) -> None:
    entries(300)
    caught_up(Follower(home, small=10, large=50)).close()
    with transaction() as session:
        session.execute(sql("delete from entry where id = 7"))
        entry(session, "canary latecomer")
        for found in session.scalars(select(Entry).where(Entry.id < 5)):
            hidden(session, found)
    again = Follower(home, small=10, large=50)
    with reading() as session:
        again.catch_up(session)
    assert again.complete and len(again.index.of("passage").blocks) > 0
    exact(again)
    again.close()


@pytest.mark.parametrize("damage", ["cut", "other database", "other version", "block gone", "long ago", "emptied"])
def test_what_is_of_no_use_any_more_is_built_anew(home: Path, damage: str) -> None:
    entries(120)
    caught_up(Follower(home, small=10, large=50)).close()
    kept = next(home.glob("*/kept.json"))
    about = kept.read_text()
    if damage == "block gone":
        next(home.glob("*/passage-*/about.json")).unlink()
    if damage == "emptied":  # as a file system may leave it after a power cut
        next(home.glob("*/passage-*/gone.npy")).write_bytes(b"")
    changed = {
        "cut": about[:100], "other database": about.replace('"identity":"', '"identity":"x'),
        "other version": about.replace('"version":"', '"version":"x'), "block gone": about, "emptied": about,
        "long ago": about.replace('"at":"2', '"at":"1'),
    }[damage]  # fmt: skip
    kept.write_text(changed)
    again = caught_up(Follower(home, small=10, large=50))
    exact(again)
    again.close()


def test_two_processes_of_one_machine_keep_apart(home: Path) -> None:
    entries(120)
    one, other = (Follower(home, small=10, large=50) for _ in range(2))
    for each in (one, other):
        caught_up(each)
    assert len(list(home.glob("*/kept.json"))) == 2
    with transaction() as session:
        entry(session, "canary for both")
    for each in (one, other):
        exact(each)
        each.close()


_BUILD = """
import sys
from pathlib import Path
from models import base
from models.base import reading
from models.search import follow
from models.search.follow import Follower
base.connect(sys.argv[1])
one = Follower(Path(sys.argv[2]), small=10, large=50, at_once=100)
while not one.complete:
    with reading() as session:
        one.catch_up(session)
    one.wait()
print("complete", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("blocks", [1, 3])
def test_whoever_dies_while_building_goes_on_where_it_stood(database: str, home: Path, blocks: int) -> None:
    entries(900)
    child = subprocess.Popen(
        [sys.executable, "-c", _BUILD, database, str(home)],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
    )
    try:
        while child.poll() is None and len(list(home.glob("*/passage-*/about.json"))) < blocks:
            threading.Event().wait(0.002)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    with transaction() as session:
        session.execute(sql("delete from entry where id % 9 = 0"))
    again = caught_up(Follower(home, small=10, large=50, at_once=100))
    exact(again)
    again.close()


def test_following_goes_on_whatever_went_wrong(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries(60)
    one = Follower(home, small=10, large=50)
    monkeypatch.setitem(follow._followers, base.engine(), one)
    home.write_text("in the way of the folder")
    worker = SearchWorker()
    worker._look()
    assert not one.complete
    home.unlink()
    while not one.complete:
        worker._look()
        one.wait()
    exact(one)
    one.close()
