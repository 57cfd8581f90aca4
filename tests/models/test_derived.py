"""What models made of texts goes with them, whoever changes or deletes those, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models import base, derived
from models.answers import Answer
from models.base import Base, now, reading, set_clock, transaction
from models.derived import DerivedText
from models.knowledge import Entry, Part, Passage, store_parts
from models.people import Person
from models.places import CHANNEL, Place
from models.questions import Question

KINDS: dict[str, type[Base]] = {"question": Question, "answer": Answer, "entry": Entry, "passage": Passage}
CHANGES = [
    ("question", {"text": "Something else?"}),
    ("question", {"more": ["And this?"]}),
    ("answer", {"text": "Something else."}),
    ("entry", {"title": "Something else"}),
    ("entry", {"body": "Something else."}),
]
LEAVES = [("question", {"topic_id": None}), ("answer", {"state": "given"}), ("entry", {"unconfirmed": True})]


@pytest.fixture
def sown(database: str) -> Iterator[dict[str, int]]:
    """A row of every kind, by its number, each with what was made of it."""
    base.connect(database, pool=2)
    with transaction() as session:
        mona = Person(handle="mona", name="Mona")
        place = Place(platform="slack", installation="here", key="help", kind=CHANNEL, name="help", closed=False)
        session.add_all((mona, place))
        session.flush()
        question = Question(asker_id=mona.id, text="How?", language="en", place_id=place.id, audience=["everyone"])
        entry = Entry(title="How", body="So.", language="en", audience=["everyone"])
        session.add_all((question, entry))
        session.flush()
        answer = Answer(question_id=question.id, author_id=mona.id, text="So.")
        session.add(answer)
        store_parts(session, entry, [Part("", "", "So.")])
        keys = {"question": question.id, "answer": answer.id, "entry": entry.id}
        keys["passage"] = session.scalars(select(Passage.id)).one()
        for kind, id in keys.items():
            keep(session, kind, id)
    yield keys
    set_clock(None)
    base.disconnect()


def keep(session: Session, kind: str, id: int) -> None:
    derived.keep(session, derived.digest_of(kind, id, "test", "it", "fake", ["one"]), kind, id, ["uno"])


def left() -> set[str]:
    with reading() as session:
        return set(session.scalars(select(DerivedText.kind)))


@pytest.mark.parametrize("kind, change", CHANGES)
def test_it_goes_when_the_text_changes(sown: dict[str, int], kind: str, change: dict[str, object]) -> None:
    with transaction() as session:
        session.execute(update(KINDS[kind]).where(KINDS[kind].id == sown[kind]).values(change))  # type: ignore[attr-defined]
    assert left() == set(KINDS) - {kind}


@pytest.mark.parametrize("kind, change", LEAVES)
def test_it_stays_when_something_else_does(sown: dict[str, int], kind: str, change: dict[str, object]) -> None:
    with transaction() as session:
        session.execute(update(KINDS[kind]).where(KINDS[kind].id == sown[kind]).values(change))  # type: ignore[attr-defined]
    assert left() == set(KINDS)


@pytest.mark.parametrize("kind", ["passage", "answer"])
def test_it_goes_when_the_text_is_deleted(sown: dict[str, int], kind: str) -> None:
    with transaction() as session:
        session.execute(delete(KINDS[kind]).where(KINDS[kind].id == sown[kind]))  # type: ignore[attr-defined]
    assert left() == set(KINDS) - {kind}


def test_what_goes_with_another_row_takes_it_along(sown: dict[str, int]) -> None:
    with transaction() as session:
        session.execute(delete(Entry))
    assert left() == {"question", "answer"}


def test_what_is_old_goes(sown: dict[str, int]) -> None:
    later = now() + derived._KEPT + timedelta(minutes=1)
    set_clock(lambda: later)
    with transaction() as session:
        keep(session, "answer", sown["answer"])
        derived.purge(session)
        assert session.scalar(select(func.count()).select_from(DerivedText)) == 1
