"""Once a week, whoever can help is told which questions are stuck; and nobody where none is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.base import reading
from models.mail import Timer
from tests.asking import KEYS, a_topic, asks
from tests.chat import Chat

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
STUCK = "1 question is stuck."


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def looks() -> list[datetime]:
    """When it is looked at next."""
    with reading() as session:
        waiting = select(Timer.due_at).where(Timer.route == "experts.stuck", Timer.fired_at.is_(None))
        return list(session.scalars(waiting))


def test_nobody_could_be_found_and_the_admin_and_the_owner_are_told(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = a_topic(chat, omar)
    omar.commands("agora", "away until 2026-03-31")
    asks(chat, mona, topic)
    ada = chat.slack("ada", roles=["admin"], quota=0)
    assert looks() == [datetime(2026, 3, 9, 6, tzinfo=UTC)]
    chat.at(datetime(2026, 3, 9, 6, tzinfo=UTC))
    chat.passes(minutes=1)
    assert not ada.sees(STUCK)
    chat.passes(hours=3)
    assert ada.sees(STUCK) and ada.sees(KEYS) and not omar.sees(STUCK) and not mona.sees(STUCK)
    assert looks() == [datetime(2026, 3, 16, 6, tzinfo=UTC)]


def test_nothing_is_said_where_nothing_is_stuck(chat: Chat) -> None:
    mona, omar, ada = chat.slack("mona"), chat.teams("omar"), chat.slack("ada", roles=["admin"])
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Answer")
    omar.submits(text="In the vault.")
    mona.presses("This solved it")
    chat.at(datetime(2026, 3, 9, 6, tzinfo=UTC))
    chat.passes(hours=4)
    chat.passes(hours=4)
    assert not ada.sees("stuck") and not omar.sees("stuck") and looks() == []


def test_who_may_not_read_it_learns_its_topic_and_others_nothing(chat: Chat) -> None:
    mona, omar, ada = chat.slack("mona"), chat.teams("omar", quota=0), chat.slack("ada", roles=["admin"], quota=0)
    lea, tom = chat.slack("lea", skills=["security"], work_days=[0]), chat.slack("tom")
    chat.topic("travel", tom)
    chat.channel("closed", mona, closed=True, topic_id=a_topic(chat, omar).id)
    mona.says(KEYS, in_="closed")
    mona.presses("Ask an expert")
    lea.presses("Accept")  # two days of theirs: until the 16th, at ten
    for day in (9, 16):
        chat.at(datetime(2026, 3, day, 6, tzinfo=UTC))
        chat.passes(minutes=1)
        chat.passes(hours=3)
    for someone in (ada, omar):
        said = [message.text for message in someone.messages() if STUCK in message.text]
        assert len(said) == 1 and "\u2068Security\u2069 that only a few may read" in said[0] and KEYS not in said[0]
        assert "\u2068Lea\u2069 has it." in said[0]
    assert not tom.sees("stuck") and not lea.sees("stuck")
