"""What waits to be encoded, in which space, and when a space answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select, text

from models import base, vectors
from models.base import now, reading, set_clock, transaction
from models.knowledge import RETIRED, Entry, Part, store_parts
from models.people import Person
from models.questions import Question
from models.search import meaning
from models.search.tables import Vector
from models.vectors import PASSAGE, QUESTION, TITLE

OLD, NEW = "old-1", "new-2"
ONE = np.array([1, 0, 0], np.float32)


@pytest.fixture(autouse=True)
def connected(database: str) -> Iterator[None]:
    base.connect(database)
    yield
    set_clock(None)
    base.disconnect()


def entry(title: str, body: str = "Some words that are worth finding.") -> int:
    with transaction() as session:
        made = Entry(title=title, body=body, language="en", audience=["everyone"])
        session.add(made)
        store_parts(session, made, [Part("", "", body)])
        return made.id


def begin(space: str) -> None:
    """Let everything wait in a space, as a worker does, in as many transactions."""
    with transaction() as session:
        vectors.want(session, space, 3)
    for _ in range(2):
        with transaction() as session:
            vectors.advance(session, space)


def claim(space: str, most: int = 100) -> list[vectors.Waiting]:
    with transaction() as session:
        return vectors.claim(session, space, most)


def store(space: str, held: list[vectors.Waiting]) -> None:
    with transaction() as session:
        vectors.store(session, space, {one: ONE if one.text else None for one in held})
        vectors.advance(session, space)


def fill(space: str) -> None:
    while held := claim(space):
        store(space, held)
    with transaction() as session:
        vectors.advance(session, space)


def stored(space: str) -> set[tuple[str, int]]:
    with reading() as session:
        return {(row.kind, row.ref_id) for row in session.scalars(select(Vector).where(Vector.space == space))}


def answering() -> tuple[str, ...]:
    with reading() as session:
        return vectors.answering(session)


def test_what_was_there_waits_and_what_comes_later_too():
    entry("Keys of the office")
    begin(OLD)
    entry("Coffee machine")
    found = {(one.kind, one.text.split("\n")[0]) for one in claim(OLD)}
    assert found == {(kind, title) for kind in (PASSAGE, TITLE) for title in ("Keys of the office", "Coffee machine")}


def test_without_a_space_nothing_waits():
    entry("Keys of the office")
    with reading() as session:
        assert session.scalar(text("select count(*) from encoding")) == 0


def test_what_is_held_is_nobody_elses_until_its_holder_is_given_up():
    entry("Keys of the office")
    begin(OLD)
    assert len(claim(OLD)) == 2 and claim(OLD) == []
    moment = now()
    set_clock(lambda: moment + vectors.LEASE)
    held = claim(OLD)
    assert len(held) == 2
    with transaction() as session:
        vectors.put_back(session, OLD, held)
    assert len(claim(OLD)) == 2


def test_a_space_answers_when_everything_was_encoded_once_and_goes_on_answering():
    entry("Keys of the office")
    begin(OLD)
    assert answering() == ()
    fill(OLD)
    assert answering() == (OLD,) and len(stored(OLD)) == 2
    entry("Coffee machine")
    assert answering() == (OLD,) and len(claim(OLD)) == 2


def test_the_very_first_space_answers_as_soon_as_it_knows_every_title():
    for title in ("Keys of the office", "Coffee machine"):
        entry(title)
    begin(OLD)
    held = claim(OLD, 2)
    assert {one.kind for one in held} == {TITLE}  # they come first, since they take no time
    assert answering() == ()
    store(OLD, held)
    assert answering() == (OLD,)
    with reading() as session:
        assert vectors.spaces(session) == {OLD: False}
    fill(OLD)
    begin(NEW)
    store(NEW, claim(NEW, 2))
    assert answering() == (OLD,)  # a second one waits until it is complete


def test_what_a_transaction_writes_that_knew_nothing_of_the_space_is_not_forgotten():
    """It began before, and ends after everything that could be seen was made to wait."""
    ready, go = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction() as session:
            made = Entry(title="Slow", body="b", language="en", audience=["everyone"])
            session.add(made)
            store_parts(session, made, [Part("", "", "Some words")])
            ready.set()
            go.wait(30)

    writer = threading.Thread(target=slow)
    writer.start()
    assert ready.wait(30)
    begin(OLD)
    fill(OLD)
    assert answering() == ()
    go.set()
    writer.join()
    fill(OLD)
    fill(OLD)
    assert answering() == (OLD,) and len(stored(OLD)) == 2


def test_what_changes_while_it_is_encoded_is_encoded_again():
    id = entry("Keys of the office")
    begin(OLD)
    held = claim(OLD)
    with transaction() as session:
        session.get_one(Entry, id).title = "Keys of the garage"
    store(OLD, held)
    assert stored(OLD) == set()
    assert {one.text.split("\n")[0] for one in claim(OLD)} == {"Keys of the garage"}


def test_vectors_go_with_what_they_were_made_of(world):
    id = entry("Keys of the office")
    begin(OLD)
    fill(OLD)
    with transaction() as session:
        asked = session.scalar(select(Question).where(Question.text == world))
        asked.text = "…"  # as erasing somebody does
        retired = session.get_one(Entry, id)
        retired.state = RETIRED
        store_parts(session, retired, [])
    assert stored(OLD) == set()
    fill(OLD)
    assert stored(OLD) == set()  # of a text that says nothing none is made


def test_of_a_question_no_secret_is_encoded(world):
    with transaction() as session:
        session.scalar(select(Question)).text = "My password: Tr0ub4dor&3 does not work, who can help?"
    begin(OLD)
    texts = [one.text for one in claim(OLD) if one.kind == QUESTION]
    assert len(texts) == 1 and "who can help" in texts[0] and "Tr0ub4dor" not in texts[0]


@pytest.fixture
def world(connected) -> str:
    """A question that somebody asked; its text."""
    from models.places import PRIVATE, Place
    from models.questions import ask

    with transaction() as session:
        mona = Person(handle="mona", name="Mona")
        place = Place(platform="web", installation="here", key="dm", kind=PRIVATE, name="Mona", closed=True)
        session.add_all((mona, place))
        session.flush()
        question = Question(asker=mona, asker_id=mona.id, text="Where are the keys?", more=[], language="en",
                            place=place, place_id=place.id, audience=["person:1"])  # fmt: skip
        ask(session, question)
    return "Where are the keys?"


def test_the_old_space_answers_until_the_new_one_is_complete_and_is_dropped_then():
    entry("Keys of the office")
    begin(OLD)
    fill(OLD)
    moment = now()
    set_clock(lambda: moment + 2 * vectors.FORGOTTEN)
    begin(NEW)
    with transaction() as session:
        assert not vectors.drop_forgotten(session)
    assert answering() == (OLD,) and len(stored(OLD)) == 2
    fill(NEW)
    assert set(answering()) == {OLD, NEW}
    while True:
        with transaction() as session:
            if not vectors.drop_forgotten(session):
                break
    assert answering() == (NEW,) and stored(OLD) == set() and len(stored(NEW)) == 2


def test_a_space_that_another_process_still_wants_is_not_dropped():
    entry("Keys of the office")
    for space in (OLD, NEW):
        begin(space)
        fill(space)
    with transaction() as session:
        assert not vectors.drop_forgotten(session)
    assert set(answering()) == {OLD, NEW}


def test_texts_are_counted_by_day():
    begin(OLD)
    with transaction() as session:
        assert (vectors.use(session, OLD, 3), vectors.use(session, OLD, 4)) == (3, 7)
        moment = now()
        set_clock(lambda: moment + timedelta(days=1))
        assert vectors.use(session, OLD, 2) == 2


def test_what_is_kept_of_a_question_is_known_in_the_spaces_that_are_complete(world):
    entry("Keys of the office")
    begin(OLD)
    with reading() as session:
        question = session.scalars(select(Question.id)).one()
        assert meaning.of_question(session, question) == {}
    fill(OLD)
    begin(NEW)
    store(NEW, [one for one in claim(NEW) if one.kind == QUESTION])
    with reading() as session:
        assert {space: row.tolist() for space, row in meaning.of_question(session, question).items()} == {
            OLD: ONE.tolist()
        }
        assert meaning.of_question(session, question + 1) == {}
