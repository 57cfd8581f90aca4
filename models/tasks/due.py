"""What is to be said to one person now: all of it at once, so that a morning brings one message and not five."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, contains_eager

from models.people import Person
from models.tasks.reminders import TO_ASKER
from models.tasks.tables import LIVE, TASKS, Assignment, Task

_ALONE = sql("select pg_advisory_xact_lock(hashtext('task reminders'), :person)")  # timers of one morning come at once
_MOST = 50


class Due(NamedTuple):
    """Whom it is to be said to, whether that is whoever asked, and of what; each is locked."""

    person: Person
    asked: bool
    parts: list[Assignment]


def due(session: Session, assignment_id: int, number: int, moment: datetime) -> Due | None:
    """What the step with this ``number`` brings about, with everything else that is due for the same person by
    ``moment``; ``None`` where it is not the next step any more."""
    found = session.get(Assignment, assignment_id)
    if found is None or found.step_number != number or found.next_step is None:
        return None
    asked = found.next_step in TO_ASKER
    person = found.task.asker if asked else found.person
    session.execute(_ALONE, {"person": person.id % 2**31})
    TASKS.locked(session, found.task_id)
    session.refresh(found, with_for_update=True)
    if found.step_number != number or found.next_step is None:
        return None
    return Due(person, asked, [found, *_with(session, found, person, asked, moment)])


def _with(session: Session, first: Assignment, person: Person, asked: bool, moment: datetime) -> list[Assignment]:
    """The others; what somebody is just changing has a timer of its own."""
    theirs = Task.asker_id == person.id if asked else Assignment.person_id == person.id
    step = Assignment.next_step.in_(TO_ASKER) if asked else Assignment.next_step.not_in(TO_ASKER)
    chosen = [theirs, step, Assignment.next_at <= moment, Assignment.state.in_(LIVE), Assignment.id != first.id]
    rows = select(Assignment).join(Assignment.task).options(contains_eager(Assignment.task)).where(*chosen)
    free = rows.order_by(Task.id, Assignment.id).limit(_MOST).with_for_update(skip_locked=True, of=[Assignment, Task])
    return list(session.scalars(free.execution_options(populate_existing=True)))
