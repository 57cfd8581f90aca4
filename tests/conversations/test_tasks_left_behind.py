"""Somebody who has tasks leaves, or is away for long: whom they named gets them, or their manager decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from bot.inbound import SYSTEM, Inbound
from bot.routing import tell
from bot.turn import Turn
from models.base import now, reading, transaction
from models.mail import Timer
from models.people import Person
from models.tasks import handing, leaving, life, sleepers
from models.tasks.tables import ANYONE, DONE, DROPPED, OPEN, Assignment
from tests.asking import change, leaves
from tests.chat import Chat, Someone
from tests.conversations.test_tasks_reminded import said, told, until
from tests.tasked import asks, standing, task_of

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
THURSDAY = MONDAY + 3 * DAY


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def names(someone: Someone, deputy: str) -> None:
    someone.uses("home.deputy")
    assert someone.submits(deputy=deputy, when="away").errors == {}


def test_what_somebody_has_who_leaves_goes_to_whom_they_named(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.slack("lea")
    names(tom, "lea")
    task = asks(chat, mona, tom, due_at=THURSDAY)
    tom.presses("I will do it")
    count = told(tom)
    leaves(chat, tom)
    assert standing(task) == {"tom": "released", "lea": "asked"} and told(tom) == count
    assert lea.sees("asks you to take this over") and mona.sees("is asked to do")
    lea.presses("I will do it")
    lea.presses("Done")
    assert task_of(task).state == DONE


def test_the_manager_of_whoever_leaves_decides_each_or_all(chat: Chat) -> None:
    mona, tom, lea, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("lea"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    found = [asks(chat, mona, tom, title=f"Job {number}", due_at=THURSDAY) for number in range(4)]
    leaves(chat, tom)
    chat.passes(seconds=1)
    assert boss.sees("\u2068Tom\u2069 is not there any more and had 4 tasks. Who gets them?")
    boss.presses("Give to…")
    assert "who" in boss.submits(who="tom").errors and "who" in boss.submits(who="nobody").errors
    assert boss.submits(who="lea").errors == {}
    assert lea.sees("\u2068Boss\u2069 asks you to take this over") and boss.sees("had 3 tasks")
    boss.presses("Back to {name}")
    assert mona.sees("so nobody does it now.")
    assert said(lea.uses("tasks.give_back_all", tom.person.id)).startswith("There is nothing left to decide")
    boss.presses("Give all to…")
    assert boss.submits(who="mona").errors == {}
    assert boss.sees("Nothing is left to decide of the tasks of")
    assert sum(standing(task).get("lea") == "asked" for task in found) == 1
    assert sum(standing(task).get("mona") == "asked" for task in found) == 2


def test_a_manager_who_is_silent_is_reminded_and_then_it_goes_back(chat: Chat) -> None:
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    task = asks(chat, mona, tom)
    chat.at(MONDAY + timedelta(hours=9))  # in the evening
    leaves(chat, tom)
    until(chat, MONDAY + timedelta(hours=22))
    assert told(boss) == 0
    until(chat, MONDAY + 3 * DAY - timedelta(minutes=1))
    assert told(boss) == 1 and standing(task) == {"tom": "asked"}  # the same card, anew, on each of three days
    until(chat, MONDAY + 4 * DAY)
    assert standing(task) == {"tom": "released"} and mona.sees("so nobody does it now.")
    mona.presses("Ask somebody else…")
    mona.submits(who="boss")
    assert standing(task)["boss"] == "asked"


def test_a_manager_who_could_not_be_asked_is_asked_later(chat: Chat) -> None:
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    asks(chat, mona, tom)
    chat.at(MONDAY + timedelta(hours=9))  # in the evening
    leaves(chat, tom)
    with transaction() as session:
        session.execute(delete(Timer).where(Timer.route == leaving.ROUTE))
    until(chat, MONDAY + 2 * DAY)
    assert told(boss) == 0
    with transaction() as session:
        assert sleepers.wake_sleepers(session, now()) == 1 and sleepers.wake_sleepers(session, now()) == 0
    chat.passes(seconds=1)
    assert told(boss) == 1
    with transaction() as session:
        assert sleepers.wake_sleepers(session, now() + timedelta(hours=2)) == 0


def test_without_anybody_named_or_managing_it_goes_back_at_once(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.slack("lea")
    alone = asks(chat, mona, tom)
    either = asks(chat, mona, tom, lea, title="Either", mode=ANYONE)
    both = asks(chat, mona, tom, lea, title="Both")
    own = asks(chat, tom, tom, title="His own", due_at=THURSDAY)
    leaves(chat, tom)
    assert standing(alone) == {"tom": "released"} and mona.sees("so nobody does it now.")
    assert standing(either) == standing(both) == {"tom": "released", "lea": "asked"}
    assert standing(own) == {"tom": "accepted"}
    count = told(tom), told(mona), told(lea)
    until(chat, THURSDAY + 10 * DAY)
    assert told(tom) == count[0] and count[1] < told(mona) and count[2] < told(lea)  # those who are there are reminded


def test_who_has_very_many_tasks_leaves_none_behind(chat: Chat) -> None:
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    with transaction() as session:
        asker, person = session.get_one(Person, mona.person.id), session.get_one(Person, tom.person.id)
        for number in range(2 * handing.MOST + 10):
            life.make(session, asker, title=f"Job {number}", people=[person])
    leaves(chat, tom)
    chat.passes(seconds=1)
    assert boss.sees("had 60 tasks")
    boss.presses("All back to those who asked")
    for _ in range(3):
        chat.passes(seconds=1)
    with reading() as session:
        states = session.scalars(select(Assignment.state)).all()
    assert set(states) == {"released"} and len(states) == 60


def test_two_people_who_are_one_have_a_task_once(chat: Chat) -> None:
    mona, tom, twin = chat.slack("mona"), chat.slack("tom"), chat.teams("twin")
    task = asks(chat, mona, tom, twin, mode=ANYONE)
    change(twin, active=False)
    with transaction() as session:
        turn = Turn(session, Inbound(SYSTEM, SYSTEM, "people", "timer"), chat.new_id(), None)
        turn.emit("person.joined", session.get_one(Person, tom.person.id), left=twin.person.id)
        tell(chat.runtime.router, turn)
    assert standing(task) == {"tom": "asked", "twin": "released"}


def test_what_only_two_may_see_goes_to_nobody_else(chat: Chat) -> None:
    mona, tom, lea, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("lea"), chat.slack("boss")
    names(tom, "lea")
    change(tom, manager_id=boss.person.id)
    asked = asks(chat, mona, tom, title="A secret", private=True)
    own = asks(chat, tom, tom, title="See the doctor", private=True)
    of_mona = asks(chat, tom, mona, title="Whisper", private=True)
    leaves(chat, tom)
    until(chat, MONDAY + 7 * DAY)
    assert standing(asked) == {"tom": "released"} and mona.sees("so nobody does it now.")
    assert standing(own) == {"tom": "accepted"} and standing(of_mona) == {"mona": "released"}
    for other in (lea, boss):
        assert not any(other.sees(words) for words in ("secret", "doctor", "Whisper"))


def test_what_they_asked_of_others_has_somebody_who_decides(chat: Chat) -> None:
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    task = asks(chat, tom, mona, due_at=THURSDAY)
    leaves(chat, tom)
    assert task_of(task).asker_id == boss.person.id and boss.sees("What they asked of others is yours to decide on")
    mona.presses("Propose something else…")
    mona.submits(when="2026-03-20 12:00", who="", reason="")
    boss.presses("Agree")
    assert standing(task) == {"mona": "accepted"}
    boss.presses("Drop…")
    boss.submits(reason="")
    assert task_of(task).state == DROPPED


def test_who_is_away_for_long_has_a_deputy_for_what_is_due_meanwhile_and_takes_it_back(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.slack("lea")
    names(tom, "lea")
    soon, later = asks(chat, mona, tom, due_at=THURSDAY), asks(chat, mona, tom, due_at=MONDAY + 20 * DAY, title="Later")
    undated, own = asks(chat, mona, tom, title="Undated"), asks(chat, tom, tom, title="Own", due_at=THURSDAY)
    tom.commands("agora", "away until 2026-03-03")
    assert standing(soon) == {"tom": "asked"}  # two days: it waits
    tom.commands("agora", "away until 2026-03-08")
    assert standing(soon) == {"tom": "released", "lea": "asked"}
    assert standing(later) == standing(undated) == {"tom": "asked"} and standing(own) == {"tom": "accepted"}
    lea.presses("I will do it")
    until(chat, MONDAY + 7 * DAY)
    assert tom.sees("Welcome back. 1 of your tasks went to somebody else while you were away.")
    tom.presses("Take it back")
    assert standing(soon) == {"tom": "accepted", "lea": "released"} and tom.sees("Everything else stays as it is.")
    assert task_of(soon).state == OPEN
    assert said(tom.uses("tasks.take_back", soon.id)).startswith("It is not with somebody else")
    assert said(lea.uses("tasks.take_back", soon.id)).startswith("It is not with somebody else")


def test_who_is_away_without_a_deputy_has_a_manager_who_decides_or_lets_it_wait(chat: Chat) -> None:
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    task = asks(chat, mona, tom, due_at=THURSDAY)
    tom.commands("agora", "away until 2026-03-08")
    chat.passes(seconds=1)
    assert boss.sees("and 1 task is due meanwhile. Who gets it?")
    boss.presses("Leave them as they are")
    until(chat, MONDAY + 7 * DAY)
    assert standing(task) == {"tom": "asked"} and told(boss) == 1
