"""The next step of every assignment: what Agora does if nobody does anything, and when; its timer is written with the
row. Every new step has a new number: a timer with another number than the assignment's is stale."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, Text, cast, event, inspect, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from models.base import now
from models.experts import Absence
from models.hours import Span
from models.mail import Timer
from models.people import Person
from models.tasks import reminders
from models.tasks.tables import LIVE, Assignment, Task

ROUTE = "tasks.next"
_SCHEDULE = "assignment:"
_RECENT = timedelta(days=60)
_ASLEEP = timedelta(hours=1)
_AT_ONCE = 1000

_FORGET = sql("delete from timer where schedule = :schedule and fired_at is null")
_SET = sql("""
insert into timer (schedule, slot, route, args, due_at, correlation)
values (:schedule, :slot, :route, cast(:args as jsonb), :due_at, :schedule)
""")


def plan(session: Session, assignment: Assignment, done: bool = False) -> None:
    """Find what comes next for ``assignment`` as it stands now, and when. To be called after every change of it, of its
    task's date, and of when its person works. What is planned already stays, unless it is ``done`` or fits no more."""
    if assignment.state not in LIVE:
        put(assignment, None, None)
        return
    with session.no_autoflush:  # who has yet to answer is never written without a next step
        if not done and assignment.next_step not in reminders.FAMILIES[assignment.state]:
            assignment.reminders = 0
        task, person = assignment.task, assignment.person
        found = reminders.next_step(task, assignment, person, _away(session, person), now(), done)
    step, at = found or (None, None)
    put(assignment, step, at, anew=done)


def plan_all(session: Session, task: Task) -> None:
    """The same for everybody whose matter a task is, or was."""
    with session.no_autoflush:
        found = session.scalars(select(Assignment).where(Assignment.task_id == task.id).order_by(Assignment.id)).all()
    for assignment in found:
        plan(session, assignment)


def plan_of(session: Session, person: Person) -> None:
    """The same for everything that is with a person, whose hours or absences changed."""
    mine = (Assignment.person_id == person.id) & Assignment.state.in_(LIVE)
    for assignment in session.scalars(select(Assignment).where(mine).order_by(Assignment.task_id).with_for_update()):
        plan(session, assignment)


def wake_sleepers(session: Session, moment: datetime) -> int:
    """Let every assignment whose next step was due an hour before ``moment`` and never ended try it again; how many."""
    timer = select(Timer.id).where(Timer.schedule == _SCHEDULE + cast(Assignment.id, Text), Timer.fired_at.is_(None))
    asleep = select(Assignment).where(Assignment.next_at < moment - _ASLEEP, ~timer.exists()).limit(_AT_ONCE)
    found = session.scalars(asleep.with_for_update(skip_locked=True)).all()
    for assignment in found:
        put(assignment, assignment.next_step, moment, anew=True)
    return len(found)


def put(assignment: Assignment, step: str | None, at: datetime | None, anew: bool = False) -> None:
    """Let ``step`` be the next one, due ``at``."""
    if anew or (assignment.next_step, assignment.next_at) != (step, at):
        assignment.next_step, assignment.next_at = step, at
        assignment.step_number = (assignment.step_number or 0) + 1


def _away(session: Session, person: Person) -> list[Span]:
    """When they are away; asked without writing what waits to be written."""
    recent = (Absence.person_id == person.id) & (Absence.ends_at > now() - _RECENT)
    return [
        (starts, ends) for starts, ends in session.execute(select(Absence.starts_at, Absence.ends_at).where(recent))
    ]


@event.listens_for(Assignment, "after_insert")
def _time_begins(_: object, connection: Connection, assignment: Assignment) -> None:
    """The timer is written with the next step: no caller can forget it."""
    _set_timer(connection, assignment)


@event.listens_for(Assignment, "after_update")
def _time_follows(_: object, connection: Connection, assignment: Assignment) -> None:
    if inspect(assignment).attrs.step_number.history.has_changes():
        _set_timer(connection, assignment)


def _set_timer(connection: Connection, assignment: Assignment) -> None:
    schedule = f"{_SCHEDULE}{assignment.id}"
    connection.execute(_FORGET, {"schedule": schedule})
    if assignment.next_step is None:
        return
    args = orjson.dumps({"assignment_id": assignment.id, "number": assignment.step_number}).decode()
    values = {"schedule": schedule, "slot": str(assignment.step_number), "route": ROUTE, "args": args}
    connection.execute(_SET, {**values, "due_at": assignment.next_at})
