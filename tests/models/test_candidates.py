"""Who is asked first, and who is not asked at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models import access
from models.answers import Answer
from models.base import now
from models.candidates import candidates, colleagues, group_of, last_resort
from models.experts import DECLINED, Offer, set_away
from models.knowledge import Topic
from models.people import Person
from models.places import CHANNEL, Place
from models.questions import Question
from models.rules import RULES
from models.strategies import MOST_AT_ONCE
from tests.models.colleagues import MONDAY, on_monday, somebody

Ask = Callable[..., Question]


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with on_monday(database) as session:
        yield session


@pytest.fixture
def topic(session: Session) -> Topic:
    topic = Topic(key="security", names={"en": "Security"}, owner_id=somebody(session, "owner").id)
    session.add(topic)
    session.flush()
    return topic


@pytest.fixture
def ask(session: Session, topic: Topic) -> Ask:
    """Makes questions on the topic, all asked by one person."""
    mona = somebody(session, "mona", skills=["security"])
    place = Place(platform="slack", installation="here", key="help", kind=CHANNEL, name="help")
    session.add(place)

    def made(text: str = "How do I rotate the keys?", language: str = "en") -> Question:
        question = Question(asker=mona, text=text, language=language, place=place, topic=topic,
                            audience=["everyone"])  # fmt: skip
        session.add(question)
        session.flush()
        return question

    return made


def offer(session: Session, question: Question, person: Person, **about: Any) -> Offer:
    made = Offer(question=question, person=person, reasons=[{"why": "owner"}], until=now(), **about)
    session.add(made)
    session.flush()
    return made


def names(session: Session, question: Question) -> list[str]:
    return [one.person.handle for one in candidates(session, question)]


def test_answers_outweigh_titles_and_titles_outweigh_claims(session: Session, topic: Topic, ask: Ask) -> None:
    somebody(session, "skilled", skills=["security"])
    topic.deputy_id = somebody(session, "deputy").id
    doer = somebody(session, "doer")
    for number in range(4):
        session.add(Answer(question_id=ask(f"Something else, number {number}?").id, author=doer, text="In the vault."))
    session.commit()
    assert names(session, ask()) == ["doer", "owner", "deputy", "skilled"]


def test_who_answered_a_question_like_it_counts_without_any_topic(session: Session, topic: Topic, ask: Ask) -> None:
    doer, before = somebody(session, "doer"), ask("How do I rotate the keys of the gate?")
    session.add(Answer(question_id=before.id, author=doer, text="At the gate."))
    question = ask("rotate keys of the gate")
    question.topic = before.topic = None
    question.topic_id = before.topic_id = None
    session.commit()
    assert [(one.person.handle, one.reasons) for one in candidates(session, question)] == [
        ("doer", [{"why": "similar", "n": 1, "last": "2026-03-02", "subject": "rotate keys gate"}])
    ]


@pytest.mark.parametrize(
    "about", [{"kind": "guest"}, {"active": False}, {"quota": 0}, {"unreachable": True}], ids=lambda it: next(iter(it))
)
def test_some_are_never_asked(session: Session, topic: Topic, ask: Ask, about: dict[str, Any]) -> None:
    person = somebody(session, "other", skills=["security"])
    for name, value in about.items():
        setattr(person, name, value)
    if "unreachable" in about:
        person.accounts[0].private = None
    session.flush()
    assert names(session, ask()) == ["owner"]


def test_language_load_and_working_hours_decide_between_equals(session: Session, topic: Topic, ask: Ask) -> None:
    topic.owner_id = None
    for handle, about in {
        "same": {}, "arab": {"locale": "ar"}, "asleep": {"timezone": "Pacific/Auckland"}, "busy": {}
    }.items():  # fmt: skip
        somebody(session, handle, skills=["security"], **about)
    busy = session.query(Person).filter_by(handle="busy").one()
    offer(session, ask("Another?"), busy)
    assert names(session, ask()) == ["same", "arab", "busy", "asleep"]


def test_among_equals_who_was_asked_least_lately_comes_first(session: Session, topic: Topic, ask: Ask) -> None:
    topic.owner_id = None
    first, second = (somebody(session, name, skills=["security"]) for name in ("first", "second"))
    offer(session, ask("Another?"), first, state=DECLINED, ended_at=now())
    assert names(session, ask()) == ["second", "first"]
    offer(session, ask("Another?"), second, state=DECLINED, ended_at=now(), made_at=now() + timedelta(minutes=1))
    assert names(session, ask()) == ["first", "second"]


def test_among_equals_who_is_nearer_to_the_asker_comes_first(session: Session, topic: Topic, ask: Ask) -> None:
    topic.owner_id = None
    places = {
        "far": {"location": "Haifa"},
        "house": {"location": "Milan"},
        "both": {"location": "Milan", "department": "IT"},
    }
    for handle, about in places.items():
        somebody(session, handle, skills=["security"], **about)
    question = ask()
    question.asker.location, question.asker.department = "milan", "it"
    assert names(session, question) == ["both", "house", "far"]
    offer(session, ask("Another?"), session.query(Person).filter_by(handle="both").one(), state=DECLINED)
    assert names(session, question) == ["house", "far", "both"]  # they were asked already: being near decides last


def test_a_group_is_small_and_the_last_resort_has_no_holidays(session: Session, topic: Topic, ask: Ask) -> None:
    for number in range(9):
        somebody(session, f"skilled{number}", skills=["security"])
    question = ask()
    assert len(group_of(session, question)) == 1
    topic.strategy = "group"
    assert len(group_of(session, question)) == MOST_AT_ONCE
    owner = session.get_one(Person, topic.owner_id)
    set_away(session, owner, MONDAY, MONDAY + timedelta(days=9))
    session.flush()
    assert "owner" not in names(session, question)
    assert [one.person.handle for one in last_resort(session, question, again=False)] == ["owner"]


def test_only_who_has_an_offer_may_act_on_it_and_read_the_question(session: Session, topic: Topic, ask: Ask) -> None:
    question, other = ask(), somebody(session, "other", kind="guest")
    question.audience = ["person:0"]
    owner = session.get_one(Person, topic.owner_id)
    made = offer(session, question, owner)
    for verb in RULES["offer"]:
        assert access.may(session, owner, verb, made) and not access.may(session, other, verb, made)
    assert access.may(session, owner, "read", question) and access.may(session, owner, "answer", question)
    made.end(DECLINED)
    session.flush()
    assert not access.may(session, owner, "read", question)


def test_it_is_passed_on_to_those_first_who_may_know(session: Session, topic: Topic, ask: Ask) -> None:
    for name in ("abel", "berta", "cesar"):
        somebody(session, name)
    somebody(session, "zoe", skills=["security"])
    assert [one.handle for one in colleagues(session, ask(), {topic.owner_id or 0}, 3)] == ["zoe", "abel", "berta"]
