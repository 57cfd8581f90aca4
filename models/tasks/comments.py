"""What people say about a task."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Refusal
from models.people import Person
from models.search.language import detect
from models.tasks.tables import Task, TaskComment, assigned

LONGEST = 3_000  # characters


def add(session: Session, task: Task, author: Person, text: str) -> TaskComment:
    """What ``author`` says. Emit ``task.commented`` with ``comment_id``."""
    said = text.replace("\0", "").strip()
    if not said:
        raise Refusal("empty_text", field="text")
    if len(said) > LONGEST:
        raise Refusal("text_too_long", field="text", n=len(said) - LONGEST, most=LONGEST)
    language = detect(said, author.locale)
    comment = TaskComment(task_id=task.id, author_id=author.id, text=said, language=language)
    session.add(comment)
    session.flush()
    return comment


def of(session: Session, task: Task, most: int = 50, author: Person | None = None) -> list[TaskComment]:
    """The last of them, oldest first; those of ``author`` alone, where one is named."""
    said = [TaskComment.task_id == task.id, *([TaskComment.author_id == author.id] if author is not None else [])]
    newest = select(TaskComment).where(*said).order_by(TaskComment.id.desc()).limit(most)
    return list(session.scalars(newest))[::-1]


def shown_to(session: Session, person: Person, task: Task, most: int) -> list[TaskComment]:
    """The last that ``person`` may read: of others only where it is, or was, theirs to do or to decide on."""
    concerned = task.asker_id == person.id or assigned(session, task.id, person.id)
    return of(session, task, most, None if concerned else person)
