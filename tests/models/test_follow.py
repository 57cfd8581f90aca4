"""The index follows the database: whatever commits when, whoever dies, and however far behind it is."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import base
from models.base import reading, transaction
from models.knowledge import Entry, Part, store_parts
from models.people import Person
from models.places import PRIVATE, Place
from models.questions import Question
from models.search import tables
from models.search.find import find
from models.search.follow import Follower, follower
from models.search.pool import Query
from tests.bot.queues import cut_connections
from tests.models.following import HELD, caught_up, entries, entry, exact, hidden, known


@pytest.fixture(autouse=True)
def connected(database: str) -> Iterator[None]:
    base.connect(database, pool=8)
    yield
    base.disconnect()


@pytest.mark.parametrize("seed", range(3))
def test_transactions_may_commit_in_any_order(seed: int) -> None:
    luck, one = random.Random(seed), Follower()
    entries(4)
    for _ in range(4):
        with ExitStack() as stack:
            sessions = [stack.enter_context(Session(base.engine())) for _ in range(3)]
            for number, session in enumerate(sessions):  # each its own rows, so that nobody waits for another
                for found in session.scalars(select(Entry).where(Entry.id % 3 == number)).all():
                    luck.choice([_rewritten, hidden, _withdrawn, _left])(session, found)
                entry(session, f"canary {luck.random()}")
                session.flush()
                exact(one)
            luck.shuffle(sessions)
            for session in sessions:
                luck.choice([session.commit, session.commit, session.rollback])()
                exact(one)


def _rewritten(session: Session, found: Entry) -> None:
    store_parts(session, found, [Part("", "", "canary again"), Part("", "", "and more")])


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


def test_the_index_is_asked_again_only_where_something_is_newer() -> None:
    entries(3)
    one = caught_up(follower())
    seen = one.seen
    with transaction() as session:
        session.execute(sql("select pg_current_xact_id()"))  # any other work
    with reading() as session:
        assert len(find(session, "canary", "en", HELD)) == 3
    assert one.seen == seen is not None
    with Session(base.engine()) as late:
        entry(late, "canary late")
        late.flush()
        entries(1, "canary newer")
        with reading() as session:
            assert {hit.entry.title for hit in find(session, "canary newer", "en", HELD)} >= {"canary newer number0x"}
        assert one.seen != seen
        late.commit()
    with reading() as session:
        assert find(session, "canary late", "en", HELD)[0].entry.title == "canary late"
    with transaction() as session:
        _withdrawn(session, session.get_one(Entry, 1))
    with reading() as session:
        assert len(find(session, "canary", "en", HELD)) == 4


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
    spaces = (one.index.of("passage").memory.spaces(), one.index.of("passage").memory.spaces(titles=True))
    assert [one["s"].dimensions for one in spaces] == [2, 2]
    with transaction() as session:
        session.delete(session.get_one(Entry, 1))
    exact(one)
    with reading() as session:
        assert [vector.kind for vector in session.scalars(select(tables.Vector))] == ["question"]


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
