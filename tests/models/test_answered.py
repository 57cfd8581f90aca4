"""The database counts who answered how often on which topic, whatever is done to answers and questions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.answers import Answer
from models.expertise.tables import Answered, Unlearned
from models.knowledge import Topic
from models.people import Person
from models.places import CHANNEL, Place
from models.questions import Question
from tests.models.colleagues import on_monday, somebody


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with on_monday(database) as session:
        yield session


def counted(session: Session) -> dict[tuple[int, int], int]:
    """As the database keeps it."""
    session.expire_all()
    rows = session.execute(select(Answered.topic_id, Answered.person_id, Answered.answers).where(Answered.answers != 0))
    return {(topic, person): answers for topic, person, answers in rows}


def true(session: Session) -> dict[tuple[int | None, int], int]:
    """As it is."""
    found = select(Question.topic_id, Answer.author_id, func.count()).join(Question, Question.id == Answer.question_id)
    found = found.where(~Answer.private, Question.topic_id.is_not(None)).group_by(Question.topic_id, Answer.author_id)
    return {(topic, person): answers for topic, person, answers in session.execute(found)}


def change(session: Session, what: str, one: int, other: int, people: list[Person], topics: list[Topic]) -> None:
    """Something happens to an answer or a question."""
    questions = session.scalars(select(Question).order_by(Question.id)).all()
    answers = session.scalars(select(Answer).order_by(Answer.id)).all()
    question, answer = questions[one % len(questions)], answers[one % len(answers)] if answers else None
    match what:
        case "answer":
            session.add(Answer(question_id=question.id, author_id=people[other % 3].id, text="So.", private=other > 6))
        case "topic":
            question.topic_id = topics[other].id if other < 2 else None
        case "question gone" if len(questions) > 1:
            session.delete(question)
        case "topic gone" if len(topics) > 1:
            session.delete(topics.pop())
        case "gone" if answer:
            session.delete(answer)
        case "private" if answer:
            answer.private = not answer.private
        case "author" if answer:
            answer.author_id = people[other % 3].id
        case "words" if answer:
            answer.text += "!"
    session.flush()
    session.expire_all()


CHANGES = ["answer", "answer", "answer", "topic", "question gone", "topic gone", "gone", "private", "author", "words"]


def test_it_counts_whatever_happens(session: Session) -> None:
    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 9), st.integers(0, 9)), max_size=25))
    def check(changes: list[tuple[str, int, int]]) -> None:
        session.rollback()
        people = [somebody(session, name) for name in ("omar", "lea", "tom")]
        topics = [Topic(key=key, names={"en": key}) for key in ("security", "travel")]
        place = Place(platform="slack", installation="here", key="help", kind=CHANNEL, name="help")
        session.add_all([*topics, place])
        session.flush()
        for number in range(3):
            session.add(Question(asker=people[0], text=f"Question {number}?", language="en", place=place,
                                 topic_id=topics[number % 2].id, audience=["everyone"]))  # fmt: skip
        session.flush()
        for what, one, other in changes:
            change(session, what, one, other, people, topics)
            assert counted(session) == true(session)

    check()


def test_it_says_whose_answers_do_not_hold_as_they_did(session: Session) -> None:
    omar, lea = somebody(session, "omar"), somebody(session, "lea")
    place = Place(platform="slack", installation="here", key="help", kind=CHANNEL, name="help")
    question = Question(asker=lea, text="Where?", language="en", place=place, audience=["everyone"])
    session.add_all([place, question])
    session.flush()
    given = Answer(question_id=question.id, author_id=omar.id, text="There.")
    session.add(given)
    session.flush()
    given.text = "Here."
    given.accept()
    session.flush()
    assert session.scalars(select(Unlearned.person_id)).all() == []
    given.author_id = lea.id
    session.flush()
    assert sorted(session.scalars(select(Unlearned.person_id))) == [omar.id, lea.id]
