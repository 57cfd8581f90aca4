"""What was written counts: a task is made of it, or changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.filled import Errors
from bot.turn import Turn
from handlers.tasks.forms import FIELDS
from models.base import Refusal
from models.people import Person
from models.places import PRIVATE, Place
from models.tasks import dependencies, forms, life
from models.tasks.forms import TaskForm
from models.tasks.tables import Suggestion, Task

_CHANGED = ("title", "details", "language", "priority", "repeat", "private", "checklist")


def make(turn: Turn, form: TaskForm, meant: Mapping[str, Any]) -> Errors:
    """Everybody is asked as it was shown; what is in the way of that by now is said, and nothing is lost."""
    session = turn.session
    try:
        with session.begin_nested():
            made = _made(turn, form, meant)
    except Refusal as refusal:
        session.refresh(form)
        return _at_its_field(refusal)
    if form.suggestion_id is not None:
        session.get_one(Suggestion, form.suggestion_id).task_id = made.id
    forms.end(session, form, made)
    turn.emit("task.made", made)
    return {}


def change(turn: Turn, form: TaskForm, task: Task, meant: Mapping[str, Any]) -> Errors:
    """It reads as was shown; nothing is changed where somebody else changed the same meanwhile: that is said at the
    field, and the next time the form is sent it counts."""
    session = turn.session
    due = _moment(meant)
    dates = {} if due == task.due_at else {"due_at": due}
    try:
        with session.begin_nested():
            before = life.change(session, task, form.version, **{name: meant[name] for name in _CHANGED}, **dates)
            _need(turn, task, meant["needs"])
    except Refusal as refusal:
        session.refresh(task)
        form.version = max(form.version, task.version)
        return _at_its_field(refusal)
    forms.end(session, form, task)
    if before:
        verb = "task.listed" if before.keys() == {"checklist"} else "task.changed"
        turn.emit(verb, task, version=task.version, before=before)
    return {}


def _at_its_field(refusal: Refusal) -> Errors:
    name = refusal.field or "title"
    return {FIELDS.get(name, name): refusal}


def _made(turn: Turn, form: TaskForm, meant: Mapping[str, Any]) -> Task:
    session = turn.session
    people = [found for number in meant["people"]["ids"] if (found := session.get(Person, number)) is not None]
    place = session.get(Place, form.place_id) if form.place_id is not None else None
    note = people == [turn.actor] and (place is None or place.kind == PRIVATE)  # nobody else's matter
    return life.make(
        session, turn.actor, title=meant["title"], people=people, details=meant["details"], language=meant["language"],
        mode=meant["people"]["mode"], due_at=_moment(meant), priority=meant["priority"], repeat=meant["repeat"],
        private=note or meant["private"], place=place, thread=form.thread, message=form.message,
        question_id=form.question_id, announcement_id=form.announcement_id,
        decision_id=form.decision_id, checklist_lines=meant["checklist"], needs=meant["needs"],
    )  # fmt: skip


def _need(turn: Turn, task: Task, numbers: list[int]) -> None:
    """It waits for these, and for no others."""
    there = {each.id: each for each in dependencies.needed_by(turn.session, task)}
    for number, needed in there.items():
        if number not in numbers:
            dependencies.remove(turn.session, task, needed)
    for number in numbers:
        if number not in there:
            dependencies.add(turn.session, task, turn.session.get_one(Task, number))


def _moment(meant: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(meant["due_at"]) if meant["due_at"] else None
