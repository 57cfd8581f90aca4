"""Rows past the ORM: the same objects, and the session as it would be."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models import access, base
from models.access import keys_of
from models.facts import Fact
from models.knowledge import ENTRIES, Entry
from models.mail import Outbox, PostedCard, Timer
from models.pending import pending, standing_about
from models.people import PEOPLE, Person
from models.places import CHANNEL, Membership, Place
from models.questions import OFFERED, QUESTIONS, Question, ask, go_on
from models.rows import run
from tests.bot.queues import cut_connections, run_sql

_BY_HANDLE = f"select {PEOPLE.columns('p')} from person p where handle = %(handle)s"


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    base.connect(database, pool=2)
    with base.transaction() as session:
        session.add(Person(handle="mona", name="Mona"))
        session.add(Place(platform="web", installation="here", key="general", kind=CHANNEL, name="general"))
        session.flush()
        yield session
    base.disconnect()


def mona(session: Session) -> Person:
    found = PEOPLE.first(session, _BY_HANDLE, {"handle": "mona"})
    assert found is not None
    return found


def asked(session: Session) -> Question:
    place = session.scalars(select(Place)).one()
    question = Question(asker_id=mona(session).id, text="Which wifi?", language="en", place_id=place.id,
                        audience=["everyone"])  # fmt: skip
    ask(session, question)
    return question


def test_a_row_is_the_object_that_the_session_knows(session: Session) -> None:
    known = session.scalars(select(Person)).one()
    assert mona(session) is known
    session.expunge_all()
    fresh = mona(session)
    assert fresh is not known
    assert session.get(Person, fresh.id) is fresh is session.scalars(select(Person)).one()


def test_what_is_changed_of_such_an_object_is_written(session: Session) -> None:
    session.expunge_all()
    mona(session).name = "Mona B."
    session.flush()
    session.expunge_all()
    assert mona(session).name == "Mona B."


def test_a_column_that_was_left_out_is_loaded_when_it_is_asked_for(session: Session) -> None:
    session.add(Entry(title="Wifi", body="Ask Mona.", language="en", audience=["everyone"], author=mona(session)))
    session.flush()
    session.expunge_all()
    entry = ENTRIES.locked(session, 1)
    assert entry is not None and entry.body == "Ask Mona."
    assert entry.author is mona(session)


def test_a_locked_row_is_as_it_is_now(session: Session) -> None:
    question = asked(session)
    session.execute(sql("update question set state = 'closed', next_step = null, next_at = null"))
    assert question.state == "open"
    assert QUESTIONS.locked(session, question.id) is question
    assert question.state == "closed"


def test_a_question_is_written_with_its_timer_and_goes_on_with_another(session: Session) -> None:
    question = asked(session)
    assert [timer.slot for timer in session.scalars(select(Timer))] == ["1"]
    question.offer(mona(session), base.now())
    go_on(session, question)
    session.expunge_all()
    written = session.get_one(Question, question.id)
    assert (written.state, written.asked_of_id, written.text) == (OFFERED, mona(session).id, "Which wifi?")
    assert [(timer.slot, timer.due_at) for timer in session.scalars(select(Timer))] == [("2", written.next_at)]


def test_what_is_wrong_with_a_statement_is_said_as_a_session_says_it(session: Session) -> None:
    point = session.begin_nested()
    with pytest.raises(DBAPIError) as caught:
        run(session, "select 1 / 0")
    assert not base.is_away(caught.value)
    point.rollback()


def test_a_connection_that_was_cut_is_away(database: str) -> None:
    base.connect(database, pool=2)
    with pytest.raises(DBAPIError) as caught, base.transaction() as session:
        run(session, "select 1")
        cut_connections()
        run(session, "select 1")
    assert base.is_away(caught.value)
    assert run_sql("select 1") == [(1,)]
    base.disconnect()


def test_keys_are_asked_for_again_when_somebody_joins(session: Session) -> None:
    person, place = mona(session), session.scalars(select(Place)).one()
    before = keys_of(session, person)
    session.add(Membership(place_id=place.id, person_id=person.id))
    assert set(keys_of(session, person)) - set(before) == {f"place:{place.id}"}
    session.execute(sql("delete from membership"))
    access._forget(session)
    assert keys_of(session, person) == before


def message(about: str) -> dict[str, object]:
    where = {"lane": 1, "platform": "web", "installation": "here", "conversation": "general", "operation": "post"}
    return {**where, "payload": {"card": 1}, "correlation": "x", "about": about, "thread": None, "person_id": None}


def test_what_waits_is_seen_by_whoever_asks(session: Session) -> None:
    pending(session).messages.append(message("entry:5"))
    assert [card.about for card in standing_about(session, "entry:5", "entry:6")] == ["entry:5"]
    pending(session).messages.append(message("entry:6"))
    outgoing, cards = session.scalars(select(Outbox)).all(), session.scalars(select(PostedCard)).all()
    assert sorted(row.id for row in outgoing) == sorted(card.outbox_id for card in cards)
    assert [row.payload for row in outgoing] == [{"card": 1}] * 2


def test_what_waits_is_written_at_the_end_or_not_at_all(database: str) -> None:
    base.connect(database, pool=2)
    fact = {"actor_id": None, "entity": "entry", "entity_id": 5, "data": {"n": 1}, "correlation": "x"}
    with pytest.raises(ZeroDivisionError), base.transaction() as session:
        pending(session).facts.append({**fact, "verb": "never"})
        raise ZeroDivisionError
    with base.transaction() as session:
        pending(session).facts.append({**fact, "verb": "happened"})
    with base.reading() as session:
        assert [(fact.verb, fact.data) for fact in session.scalars(select(Fact))] == [("happened", {"n": 1})]
    base.disconnect()


_FIRST_OF_ALL = """
import sys
from models import base
from models.people import PEOPLE
base.connect(sys.argv[1], pool=1)
with base.reading() as session:
    mona = PEOPLE.first(session, f"select {PEOPLE.columns('p')} from person p")
    print(mona.name, len(mona.accounts))
"""


def test_a_process_may_begin_with_them(database: str) -> None:
    """Before any query or new object has made SQLAlchemy look at the mappings."""
    base.connect(database, pool=1)
    with base.transaction() as session:
        session.add(Person(handle="mona", name="Mona"))
    base.disconnect()
    said = subprocess.run([sys.executable, "-c", _FIRST_OF_ALL, database], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["Mona", "0"]
