"""How the questions of a topic are offered: one at a time, two at once, to a group, in turn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.base import reading
from models.experts import Offer
from models.knowledge import Topic
from tests.asking import KEYS, a_topic, asks
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def offered() -> list[str]:
    """To whom questions were offered, in order."""
    with reading() as session:
        return [one.person.handle for one in session.scalars(select(Offer).order_by(Offer.id))]


def company(chat: Chat, strategy: str) -> tuple[Someone, Someone, Someone, Someone, Topic]:
    """Somebody who asks, and three who know the topic equally well."""
    mona, omar = chat.slack("mona"), chat.teams("omar", skills=["security"])
    lea, tom = chat.slack("lea", skills=["security"]), chat.slack("tom", skills=["security"])
    return mona, omar, lea, tom, a_topic(chat, chat.slack("ada", quota=0), strategy)


def test_two_are_asked_at_once_and_who_accepts_first_has_it(chat: Chat) -> None:
    mona, omar, lea, tom, topic = company(chat, "two")
    asks(chat, mona, topic)
    assert offered() == ["omar", "lea"] and not tom.sees(KEYS)
    assert mona.sees("I have asked 2 people who may know")
    lea.presses("Accept")
    assert omar.sees("\u2068Lea\u2069 has it. Thank you for being there.") and mona.sees(
        "\u2068Lea\u2069 has your question"
    )


def test_of_two_one_declines_and_the_other_still_has_it(chat: Chat) -> None:
    mona, omar, lea, tom, topic = company(chat, "two")
    asks(chat, mona, topic)
    omar.presses("Decline")
    omar.submits(reason="time")
    assert mona.sees("I have asked \u2068Lea\u2069.") and not tom.sees(KEYS)
    lea.presses("Decline")
    lea.submits(reason="time")
    assert offered() == ["omar", "lea", "tom"] and mona.sees("I have asked \u2068Tom\u2069.")


def test_both_let_it_expire_and_it_goes_on(chat: Chat) -> None:
    mona, _, _, tom, topic = company(chat, "two")
    asks(chat, mona, topic)
    chat.passes(hours=4)
    assert offered() == ["omar", "lea", "tom"] and tom.sees(KEYS)


def test_in_turn_everybody_is_asked_before_anybody_is_again(chat: Chat) -> None:
    mona, omar, lea, tom, topic = company(chat, "robin")
    people = {"omar": omar, "lea": lea, "tom": tom}
    chat.channel("security", mona, topic_id=topic.id)
    for number in range(6):
        chat.passes(minutes=1)
        mona.says(f"Where is the key of room {number}?", in_="security")
        mona.presses("Ask an expert")
        people[offered()[-1]].presses("Answer")
        people[offered()[-1]].submits(text="In the vault.")
        mona.presses("This solved it")
    first = offered()[:3]
    assert sorted(first) == ["lea", "omar", "tom"] and offered()[3:] == first


@pytest.mark.parametrize("strategy", ["one", "two", "group", "robin"])
def test_an_admin_chooses_it(chat: Chat, strategy: str) -> None:
    ada = chat.slack("ada", roles=["admin"])
    ada.uses("admin.topics")
    ada.submits(topic="0")
    good = {"key": "travel", "name_en": "Travel", "owner": "ada"}
    assert "strategy" in ada.submits(**good, strategy="three").errors
    ada.submits(**good, strategy=strategy)
    with reading() as session:
        assert session.scalars(select(Topic.strategy)).one() == strategy
