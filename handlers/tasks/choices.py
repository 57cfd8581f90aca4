"""What whoever asked can do about those who are silent, or late: it stands on their card from when they hear of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Element, T, Text
from bot.mentions import named
from handlers.tasks import buttons, saying
from models.base import now
from models.people import Person
from models.tasks.reminders import ASKED_TWICE
from models.tasks.tables import ACCEPTED, ASKED, LIVE, OPEN, Assignment, Task

_MOST = 5


def waiting(session: Session, task: Task, reader: Person, found: Sequence[Assignment]) -> list[Element]:
    """Of each of them: ask somebody else, go on waiting, or let a manager know."""
    if task.asker_id != reader.id or task.state != OPEN:
        return []
    several = sum(each.state in LIVE for each in found) > 1
    shown: list[Element] = []
    for each in [each for each in found if silent(each) or late(each)][:_MOST]:
        shown += [Text(saying.standing(each, reasons=True), subtle=True)] if several else []
        shown.append(Actions(_of_silent(each) if silent(each) else _of_late(session, each)))
    return shown


def silent(part: Assignment) -> bool:
    """Whether whoever asked was told that there is no answer."""
    return part.state == ASKED and part.reminders > ASKED_TWICE


def late(part: Assignment) -> bool:
    """Whether somebody else than whoever asked it has not done it in time."""
    due = part.task.due_at
    return part.state == ACCEPTED and part.person_id != part.task.asker_id and due is not None and due <= now()


def manager_of(session: Session, part: Assignment) -> Person | None:
    """Who may be told that somebody has not done it: nobody of what only two may see, nor whoever asked."""
    manager = session.get(Person, part.person.manager_id) if part.person.manager_id else None
    if manager is None or not manager.active or part.task.private or manager.id == part.task.asker_id:
        return None
    return manager


def _of_silent(part: Assignment) -> tuple[Button, ...]:
    return (Button(T("Keep waiting"), "tasks.keep_waiting", part.id), buttons.ask_else(part))


def _of_late(session: Session, part: Assignment) -> tuple[Button, ...]:
    manager = manager_of(session, part)
    told = (Button(T("Tell {name}", name=named(manager)), "tasks.tell_manager", part.id),) if manager else ()
    return (buttons.ask_else(part), *told)
