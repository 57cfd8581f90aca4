"""Decisions that change after they were begun: their end, and who looks after them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.base import reading
from models.decisions.tables import WITHDRAWN, Decision
from tests.chat import Chat, Someone

LUNCH = {"title": "Where do we eat?", "options": "Falafel\nSushi", "until": "Thursday 12:00"}
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def begun(chat: Chat, asker: Someone, **values: str) -> int:
    asker.commands("decide", in_="lunch")
    assert not asker.submits(**{**LUNCH, **values}).errors
    chat.work()
    return newest().id


def newest() -> Decision:
    with reading() as session:
        return session.scalars(select(Decision).order_by(Decision.id.desc())).first() or Decision()


def lines(someone: Someone, start: str) -> list[str]:
    return [message.text for message in someone.messages() if message.text.startswith(start)]


def test_lines_that_said_until_when_say_the_new_end_and_then_what_came_of_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    number = begun(chat, mona)
    chat.passes(days=2, hours=5)
    assert len(lines(omar, "This closes on")) == 1
    mona.uses("decisions.extend", number)
    mona.submits(until="Friday 12:00")
    assert not lines(omar, "This closes on") and len(set(lines(omar, "You have until"))) == 1
    assert len(lines(omar, "You have until")) == 2
    mona.uses("decisions.withdraw", number)
    assert newest().state == WITHDRAWN and not lines(omar, "You have until")
    assert not any(button.label.text == "Have your say" for each in omar.messages() for button in each.buttons)


def test_a_reminder_in_ones_own_chat_says_the_new_end(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    chat.channel("lunch", mona)
    number = begun(chat, mona, mode="named", people="@omar")
    chat.passes(days=2, hours=5)
    assert lines(omar, "Your say is still missing")
    mona.uses("decisions.hand_to", number)
    mona.submits(people="@mona")
    assert lines(omar, "You have until") and not lines(omar, "Your say is still missing")
