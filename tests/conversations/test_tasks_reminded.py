"""Time passes over a task: who does it is reminded, then who asked hears of it; a task that repeats comes again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import delete, func, select

from bot.cards import Reply
from models.base import now, reading, transaction
from models.facts import Fact
from models.mail import Timer
from models.tasks import series, sleepers
from models.tasks.steps import wake_sleepers
from models.tasks.tables import DONE, OPEN, Task
from tests.asking import change
from tests.chat import Chat, Someone
from tests.tasked import asks, standing, task_of

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
FRIDAY = datetime(2026, 3, 6, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def told(someone: Someone) -> int:
    """How many messages they have in their own chat."""
    return sum(message.conversation == someone.own_chat for message in someone.messages())


def said(reply: Reply) -> str:
    """What was said to whoever pressed."""
    assert reply.notice is not None
    return reply.notice.text


def latest(someone: Someone) -> str:
    return [message.text for message in someone.messages() if message.conversation == someone.own_chat][-1]


def until(chat: Chat, moment: datetime) -> None:
    """Let time pass, from timer to timer."""
    while True:
        with reading() as session:
            due = session.scalar(select(func.min(Timer.due_at)).where(Timer.fired_at.is_(None), Timer.due_at <= moment))
        chat.at(due or moment)
        chat.passes(seconds=0)
        if due is None:
            return


def steps_of(task: Task) -> list[str]:
    with reading() as session:
        said = select(Fact.data["step"].astext).where(Fact.verb.in_(("task.reminded", "task.overdue")),
                                                      Fact.entity_id == task.id).order_by(Fact.id)  # fmt: skip
        return list(session.scalars(said))


def test_who_does_it_is_reminded_a_day_before_and_on_the_date_and_the_asker_the_day_after(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, tom, due_at=FRIDAY)
    tom.presses("I will do it")
    until(chat, FRIDAY - DAY - timedelta(minutes=1))
    assert steps_of(task) == []
    chat.passes(minutes=1)
    assert steps_of(task) == ["before"] and "is due" in latest(tom)
    until(chat, FRIDAY)
    assert "is due now" in latest(tom) and not mona.sees("has not done it yet")
    until(chat, datetime(2026, 3, 9, 8, tzinfo=UTC))  # nothing at the weekend but what was late on Friday
    assert steps_of(task) == ["before", "due", "overdue"] and "How does it stand?" in latest(tom)
    chat.passes(hours=1)
    assert "has not done it yet" in latest(mona)
    count = told(mona), told(tom)
    until(chat, datetime(2026, 3, 13, 10, tzinfo=UTC))
    assert (told(mona), told(tom)) == count
    tom.presses("Done")
    assert task_of(task).state == DONE and not tom.sees("How does it stand?")


def test_who_is_silent_is_reminded_and_then_it_goes_back_and_the_asker_waits_or_asks_another(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    chat.slack("lea")
    task = asks(chat, mona, tom)
    until(chat, MONDAY + 2 * DAY)
    assert steps_of(task) == ["remind_asked"] * 2 and tom.sees("\u2068Mona\u2069 waits for your answer")
    assert not mona.sees("has not answered yet:")
    until(chat, MONDAY + 3 * DAY)
    assert mona.sees("\u2068Tom\u2069 has not answered yet: “\u2068Fix the door\u2069”")
    mona.presses("Keep waiting")
    assert mona.sees("I go on reminding \u2068Tom\u2069")
    until(chat, MONDAY + 4 * DAY)
    assert steps_of(task)[3:] == ["remind_asked"]
    until(chat, MONDAY + 10 * DAY)
    assert steps_of(task)[3:6] == ["remind_asked", "remind_asked", "back"]
    mona.presses("Ask somebody else…")
    assert mona.submits(who="lea").errors == {}
    assert standing(task) == {"tom": "released", "lea": "asked"}


def test_what_comes_back_together_is_one_message_and_each_has_its_choices(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    tom.commands("agora", "away until 2026-03-20")
    found = [asks(chat, mona, tom, title=f"Job {number}") for number in range(2)]
    until(chat, MONDAY + DAY)
    assert [steps_of(task) for task in found] == [["back"]] * 2 and "2 of the tasks that you asked for" in latest(mona)
    mona.presses("Open")
    assert latest(mona).startswith("You asked")
    mona.presses("Ask somebody else…")
    assert "who" in mona.submits(who="nobody").errors
    mona.presses("Keep waiting")
    assert latest(mona).startswith("I go on reminding")


def test_a_reminder_whose_timer_was_lost_is_woken_again(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, tom)
    with transaction() as session:
        session.execute(delete(Timer))
    chat.at(MONDAY + DAY + timedelta(hours=2))
    with transaction() as session:
        assert wake_sleepers(session, MONDAY + DAY) == 0
        assert wake_sleepers(session, MONDAY + DAY + timedelta(hours=2)) == 1
    chat.passes(seconds=1)
    assert steps_of(task) == ["remind_asked"]


def test_what_is_proposed_waits_for_the_asker_who_is_reminded(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, tom, due_at=FRIDAY)
    tom.presses("Propose something else…")
    assert tom.submits(when="2026-03-20 12:00", who="", reason="I am at a fair.").errors == {}
    until(chat, MONDAY + DAY)
    assert steps_of(task) == ["remind_asker"] and mona.sees("waits for your decision")
    mona.presses("Agree")
    assert standing(task) == {"tom": "accepted"}


def test_nobody_is_reminded_at_night_or_while_away(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom", timezone="Asia/Tokyo")
    task = asks(chat, mona, tom, due_at=datetime(2026, 3, 4, 20, tzinfo=UTC))  # five in the morning of Thursday there
    tom.presses("I will do it")
    until(chat, MONDAY + 3 * DAY)
    with reading() as session:
        said = session.scalars(select(Fact.at).where(Fact.verb.in_(("task.reminded", "task.overdue")),
                                                     Fact.data["step"].astext != "tell_asker")).all()  # fmt: skip
    assert said and all(time(9) <= moment.astimezone(tom.person.zone).time() < time(17) for moment in said)
    assert steps_of(task)[:3] == ["before", "due", "overdue"]


def test_who_is_away_when_it_is_due_is_reminded_after_it_and_the_asker_does_not_wait(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, tom, due_at=FRIDAY)
    tom.presses("I will do it")
    tom.commands("agora", "away until 2026-03-13")
    count = told(tom)
    until(chat, datetime(2026, 3, 13, 12, tzinfo=UTC))
    assert steps_of(task) == ["tell_asker"] and told(tom) == count
    until(chat, datetime(2026, 3, 16, 9, tzinfo=UTC))
    assert steps_of(task) == ["tell_asker", "overdue"]


def test_snoozing_is_kept_to_and_nothing_comes_before(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, tom, due_at=FRIDAY)
    tom.presses("I will do it")
    until(chat, FRIDAY - DAY)
    tom.presses("In an hour")
    assert tom.sees("I remind you of “\u2068Fix the door\u2069” again")
    chat.passes(minutes=59)
    assert steps_of(task) == ["before"]
    chat.passes(minutes=1)
    assert steps_of(task) == ["before", "again"] and "You wanted to be reminded" in latest(tom)
    tom.presses("Later…")
    assert "when" in tom.submits(when="yesterday").errors
    assert tom.submits(when="2026-03-10 12:00").errors == {}
    until(chat, datetime(2026, 3, 10, 11, 59, tzinfo=UTC))
    assert steps_of(task) == ["before", "again", "tell_asker"]
    chat.passes(minutes=1)
    assert steps_of(task)[3:] == ["again"]
    for label, at_last in (("Tomorrow", datetime(2026, 3, 11, 9, tzinfo=UTC)),
                           ("Next week", datetime(2026, 3, 16, 9, tzinfo=UTC))):  # fmt: skip
        tom.presses(label)
        until(chat, at_last - timedelta(minutes=1))
        count = told(tom)
        chat.passes(minutes=1)
        assert told(tom) == count + 1


def test_nobody_snoozes_for_another_or_what_is_over(chat: Chat) -> None:
    mona, tom, eve = chat.slack("mona"), chat.slack("tom"), chat.slack("eve")
    task = asks(chat, mona, tom, due_at=FRIDAY)
    assert said(eve.uses("tasks.snooze_hour", 1)) == "That does not exist, or it is not for you to see."
    tom.presses("I will do it")
    until(chat, FRIDAY - DAY)
    tom.presses("Done")
    assert task_of(task).state == DONE
    assert said(tom.uses("tasks.snooze_hour", 1)) == "This is done already."


def test_what_is_due_the_same_morning_comes_in_one_message(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    for number in range(3):
        asks(chat, mona, tom, title=f"Job {number}", due_at=datetime(2026, 3, 5, 17, tzinfo=UTC))
        tom.presses("I will do it")
    until(chat, datetime(2026, 3, 4, 8, 59, tzinfo=UTC))
    count = told(tom)
    chat.passes(minutes=1)
    assert told(tom) == count + 1 and "3 of your tasks need you." in latest(tom)
    tom.presses("Done")
    assert told(tom) == count + 1 and "Done: \u2068Job" in latest(tom)
    with reading() as session:
        assert len(session.scalars(select(Task).where(Task.state == OPEN)).all()) == 2


def test_the_manager_hears_of_it_only_if_the_asker_wants_and_once(chat: Chat) -> None:
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    asks(chat, mona, tom, due_at=FRIDAY)
    tom.presses("I will do it")
    until(chat, datetime(2026, 3, 9, 9, tzinfo=UTC))
    assert not boss.sees("Fix the door")
    mona.presses("Tell {name}")
    chat.passes(seconds=1)
    assert boss.sees("\u2068Mona\u2069 would like you to know that “\u2068Fix the door\u2069” was due")
    assert said(mona.uses("tasks.tell_manager", 1)) == "They were told already."
    tom.uses("tasks.tell_manager", 1)
    chat.passes(seconds=1)
    assert told(boss) == 1


def test_a_task_that_repeats_comes_again_when_it_is_done_and_when_its_date_passes(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    first = asks(chat, mona, tom, title="Water the plants", due_at=FRIDAY, repeat="FREQ=WEEKLY",
                 checklist_lines=["the palm"])  # fmt: skip
    tom.presses("I will do it")
    tom.presses("Done")
    second = _after(first)
    assert (
        second.due_at == FRIDAY + 7 * DAY and standing(second) == {"tom": "accepted"} and second.series_id == first.id
    )
    until(chat, FRIDAY + 7 * DAY + timedelta(minutes=1))
    third = _after(second)
    assert third.due_at == FRIDAY + 14 * DAY and task_of(second).state == OPEN
    tom.uses("tasks.done", second.id)  # late: the next one is there already, and comes once
    assert task_of(second).state == DONE
    with reading() as session:
        assert len(session.scalars(select(Task)).all()) == 3
    mona.uses("tasks.drop", third.id)
    mona.submits(reason="")
    until(chat, FRIDAY + 22 * DAY)
    with reading() as session:
        assert len(session.scalars(select(Task)).all()) == 3


def test_a_series_that_nobody_does_waits_until_somebody_does(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    asks(chat, mona, tom, title="Water the plants", due_at=FRIDAY, repeat="FREQ=DAILY")
    tom.presses("I will do it")
    for day in range(9):
        chat.at(FRIDAY + day * DAY)
        chat.passes(minutes=1)
    with reading() as session:
        found = session.scalars(select(Task).order_by(Task.id)).all()
    assert len(found) == 5 and mona.sees("was not done 5 times")
    tom.uses("tasks.done", found[-1].id)
    assert _after(found[-1]).due_at == FRIDAY + 9 * DAY


def test_a_series_whose_timer_was_lost_goes_on_and_one_that_rests_does_not(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    first = asks(chat, mona, tom, title="Water the plants", due_at=FRIDAY, repeat="FREQ=DAILY")
    with transaction() as session:
        session.execute(delete(Timer).where(Timer.route == series.ROUTE))
    chat.at(FRIDAY + timedelta(hours=2))
    with transaction() as session:
        assert sleepers.wake_sleepers(session, FRIDAY) == 0
        assert sleepers.wake_sleepers(session, now()) == 1 and sleepers.wake_sleepers(session, now()) == 0
    chat.passes(seconds=1)
    assert _after(first).due_at == FRIDAY + DAY
    for day in range(2, 7):
        chat.at(FRIDAY + day * DAY)
        chat.passes(minutes=1)
    with transaction() as session:
        assert sleepers.wake_sleepers(session, now() + timedelta(hours=2)) == 0


def _after(task: Task) -> Task:
    with reading() as session:
        return session.scalars(select(Task).where(Task.follows_id == task.id)).one()
