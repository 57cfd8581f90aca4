"""What people are told of a task when its time has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Form, Input, Moment, T, Text, User, Words
from bot.mentions import mention, named
from bot.shorten import shortened
from handlers.tasks import buttons, cards, saying
from handlers.tasks.lists import grouped
from models import access
from models.experts import away_until
from models.people import Person
from models.tasks import lists, reminders
from models.tasks.tables import ACCEPTED, Assignment

_WHEN = 60  # characters


def one(session: Session, part: Assignment, step: str, reader: Person, now: datetime) -> Card:
    """A task, with why its reader hears of it now, and what helps."""
    card = cards.task(session, part.task, reader, note(session, part, step, now))
    if step in reminders.TO_ASKER or part.state != ACCEPTED:
        return card
    return replace(card, elements=(*card.elements, Actions(_later(part))))


def several(session: Session, parts: Sequence[Assignment], reader: Person, asked: bool) -> Card:
    """What came due together, in one message; pressed, it becomes the list of all tasks."""
    n = len(parts)
    words = T("{n} of the tasks that you asked for needs you.", "{n} of the tasks that you asked for need you.", n=n)
    if not asked:
        words = T("{n} of your tasks needs you.", "{n} of your tasks need you.", n=n)
    found = lists.lines(session, list({part.task_id: part.task for part in parts}.values()))
    found.sort(key=lambda line: (line.task.due_at is None, line.task.due_at or line.task.created_at, line.task.id))
    return Card(words, (Text(words), *grouped(found, reader)))


def note(session: Session, part: Assignment, step: str, now: datetime) -> Words:
    """Why somebody hears of it now."""
    task = part.task
    title, name, due = saying.title(task), named(part.person), saying.due(task)
    silent = step in (reminders.BACK, reminders.KEEP_ASKING)
    if silent and (until := away_until(session, part.person, now)) is not None:
        return T("{name} is away until {until}, and has not answered: “{title}”", name=name, until=Moment(until),
                 title=title)  # fmt: skip
    if step == reminders.TELL_ASKER and part.blocked_because:
        reason = User(shortened(part.blocked_because, saying.REASON))
        return T("“{title}” was due {moment}. {name} cannot go on: {reason}", title=title, moment=due, name=name,
                 reason=reason)  # fmt: skip
    over = task.due_at is not None and task.due_at <= now
    return {
        reminders.REMIND_ASKED: T("{name} waits for your answer: “{title}”", name=mention(task.asker), title=title),
        reminders.BACK: T("{name} has not answered yet: “{title}”", name=name, title=title),
        reminders.KEEP_ASKING: T("{name} has still not answered: “{title}”", name=name, title=title),
        reminders.REMIND_ASKER: T("{name} waits for your decision: “{title}”", name=name, title=title),
        reminders.TELL_ASKER: T("“{title}” was due {moment}, and {name} has not done it yet.", title=title, moment=due,
                                name=name),
        reminders.AGAIN: T("You wanted to be reminded of “{title}”.", title=title),
        reminders.OVERDUE: T("“{title}” was due {moment}. How does it stand?", title=title, moment=due),
    }.get(step, T("“{title}” is due now.", title=title) if over
          else T("“{title}” is due {moment}.", title=title, moment=due))  # fmt: skip


def raised(session: Session, part: Assignment, manager: Person) -> Card:
    """Told to the manager of whoever has not done it, because whoever asked wants that."""
    task = part.task
    words = T("{asker} would like you to know that “{title}” was due {moment}, and {name} has not done it yet.",
              asker=mention(task.asker), title=saying.title(task), moment=saying.due(task),
              name=mention(part.person))  # fmt: skip
    hint = Text(T("A word from you may help."), subtle=True)
    shown = (Actions((buttons.show(task),)),) if access.may(session, manager, "read", task) else ()
    return Card(words, (Text(words), hint, *shown))


def later(part: Assignment) -> Form:
    """When they want to be reminded again."""
    hint = T("For example: tomorrow 15:00, or Monday. I keep to your working hours.")
    when = Input("when", T("When shall I remind you again?"), limit=_WHEN, hint=hint)
    intro = (Text(User(part.task.title), subtle=True),)
    return Form(T("Remind me later"), "tasks.snooze", part.id, (when,), T("Save"), intro)


def _later(part: Assignment) -> tuple[Button, ...]:
    return (
        Button(T("In an hour"), "tasks.snooze_hour", part.id),
        Button(T("Tomorrow"), "tasks.snooze_day", part.id),
        Button(T("Next week"), "tasks.snooze_week", part.id),
        Button(T("Later…"), "tasks.snooze", part.id, opens="form"),
    )
