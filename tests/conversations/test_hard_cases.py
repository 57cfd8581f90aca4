"""Companies and moments in which nobody can be asked, or hardly anybody: what happens next is always said."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from models.base import reading
from models.experts import ACCEPTED, TAKEN, Offer
from models.knowledge import Topic
from models.questions import Question
from tests.asking import KEYS, a_topic, asks, change, the_question
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = "Nobody who may know this is free now. I try again on"


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def lives() -> Question:
    """The question, which goes on by itself."""
    question = the_question()
    assert question.next_step is not None and question.next_at is not None and question.next_at > MONDAY
    return question


def declines(someone: Someone) -> None:
    someone.presses("Decline")
    someone.submits(reason="time")


def test_in_a_company_of_three_all_decline(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar", roles=["admin"]), chat.slack("lea")
    asks(chat, mona, a_topic(chat, lea))
    declines(lea)
    assert omar.sees(KEYS) and omar.sees("Nobody else could be found, and you are an administrator.")
    declines(omar)
    assert mona.sees(LATER) and lives().next_step == "seek"
    chat.passes(days=2)
    assert lives().state == "offered" and mona.sees("I have asked \u2068Omar\u2069.")


def test_alone_in_the_company_one_can_still_withdraw(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    chat.channel("help", mona, topic_id=chat.topic("security", mona).id)
    mona.says(KEYS, in_="help")
    mona.presses("Ask an expert")
    assert mona.sees(LATER) and lives().next_step == "seek"
    mona.presses("Withdraw the question")
    assert the_question().next_step is None


def test_on_a_topic_that_nobody_knows_the_administrators_are_asked(chat: Chat) -> None:
    mona, ada, bob = chat.slack("mona"), chat.slack("ada", roles=["admin"]), chat.teams("bob", roles=["admin"])
    gone = chat.slack("gone")
    topic = a_topic(chat, gone)
    change(gone, active=False)
    asks(chat, mona, topic)
    assert ada.sees(KEYS) and bob.sees(KEYS) and lives().next_step == "nudge"
    bob.presses("Accept")
    assert ada.sees("\u2068Bob\u2069 has it. Thank you for being there.")


def test_everybody_is_away_and_the_first_who_is_back_is_asked(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar", quota=0), chat.slack("lea", skills=["security"])
    topic = a_topic(chat, lea)
    lea.commands("agora", "away until 2026-03-04")
    omar.commands("agora", "away until 2026-03-31")
    asks(chat, mona, topic)
    lives()
    for _ in range(6):
        chat.passes(days=1)
    with reading() as session:
        assert "lea" in [one.person.handle for one in session.scalars(select(Offer))]
    lives()


@pytest.mark.parametrize(
    ("zone", "asked", "until"),
    [  # four working hours: half of them before the weekend in which the clock changes
        ("Europe/Rome", datetime(2026, 3, 27, 14, tzinfo=UTC), datetime(2026, 3, 30, 9, tzinfo=UTC)),
        ("Europe/Rome", datetime(2026, 10, 23, 13, tzinfo=UTC), datetime(2026, 10, 26, 10, tzinfo=UTC)),
    ],
)
def test_a_deadline_counts_real_hours_when_the_clock_changes(
    chat: Chat, zone: str, asked: datetime, until: datetime
) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar", timezone=zone)
    chat.at(asked)
    asks(chat, mona, a_topic(chat, omar))
    assert the_question().next_at == until


def test_a_night_shift_that_lasts_an_hour_less_still_has_its_hours(chat: Chat) -> None:
    """On the 29th of March two o'clock in the morning is three: the shift from 22 to 6 lasts seven hours."""
    night = {"work_days": [5], "work_from": time(22), "work_to": time(6)}
    mona, omar = chat.slack("mona"), chat.teams("omar", timezone="Europe/Rome", **night)
    chat.at(datetime(2026, 3, 28, 23, tzinfo=UTC))  # midnight in Rome: two hours of the shift are over
    asks(chat, mona, a_topic(chat, omar))
    assert the_question().next_at == datetime(2026, 3, 29, 3, tzinfo=UTC)  # five o'clock there
    chat.at(datetime(2026, 3, 29, 2, 30, tzinfo=UTC))
    omar.presses("Accept")
    question = the_question()
    assert question.state == "accepted" and question.next_at is not None
    assert question.next_at - datetime(2026, 3, 29, 2, 30, tzinfo=UTC) < timedelta(days=21)


def test_of_two_who_were_asked_at_once_the_later_one_is_thanked(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar", skills=["security"])
    lea = chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, chat.slack("ada", quota=0), "two"))
    late = next(button for button in lea.messages()[-1].buttons if button.label.text == "Accept")
    omar.presses("Accept")
    notice = lea.uses(late.route, late.id).notice
    assert notice is not None and notice.text == "{name} has it already. Thank you for being there."
    with reading() as session:
        assert sorted(session.scalars(select(Offer.state))) == sorted([ACCEPTED, TAKEN])
        assert session.scalars(select(Topic.strategy)).one() == "two"
