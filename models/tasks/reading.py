"""Who has to do with a task, and how each stands to it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.people import Person
from models.tasks import assignments
from models.tasks.tables import ACCEPTED, FINISHED, LIVE, TASKS, Assignment, Task


def locked(session: Session, task_id: int) -> Task | None:
    """The task as it is now, locked until the end of the transaction. Lock it before any of its assignments."""
    return TASKS.locked(session, task_id)


def involved(session: Session, task: Task) -> list[Person]:
    """The asker, and those whose matter it is, or who did their part; the asker first, each once."""
    theirs = (each.person for each in assignments.of(session, task, *LIVE, FINISHED))
    return list({person.id: person for person in (task.asker, *theirs)}.values())


def holders(session: Session, task: Task) -> list[Person]:
    """Those who said that they do it, or did."""
    return [each.person for each in assignments.of(session, task, ACCEPTED, FINISHED)]


def of_person(session: Session, person_id: int, most: int) -> list[Task]:
    """The newest that they asked for, or were asked to do."""
    asked = select(Assignment.task_id).where(Assignment.person_id == person_id)
    theirs = (Task.asker_id == person_id) | Task.id.in_(asked)
    return list(session.scalars(select(Task).where(theirs).order_by(Task.id.desc()).limit(most)))


def ever_involved(session: Session, task: Task) -> list[Person]:
    """The asker, and everybody who was ever asked: whose own chats may hold a card of it."""
    return list(
        {each.id: each for each in (task.asker, *(one.person for one in assignments.of(session, task)))}.values()
    )
