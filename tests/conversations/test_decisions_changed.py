"""Decisions that change after they were begun: their end, and who looks after them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.base import reading
from models.decisions import log
from models.decisions.tables import DECIDED, WITHDRAWN, Decision
from models.people import Person
from tests.asking import change, leaves
from tests.chat import Chat, Someone

LUNCH = {"title": "Where do we eat?", "options": "Falafel\nSushi", "until": "Thursday 12:00"}
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def begun(chat: Chat, asker: Someone, **values: str) -> int:
    asker.commands("decide", in_="lunch")
    assert not asker.agrees(**{**LUNCH, **values}).errors
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


def test_what_was_decided_has_somebody_who_looks_after_it_when_those_who_asked_have_left(chat: Chat) -> None:
    mona, omar, boss = chat.slack("mona"), chat.slack("omar"), chat.teams("boss")
    ada = chat.slack("ada", roles=["admin"])
    change(mona, manager_id=boss.person.id)
    chat.channel("lunch", mona, omar, ada)
    number = begun(chat, mona)
    mona.uses("decisions.say", number)
    mona.submits(choice="1")
    chat.passes(days=5)
    leaves(chat, mona)
    assert newest().state == DECIDED and newest().asker_id == mona.person.id
    for someone in (omar, ada):
        assert someone.uses("decisions.explain", number).form is None
        someone.uses("decisions.more", number)
        assert someone.sees("has left. Only \u2068Boss\u2069 can change it.")
    boss.uses("decisions.explain", number)
    boss.submits(reasons="It is near.")
    assert newest().reasons == "It is near."
    leaves(chat, boss)
    omar.uses("decisions.more", number)
    assert omar.sees("Only an administrator can change it.") and omar.uses("decisions.again", number).form is None
    ada.uses("decisions.withdraw", number)
    assert newest().state == WITHDRAWN


def test_the_manager_of_whoever_left_finds_what_they_look_after(chat: Chat) -> None:
    mona, boss, omar = chat.slack("mona"), chat.slack("boss"), chat.slack("omar")
    change(mona, manager_id=boss.person.id)
    chat.channel("lunch", mona, closed=True)
    number = begun(chat, mona)
    mona.uses("decisions.say", number)
    mona.submits(choice="1")
    chat.passes(days=5)
    with reading() as session:
        assert log.log(session, session.get_one(Person, boss.person.id), 9) == []
    leaves(chat, mona)
    with reading() as session:
        found = [log.log(session, session.get_one(Person, one.person.id), 9) for one in (boss, omar)]
    assert [[each.id for each in few] for few in found] == [[number], []]
