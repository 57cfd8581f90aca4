"""The index follows the database: whatever commits when, whoever dies, and however far behind it is."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import base
from models.base import reading, transaction
from models.knowledge import Entry, Part, Passage, store_parts
from models.people import Person
from models.places import PRIVATE, Place
from models.questions import Question
from models.search import tables
from models.search.find import find
from models.search.follow import Follower, follower
from models.search.pool import Kind, Query
from tests.bot.queues import cut_connections

HELD = ["everyone"]


@pytest.fixture(autouse=True)
def connected(database: str) -> Iterator[None]:
    base.connect(database, pool=8)
    yield
    base.disconnect()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "search"


def entry(session: Session, text: str, *audience: str) -> Entry:
    found = Entry(title=text, body=text, language="en", audience=list(audience or HELD))
    session.add(found)
    session.flush()
    store_parts(session, found, [Part("", "", text)])
    return found


def entries(count: int, words: str = "canary") -> None:
    with transaction() as session:
        for number in range(count):
            entry(session, f"{words} number{number}x")


def caught_up(one: Follower) -> Follower:
    """The follower when all its work is done."""
    while not one.complete:
        with reading() as session:
            one.catch_up(session)
        one.wait()
    one.wait()
    return one


def known(one: Follower, text: str = "canary", held: list[str] = HELD) -> set[int]:
    return set(one.index.pool(Query(text, "en"), held).parents.tolist())


def exact(one: Follower) -> None:
    """The index knows what the database has, no more and no less."""
    with reading() as session:
        one.catch_up(session)
        tables_of: dict[Kind, type[Passage] | type[Question]] = {"passage": Passage, "question": Question}
        there = {kind: list(session.execute(select(of.id, of.audience))) for kind, of in tables_of.items()}
    for kind in tables_of:
        collection = one.index.of(kind)
        found = [
            (int(block.ids[row]), block.groups.all[block.group[row]][1])
            for block in (*collection.blocks, collection.memory)
            for row in range(len(block))
            if block.alive[row]
        ]
        assert sorted(found) == sorted((id, tuple(audience)) for id, audience in there[kind])


@pytest.mark.parametrize("seed", range(3))
def test_transactions_may_commit_in_any_order(seed: int) -> None:
    luck, one = random.Random(seed), Follower()
    entries(4)
    for _ in range(4):
        with ExitStack() as stack:
            sessions = [stack.enter_context(Session(base.engine())) for _ in range(3)]
            for number, session in enumerate(sessions):  # each its own rows, so that nobody waits for another
                for found in session.scalars(select(Entry).where(Entry.id % 3 == number)).all():
                    luck.choice([_rewritten, _hidden, _withdrawn, _left])(session, found)
                entry(session, f"canary {luck.random()}")
                session.flush()
                exact(one)
            luck.shuffle(sessions)
            for session in sessions:
                luck.choice([session.commit, session.commit, session.rollback])()
                exact(one)


def _rewritten(session: Session, found: Entry) -> None:
    store_parts(session, found, [Part("", "", "canary again"), Part("", "", "and more")])


def _hidden(session: Session, found: Entry) -> None:
    found.audience = ["role:admin"]
    session.flush()
    session.execute(sql("update passage set audience = '{role:admin}' where entry_id = :id"), {"id": found.id})


def _withdrawn(session: Session, found: Entry) -> None:
    found.state = "withdrawn"
    store_parts(session, found, [])


def _left(session: Session, found: Entry) -> None:
    pass


def test_what_a_turn_itself_writes_is_not_known_before_it_commits() -> None:
    one = follower()
    entries(2)
    with Session(base.engine()) as session:
        entry(session, "canary unsaid")
        assert find(session, "unsaid", "en", HELD) == []
        entries(1, "parrot")
        one.catch_up(session)
        assert len(known(one, "parrot")) == 1 and not known(one, "unsaid")
        session.rollback()
    exact(one)


def test_a_new_title_is_found_and_the_old_one_is_not() -> None:
    entries(1)
    caught_up(follower())
    with transaction() as session:
        session.get_one(Entry, 1).title = "Parrots"
    with reading() as session:
        assert [hit.entry.title for hit in find(session, "parrots", "en", HELD)] == ["Parrots"]


def test_a_question_is_known_with_what_was_added_to_it() -> None:
    with transaction() as session:
        place = Place(platform="web", installation="x", key="dm", kind=PRIVATE, name="x", closed=True)
        person = Person(handle="mona", name="Mona")
        session.add_all([place, person])
        asked = Question(asker=person, place=place, text="Which canary?", language="en", audience=HELD)
        session.add(asked)
    one = caught_up(follower())
    with transaction() as session:
        session.get_one(Question, 1).more = ["The yellow one."]
    exact(one)
    assert one.index.pool(Query("yellow", "en"), HELD, ("question",)).ids.tolist() == [1]
    with transaction() as session:
        session.delete(session.get_one(Question, 1))
    exact(one)


def test_vectors_come_later_and_go_with_their_row() -> None:
    entries(1)
    one = caught_up(follower())
    with transaction() as session:
        value = np.array([0.6, 0.8], "<f2").tobytes()
        session.add(tables.Vector(kind="passage", ref_id=1, space="s", digest=b"", value=value))
        session.add(tables.Vector(kind="title", ref_id=1, space="s", digest=b"", value=value))
        session.add(tables.Vector(kind="question", ref_id=99, space="s", digest=b"", value=b"odd"))
    exact(one)
    spaces = (one.index.of("passage").memory.spaces(), one.index.of("passage").memory.title_spaces())
    assert [one["s"].dimensions for one in spaces] == [2, 2]
    with transaction() as session:
        session.delete(session.get_one(Entry, 1))
    exact(one)
    with reading() as session:
        assert [vector.kind for vector in session.scalars(select(tables.Vector))] == ["question"]


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
            _hidden(session, found)
    again = Follower(home, small=10, large=50)
    with reading() as session:
        again.catch_up(session)
    assert again.complete and len(again.index.of("passage").blocks) > 0
    exact(again)
    again.close()


@pytest.mark.parametrize("damage", ["cut", "other database", "other version", "block gone", "long ago"])
def test_what_is_of_no_use_any_more_is_built_anew(home: Path, damage: str) -> None:
    entries(120)
    caught_up(Follower(home, small=10, large=50)).close()
    kept = next(home.glob("*/kept.json"))
    about = kept.read_text()
    if damage == "block gone":
        next(home.glob("*/passage-*/about.json")).unlink()
    changed = {
        "cut": about[:100], "other database": about.replace('"identity":"', '"identity":"x'),
        "other version": about.replace('"version":"', '"version":"x'), "block gone": about,
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


def test_a_database_that_goes_away_and_comes_back_is_followed_again() -> None:
    entries(3)
    one = caught_up(follower())
    cut_connections()
    entries_later = 0
    for _ in range(20):
        try:
            entries(1, "parrot")
            entries_later += 1
            exact(one)
            break
        except SQLAlchemyError:
            continue
    assert len(known(one, "parrot")) == entries_later > 0


def test_several_threads_ask_while_others_write() -> None:
    entries(30)
    caught_up(follower())
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(20):
                with reading() as session:
                    assert len(find(session, "canary", "en", HELD)) == 5
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        entries(1)
    for thread in threads:
        thread.join()
    assert failed == []
    exact(follower())


def test_old_changes_are_forgotten() -> None:
    entries(2)
    with transaction() as session:
        session.execute(sql("update search_change set at = now() - interval '4 days' where ref_id = 1"))
        tables.trim(session)
        assert session.scalars(select(tables.SearchChange.ref_id)).all() == [2]
