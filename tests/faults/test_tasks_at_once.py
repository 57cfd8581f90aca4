"""Several people act on a task in the same moment: one is first, and whoever comes second hears what happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import fire_due
from bot.held import Held
from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from handlers.admin import leaving
from models import base
from models.base import transaction
from models.mail import Inbox
from models.people import Person
from models.tasks.tables import ANYONE, DONE, OPEN, Task
from tests.chat import Chat, Someone
from tests.faults.test_two_experts_at_once import at_once, captured
from tests.tasked import asks, standing, task_of

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def chat(database: str) -> Iterator[Chat]:
    """A company of nobody yet, on a Monday morning, with connections for several at once."""
    base.connect(database, pool=8)
    chat = Chat()
    chat.at(MONDAY)
    yield chat
    base.set_clock(None)
    base.disconnect()


def held(chat: Chat, inbound: Inbound) -> Held:
    """An event, held but not yet handled."""
    event = Event(inbound.platform, inbound.installation, inbound.conversation, inbound.kind, chat.new_id(),
                  inbound.to_json(), now=True)  # fmt: skip
    with transaction() as session:
        id = insert_events(session, [event], "test")[0].id
        row = session.scalars(select(Inbox).where(Inbox.id == id)).one()
        return Held(row.lane, row.id, row.platform, row.payload or {}, row.attempts, row.correlation, "test")


def accepted(chat: Chat, mona: Someone, tom: Someone) -> Task:
    task = asks(chat, mona, tom, due_at=MONDAY + timedelta(days=3))
    tom.presses("I will do it")
    return task


@pytest.mark.parametrize("attempt", range(3))
def test_one_is_done_with_it_while_the_other_gives_it_to_somebody_else(chat: Chat, attempt: int) -> None:
    mona, tom, lea = chat.slack("mona"), chat.teams("tom"), chat.slack("lea")
    task = accepted(chat, mona, tom)
    mona.uses("tasks.ask_else", 1)
    assert mona.reply.form is not None
    given = mona.inbound("form", route="tasks.ask_else", id=1, values={"who": "lea"})
    handled = at_once(chat, [captured(chat, tom, "Done"), held(chat, given)])
    assert sorted(each.outcome for each in handled) == ["done", "refused"]
    chat.work()
    if handled[0].outcome == "done":
        assert task_of(task).state == DONE and standing(task) == {"tom": "finished"} and not lea.sees("Fix the door")
    else:
        assert task_of(task).state == OPEN and standing(task) == {"tom": "released", "lea": "asked"}
        notice = handled[0].reply.notice
        assert notice is not None and notice.text == "{name} is asked instead of you."


def test_of_several_who_accept_at_once_one_has_it(chat: Chat) -> None:
    mona, people = chat.slack("mona"), [chat.slack(name) for name in ("tom", "lea", "eve")]
    task = asks(chat, mona, *people, mode=ANYONE)
    handled = at_once(chat, [captured(chat, each, "I will do it") for each in people])
    assert sorted(each.outcome for each in handled) == ["done", "refused", "refused"]
    assert sorted(standing(task).values()) == ["accepted", "released", "released"]


@pytest.mark.parametrize("attempt", range(3))
def test_who_is_deactivated_while_they_press_done_has_done_it_or_it_goes_on(chat: Chat, attempt: int) -> None:
    mona, tom = chat.slack("mona"), chat.teams("tom")
    task = accepted(chat, mona, tom)
    press = captured(chat, tom, "Done")
    with transaction() as session:
        person = session.get_one(Person, tom.person.id)
        person.active = attempt == 2  # once they are back before anybody was told
        leaving.announce(session, person, "test")
    fire_due("test")
    at_once(chat, [press, *chat.claimed()])
    chat.work()
    after = task_of(task).state, standing(task)
    assert after in [(DONE, {"tom": "finished"}), (OPEN, {"tom": "released"})]


def test_a_reminder_comes_due_while_they_press_done(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    found = [accepted(chat, mona, tom) for _ in range(4)]
    chat.at(MONDAY + timedelta(days=2))
    press = captured(chat, tom, "Done")
    assert fire_due("test") == 4
    handled = at_once(chat, [press, *chat.claimed()])
    assert {each.outcome for each in handled} == {"done"}
    chat.work()
    assert sorted(task_of(task).state for task in found) == [DONE, OPEN, OPEN, OPEN]
    assert sum(message.text.count("is due") for message in tom.messages()) <= 2  # together, but for what was held
