"""Forms in which tasks are written: where that is, what was filled in, and what it was understood as."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Identified, Refusal, now, personal
from models.people import Person
from models.places import Place
from models.tasks.tables import Task

_FORGOTTEN = timedelta(days=30)
_KEPT = 40_000  # characters of a field
_OF = ("question_id", "announcement_id", "decision_id", "suggestion_id")


class TaskForm(Identified, Base):
    """A person writes a task: where, what they filled in, and how that is understood until they say that it is right.

    A chat does not say what was typed into a form that was closed: what was sent, and could not be taken as it was, is
    kept, and stands in the form when it is opened again.
    """

    __tablename__ = "task_form"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), index=True)
    """The task that they change, or that was made of it, and"""
    version: Mapped[int] = mapped_column(default=0)
    """which of its versions they saw."""
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="SET NULL"), index=True)
    thread: Mapped[str | None]
    message: Mapped[str | None]
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"), index=True)
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="SET NULL"), index=True)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="SET NULL"), index=True)
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestion.id", ondelete="SET NULL"), index=True)
    filled: Mapped[dict[str, Any] | None] = mapped_column(info=personal("row"))
    """What they wrote, by field."""
    meant: Mapped[dict[str, Any] | None] = mapped_column(info=personal("row"))
    """What that was understood as, and shown to them; none while something in it could not be."""
    ended_at: Mapped[datetime | None]
    """When it was made, changed or thrown away."""
    at: Mapped[datetime] = mapped_column(default=now)


def begin(
    session: Session,
    person: Person,
    task: Task | None = None,
    place: Place | None = None,
    thread: str | None = None,
    message: str | None = None,
    **of: int | None,
) -> TaskForm:
    """Note that ``person`` writes a task there, of a question, announcement, decision or suggestion, or changes one:
    in the form again that could not be taken, if there is one."""
    session.execute(delete(TaskForm).where(TaskForm.at < now() - _FORGOTTEN))
    where: dict[str, Any] = {"task_id": task.id if task else None, "place_id": place.id if place else None,
                             "thread": thread, "message": message} | {name: of.get(name) for name in _OF}  # fmt: skip
    same = [getattr(TaskForm, name).is_not_distinct_from(value) for name, value in where.items()]
    left = select(TaskForm).where(
        TaskForm.person_id == person.id, TaskForm.filled.is_not(None), TaskForm.meant.is_(None),
        TaskForm.ended_at.is_(None), *same,
    )  # fmt: skip
    found = session.scalars(left.order_by(TaskForm.id.desc()).limit(1).with_for_update()).first()
    form = found or TaskForm(person_id=person.id, **where)
    form.version, form.at = task.version if task else 0, now()
    session.add(form)
    session.flush()
    return form


def find(session: Session, id: int, person: Person) -> TaskForm:
    """The form that ``person`` sends, locked; ``Refusal`` where it is forgotten or another's, or came to its end."""
    form = session.get(TaskForm, id, with_for_update=True)
    if form is None or form.person_id != person.id:
        raise Refusal("form_too_old")
    if form.ended_at is not None:
        raise Refusal("task_form_ended")
    return form


def keep(form: TaskForm, values: Mapping[str, Any], meant: Mapping[str, Any] | None = None) -> None:
    """Keep what was filled in, and what it was understood as, if it was."""
    form.filled = {name: value[:_KEPT] for name, value in values.items() if isinstance(value, str)}
    form.meant = dict(meant) if meant is not None else None


def end(session: Session, form: TaskForm, task: Task | None = None) -> None:
    """It came to its end: ``task`` was made of it, or changed by it; or it was thrown away. What stood in it is
    forgotten."""
    form.ended_at, form.filled, form.meant = now(), None, None
    form.task_id = task.id if task else form.task_id
    session.flush()
