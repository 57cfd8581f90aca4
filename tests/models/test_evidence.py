"""What speaks for a person, by topic."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models.answers import Answer
from models.expertise.evidence import evidence, subject
from models.knowledge import Entry, Topic
from models.people import Person
from models.places import CHANNEL, Place
from models.questions import Question
from tests.models.colleagues import on_monday


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with on_monday(database) as session:
        yield session


def test_topics_come_with_what_was_done_and_said_and_the_rest_with_its_words(session: Session) -> None:
    mona, omar = (Person(handle=name, name=name.title(), skills=["network"]) for name in ("mona", "omar"))
    place = Place(platform="slack", installation="here", key="help", kind=CHANNEL, name="help")
    topics = {key: Topic(key=key, names={"en": key.title()}) for key in ("network", "security", "travel")}
    session.add_all([mona, omar, place, *topics.values()])
    session.flush()
    topics["security"].owner_id = omar.id

    def answered(text: str, topic: Topic | None, private: bool = False) -> None:
        question = Question(asker=mona, text=text, language="en", place=place, topic=topic, audience=["everyone"])
        session.add(question)
        session.flush()
        session.add(Answer(question_id=question.id, author=omar, text="So.", private=private))

    for number in range(2):
        answered(f"How do I rotate key {number}?", topics["security"])
    answered("Which hotel?", topics["travel"], private=True)
    answered("The VPN certificate is expired", None)
    answered("Who renews a VPN certificate?", None)
    security, network = topics["security"], topics["network"]
    session.add(Entry(title="Keys", body="In the vault.", language="en", topic_id=security.id, owner_id=omar.id,
                      audience=["everyone"]))  # fmt: skip
    session.flush()
    assert evidence(session, omar) == [
        (security, [
            {"why": "owner", "topic": security.id},
            {"why": "answered", "n": 2, "last": "2026-03-02", "topic": security.id},
            {"why": "wrote", "n": 1, "topic": security.id},
        ]),
        (network, [{"why": "skill", "topic": network.id}]),
        ("VPN certificate", [{"why": "answered", "n": 2, "last": "2026-03-02"}]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["How do I renew the VPN certificate?", "the vpn Certificate again"], "VPN certificate"),
        (["איך מחדשים את תעודת ה-VPN?", "תעודת VPN פגה"], "תעודת VPN"),
        (["Why?", "The printer"], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_a_subject_is_named_by_the_words_that_questions_share(texts: list[str], words: str) -> None:
    assert subject(texts) == words
