"""What happens to a question when somebody, or everybody, does nothing, goes away or leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from models.base import now, reading, transaction
from models.experts import Offer
from models.mail import Timer
from models.questions import CLOSED, OPEN
from models.steps import wake_sleepers
from tests.asking import KEYS, a_topic, asks, change, leaves, the_question
from tests.chat import Chat

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def test_whoever_lets_it_expire_is_followed_by_the_next(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    chat.passes(hours=4)
    assert omar.sees("The time to accept this is over") and lea.sees(KEYS)


def test_the_expert_asks_back_and_the_asker_replies_in_the_thread(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asked = asks(chat, mona, a_topic(chat, omar))
    omar.presses("Ask back")
    omar.submits(text="Which environment?")
    assert mona.sees("Which environment?") and mona.messages()[-1].thread == asked
    chat.passes(days=1)
    assert the_question().state == "waiting"
    mona.says("production", in_="security", thread=asked, mention=False)
    assert omar.sees("says more about their question") and omar.sees("production")
    assert mona.sees("\u2068Omar\u2069 has your question and answers by")


def test_the_time_stands_still_while_the_expert_waits(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asked = asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    chat.passes(hours=6)  # Monday 16:00: ten of sixteen working hours are left
    omar.presses("Ask back")
    omar.submits(text="Which environment?")
    chat.at(datetime(2026, 3, 4, 9, tzinfo=UTC))
    mona.says("production", in_="security", thread=asked, mention=False)
    with reading() as session:
        assert session.scalars(select(Offer)).one().until == datetime(2026, 3, 5, 11, tzinfo=UTC)


def test_an_asker_who_never_replies_is_reminded_then_it_is_closed(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Ask back")
    omar.submits(text="Which environment?")
    chat.passes(days=3)
    assert any("needs to know more" in m.text for m in mona.messages() if m.conversation == "dm:mona")
    chat.passes(days=7)
    assert the_question().state == CLOSED and omar.sees("This question is settled.")
    mona.presses("Reopen")
    assert the_question().state == OPEN


def test_who_accepted_is_reminded_once_and_then_it_goes_on(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    chat.passes(days=1, hours=4)
    assert omar.sees("is waiting for your answer")
    chat.passes(days=1)
    assert omar.sees("Thank you for having tried") and lea.sees(KEYS)
    assert mona.sees("I have asked \u2068Lea\u2069")


def test_the_last_resort_is_all_admins_who_are_reminded_ever_less_often(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    ada, ben = chat.slack("ada", roles=["admin"]), chat.teams("ben", roles=["admin"])
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Decline")
    omar.submits(reason="moved")
    assert ada.sees(KEYS) and ben.sees("you are an administrator")
    gaps = []
    for _ in range(6):
        since, due = now(), the_question().next_at
        assert due is not None
        gaps.append((due - since).days)
        chat.passes(seconds=(due - since).total_seconds())
    assert gaps == [1, 2, 4, 8, 14, 14]
    assert ada.screen().count("nobody else could be found") >= 5
    ben.presses("Accept")
    assert mona.sees("\u2068Ben\u2069 has your question")


def test_where_there_is_nobody_it_is_tried_again_until_there_is(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = a_topic(chat, omar)
    change(omar, active=False)
    asks(chat, mona, topic)
    assert mona.sees("Nobody who may know this is free now.")
    change(omar, active=True)
    chat.passes(days=1)
    assert omar.sees(KEYS) and mona.sees("I have asked \u2068Omar\u2069")


def test_when_all_admins_decline_they_are_asked_again_later(chat: Chat) -> None:
    mona, ada = chat.slack("mona"), chat.slack("ada", roles=["admin"])
    asks(chat, mona, a_topic(chat, ada))
    ada.presses("Decline")
    ada.submits(reason="time")
    assert mona.sees("Nobody who may know this is free now.")
    before = len(ada.messages())
    chat.passes(days=1)
    assert len(ada.messages()) == before + 1 and "Accept" in [b.label.text for b in ada.messages()[-1].buttons]


def test_who_leaves_is_replaced_at_once(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    leaves(chat, omar)
    assert lea.sees(KEYS) and mona.sees("I have asked \u2068Lea\u2069")


def test_an_open_question_is_asked_about_and_then_closed_kindly(chat: Chat) -> None:
    mona = chat.slack("mona")
    mona.says(KEYS)
    chat.passes(days=3)
    assert mona.sees("Is this question still open?")
    mona.presses("Still open")
    chat.passes(days=3)
    chat.passes(days=7)
    assert the_question().state == CLOSED and mona.sees("It can be opened again at any time.")
    mona.presses("Reopen")
    assert the_question().state == OPEN


def test_an_answer_that_nobody_confirms_is_asked_about_and_closed(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Answer")
    omar.submits(text="Run the *rotate* job.")
    chat.passes(days=3)
    assert mona.sees("Did the answer solve it?")
    chat.passes(days=7)
    assert the_question().closed_because == "answered"


def test_a_question_whose_timer_was_lost_is_woken_again(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    with transaction() as session:
        assert wake_sleepers(session, now() + timedelta(hours=4)) == 0
        session.execute(delete(Timer))
    chat.passes(hours=5, minutes=1)
    assert not lea.sees(KEYS)
    with transaction() as session:
        assert wake_sleepers(session, now()) == 1
    chat.passes(seconds=1)
    assert lea.sees(KEYS) and omar.sees("The time to accept this is over")


def test_a_thread_deleted_under_an_open_offer_loses_nothing(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    shown = chat.platforms["slack"].shown
    for message in [m for m in shown.values() if m.conversation == "security"]:
        del shown[message.id]
    omar.presses("Accept")
    omar.presses("Answer")
    omar.submits(text="Run the *rotate* job.")
    assert the_question().state == "answered" and omar.sees("You answered")
