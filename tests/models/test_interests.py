"""What people say of the topics that they are asked about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models import base, handover
from models.interests import MORE, NEVER, forget, wish, wishes_in, wishes_of
from models.knowledge import Topic
from models.people import Person


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with Session(base.connect(database, pool=2), expire_on_commit=False) as session:
        yield session
    base.disconnect()


@pytest.fixture
def people(session: Session) -> tuple[Person, Person]:
    lea, tom = Person(handle="lea", name="Lea"), Person(handle="tom", name="Tom")
    session.add_all((lea, tom))
    session.flush()
    return lea, tom


@pytest.fixture
def topics(session: Session) -> tuple[int, int]:
    made = [Topic(key=key, names={"en": key}) for key in ("security", "travel")]
    session.add_all(made)
    session.flush()
    return made[0].id, made[1].id


def test_the_last_word_counts(session: Session, people: tuple[Person, Person], topics: tuple[int, int]) -> None:
    lea, tom = people
    security, travel = topics
    assert wish(session, lea, security, NEVER) and not wish(session, lea, security, NEVER)
    assert wish(session, lea, security, MORE) and wish(session, lea, travel, NEVER) and wish(session, tom, travel, MORE)
    assert wishes_of(session, lea) == {security: MORE, travel: NEVER}
    assert wishes_in(session, travel, [lea.id, tom.id]) == {lea.id: NEVER, tom.id: MORE}
    assert wishes_in(session, None, [lea.id]) == {}
    assert forget(session, lea, travel) and not forget(session, lea, travel)
    assert wishes_of(session, lea) == {security: MORE}


def test_of_two_accounts_of_one_person_both_count(
    session: Session, people: tuple[Person, Person], topics: tuple[int, int]
) -> None:
    lea, tom = people
    security, travel = topics
    wish(session, lea, security, NEVER)
    wish(session, tom, security, MORE)
    wish(session, tom, travel, MORE)
    moved = handover.give(session, tom, lea)
    assert wishes_of(session, lea) == {security: NEVER, travel: MORE}
    handover.give_back(session, lea, tom, moved)
    assert wishes_of(session, lea) == {security: NEVER} and wishes_of(session, tom) == {security: MORE, travel: MORE}
