"""Who gets the tasks of somebody who left, or is away: whom they named, else whom their manager decides on.

What only two may see goes to nobody else: a private task goes back to whoever asked it, and one that somebody asked of
themselves stays with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from models import deputies
from models.base import Refusal, now
from models.experts import away_until
from models.people import EMPLOYEE, Person
from models.tasks import assignments, steps
from models.tasks.leaving import HandedOver, Leaving
from models.tasks.tables import ANYONE, LIVE, OPEN, TASKS, UNSETTLED, Assignment, Task

TASK = "task"
MOST = 25
"""Tasks of one person that are given on at once."""


def theirs(session: Session, person: Person, until: datetime | None = None) -> list[Assignment]:
    """What is with ``person``, their tasks locked, in the order in which tasks are locked everywhere; with ``until``
    what is due by then."""
    chosen = select(Assignment.id, Task.id).join(Task, Task.id == Assignment.task_id).where(*_theirs(person, until))
    found: list[Assignment] = []
    for number, task_id in session.execute(chosen.order_by(Task.id).limit(MOST)).all():
        TASKS.locked(session, task_id)
        part = session.get_one(Assignment, number, populate_existing=True, with_for_update=True)
        if part.state in LIVE and part.task.state == OPEN:
            found.append(part)
    return found


def to_decide(session: Session, person: Person, until: datetime | None) -> list[Assignment]:
    """Those of them of which their manager decides: nothing private, nor, while they are ``until`` then away, what they
    asked of themselves."""
    found = [part for part in theirs(session, person, until) if shared(part)]
    return [part for part in found if until is None or part.task.asker_id != person.id]


def is_to_decide(session: Session, part: Assignment, person: Person) -> bool:
    """Whether ``part``, of ``person``, is one of those: of who is away only what others asked and is due meanwhile."""
    task, until = part.task, away_until(session, person, now())
    if task.private or not person.active:
        return not task.private
    return until is not None and task.asker_id != person.id and task.due_at is not None and task.due_at <= until


def count(session: Session, person: Person, until: datetime | None) -> int:
    """How many those are, beyond ``MOST``, too."""
    which = [*_theirs(person, until), ~Task.private, *([Task.asker_id != person.id] if until else [])]
    found = select(func.count()).select_from(Assignment).join(Task, Task.id == Assignment.task_id).where(*which)
    return session.scalar(found) or 0


def asked_by(session: Session, person: Person) -> list[Task]:
    """What ``person`` asked of others and is not done, locked; nothing private that somebody said that they do."""
    left = or_(~Task.private, Assignment.state.in_(UNSETTLED))
    others = select(Assignment.task_id).where(
        Assignment.task_id == Task.id, Assignment.person_id != person.id, Assignment.state.in_(LIVE), left
    )
    mine = select(Task.id).where(Task.asker_id == person.id, Task.state == OPEN, Task.id.in_(others))
    found = [TASKS.locked(session, number) for number in session.scalars(mine.order_by(Task.id).limit(MOST)).all()]
    return [task for task in found if task is not None and task.state == OPEN]


def heir(session: Session, person: Person) -> Person | None:
    """Whom they named, or that one named in turn, who is there."""
    for one in deputies.chain(session, person):
        if one.active and one.kind == EMPLOYEE and away_until(session, one, now()) is None:
            return one
    return None


def shared(part: Assignment) -> bool:
    """Whether others than the two may hear of it."""
    return not part.task.private


def with_others(session: Session, part: Assignment) -> bool:
    """Whether anyone of several can do it, and others are still asked."""
    return part.task.mode == ANYONE and len(assignments.of(session, part.task, *LIVE)) > 1


def give(session: Session, part: Assignment, to: Person, by: Person | None = None) -> Assignment | None:
    """``to`` is asked instead; ``None`` where it is theirs already: then it is only taken from whoever had it. It is
    remembered, to be taken back."""
    try:
        asked = assignments.hand_over(session, part, to, by=by)
    except Refusal:
        assignments.release(session, part)
        return None
    _remember(session, part, to)
    return asked


def give_back(session: Session, part: Assignment) -> None:
    """It is nobody's: whoever asked decides."""
    assignments.release(session, part)
    _remember(session, part, None)


def given(session: Session, person: Person) -> list[Assignment]:
    """What was given to others since ``person`` left or went away, and is still with them: their parts in it, their
    tasks locked."""
    chosen = select(HandedOver.ref_id, HandedOver.to_id).where(
        HandedOver.kind == TASK, HandedOver.person_id == person.id, HandedOver.to_id.is_not(None))  # fmt: skip
    found = []
    for task_id, to_id in session.execute(chosen.order_by(HandedOver.ref_id).limit(MOST)).all():
        task = TASKS.locked(session, task_id)
        with_them = (Assignment.task_id == task_id) & (Assignment.person_id == to_id) & Assignment.state.in_(LIVE)
        part = session.scalar(select(Assignment).where(with_them).with_for_update())
        if task is not None and task.state == OPEN and part is not None:
            found.append(part)
    return found


def forget_given(session: Session, person: Person, task_id: int | None = None) -> None:
    """Nothing more is taken back, or that task is not."""
    which = [HandedOver.kind == TASK, HandedOver.person_id == person.id]
    session.execute(delete(HandedOver).where(*which, *([HandedOver.ref_id == task_id] if task_id else [])))


def take_back(session: Session, part: Assignment, person: Person) -> Assignment:
    """``person``, who had it before, does it again."""
    back = assignments.hand_over(session, part, person)
    assignments.accept(session, back)
    forget_given(session, person, part.task_id)
    return back


def ask_for(session: Session, tasks: Sequence[Task], asker: Person) -> None:
    """``asker`` decides on ``tasks`` from now on, instead of whoever asked."""
    for task in tasks:
        task.asker_id, task.asker = asker.id, asker
        steps.plan_all(session, task)


def decide(session: Session, person: Person, by: Person, at: datetime) -> Leaving:
    """``by`` is to decide who gets the tasks of ``person``; looked at again ``at`` then."""
    found = session.get(Leaving, person.id) or Leaving(person_id=person.id)
    found.decider_id, found.next_at, found.reminders, found.at = by.id, at, 0, now()
    session.add(found)
    session.flush()
    return found


def _theirs(person: Person, until: datetime | None) -> list[ColumnElement[bool]]:
    mine = [Assignment.person_id == person.id, Assignment.state.in_(LIVE), Task.state == OPEN]
    return [*mine, Task.due_at <= until] if until is not None else mine


def _remember(session: Session, part: Assignment, to: Person | None) -> None:
    key = {"kind": TASK, "ref_id": part.task_id, "person_id": part.person_id}
    found = session.get(HandedOver, key) or HandedOver(**key)
    found.to_id, found.at = to.id if to else None, now()
    session.add(found)
