"""What becomes of a task with each person who was asked: they answer, the asker decides, it goes on to others.

The task's row is locked before any of its assignments (``fetch``): so two who press at once wait for one another, and
whoever comes second is told what the first one did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Refusal, now
from models.people import EMPLOYEE, GUEST, Person
from models.tasks import dependencies, steps
from models.tasks.tables import (
    ACCEPTED,
    ASKED,
    DECLINED,
    DONE,
    EACH,
    FINISHED,
    LIVE,
    OPEN,
    PROPOSED,
    RELEASED,
    TASKS,
    UNSETTLED,
    Assignment,
    Task,
)

MOST = 50
"""People who are asked to do one task: who wants to reach more announces it."""


# -- finding them


def fetch(session: Session, assignment_id: int) -> Assignment | None:
    """The assignment with this number, its task locked before it; ``None`` where there is none."""
    found = session.get(Assignment, assignment_id)
    if found is None or TASKS.locked(session, found.task_id) is None:
        return None
    session.refresh(found, with_for_update=True)
    return found


def of(session: Session, task: Task, *states: str) -> list[Assignment]:
    """Those of ``task`` that are in one of these states (all where none are given), in the order they were asked."""
    chosen = select(Assignment).where(Assignment.task_id == task.id).order_by(Assignment.id)
    return list(session.scalars(chosen.where(Assignment.state.in_(states)) if states else chosen))


def own(session: Session, task: Task, person: Person) -> Assignment | None:
    """That of ``person``, if they were ever asked."""
    mine = (Assignment.task_id == task.id) & (Assignment.person_id == person.id)
    return session.scalars(select(Assignment).where(mine)).first()


def reason(assignment: Assignment) -> str | None:
    """What somebody says to whoever asked: what keeps them from it, why they declined, or would do it otherwise."""
    if assignment.state in LIVE and assignment.blocked_because:
        return assignment.blocked_because
    return assignment.reason if assignment.state in (PROPOSED, DECLINED) else None


def expect_open(task: Task) -> None:
    """``Refusal`` where it is done or dropped."""
    if task.state != OPEN:
        raise Refusal(f"task_{task.state}")


def check_person(person: Person) -> None:
    """``Refusal("cannot_be_asked")`` unless tasks can be asked of ``person``."""
    if not can_be_asked(person):
        raise Refusal("cannot_be_asked", field="who", name=person.name)


def can_be_asked(person: Person) -> bool:
    """Whether tasks can be asked of ``person``."""
    return person.active and person.kind in (EMPLOYEE, GUEST)


# -- asking


def add(session: Session, task: Task, person: Person, via: Person | None = None, state: str = ASKED) -> Assignment:
    """Ask ``person``, who is not asked now; ``via``: who handed it over to them. Refused where it is theirs already."""
    expect_open(task)
    check_person(person)
    found = _expect_not_theirs(session, task, person)
    if found is None and len(of(session, task)) >= MOST:
        raise Refusal("too_many_asked", field="who", most=MOST)
    asked = found or Assignment(task_id=task.id, person_id=person.id, task=task, person=person, state=state)
    asked.via_id = via.id if via else None
    asked.asked_at, asked.reminders, asked.finished_at = now(), 0, None
    asked.snoozed_until = asked.blocked_because = asked.reason = asked.proposed_at = asked.proposed_id = None
    _to(session, asked, state)
    if state == ASKED:
        asked.answered_at = None
    session.add(asked)
    session.flush()
    return asked


# -- what whoever was asked says


def accept(session: Session, assignment: Assignment) -> list[Assignment]:
    """They do it. Of ``anyone`` they have it, and the others, who are returned, are released."""
    _expect(assignment, ASKED, PROPOSED)
    _to(session, assignment, ACCEPTED)
    return _release_others(session, assignment)


def decline(session: Session, assignment: Assignment, reason: str) -> None:
    """They do not, and say why."""
    _expect(assignment, *LIVE)
    said = reason.strip()
    if not said:
        raise Refusal("say_why_task", field="reason")
    _to(session, assignment, DECLINED, said)


def propose_date(session: Session, assignment: Assignment, at: datetime, reason: str = "") -> None:
    """They would do it until then."""
    _expect(assignment, *LIVE)
    if at <= now():
        raise Refusal("moment_past", field="when", moment=at)
    _to(session, assignment, PROPOSED, reason.strip() or None)
    assignment.proposed_at = at


def propose_person(session: Session, assignment: Assignment, person: Person, reason: str = "") -> None:
    """They know who should do it."""
    _expect(assignment, *LIVE)
    check_person(person)
    _expect_not_theirs(session, assignment.task, person)
    _to(session, assignment, PROPOSED, reason.strip() or None)
    assignment.proposed_id, assignment.proposed = person.id, person


# -- what the asker decides


def agree(session: Session, assignment: Assignment) -> Assignment:
    """As they propose: the task has that date and is theirs, or the other person is asked. Whose it is now."""
    _expect(assignment, PROPOSED)
    task, at, person = assignment.task, assignment.proposed_at, assignment.proposed
    if at is not None:
        if at <= now():  # it was proposed long ago
            raise Refusal("moment_past", moment=at)
        task.due_at, task.version, task.changed_at = at, task.version + 1, now()
        _to(session, assignment, ACCEPTED)
        _release_others(session, assignment)
        steps.plan_all(session, task)
        return assignment
    if person is None:
        raise Refusal("nothing_proposed")
    _to(session, assignment, RELEASED)
    return add(session, task, person, via=assignment.person)


def insist(session: Session, assignment: Assignment) -> None:
    """It stays as it was asked for: they are asked again."""
    _expect(assignment, PROPOSED)
    _to(session, assignment, ASKED)
    assignment.asked_at, assignment.reminders = now(), 0
    steps.plan(session, assignment)


def release(session: Session, assignment: Assignment) -> bool:
    """It is not theirs any more; whether the task is done with that, since all others have done their part."""
    _expect(assignment, *LIVE)
    _to(session, assignment, RELEASED)
    return settle(session, assignment.task)


# -- doing it


def finish(session: Session, assignment: Assignment) -> bool:
    """They have done their part; whether the whole task is done with it."""
    _expect(assignment, *LIVE)
    dependencies.check_met(session, assignment.task, assignment.person)
    _release_others(session, assignment, LIVE)
    _to(session, assignment, FINISHED)
    assignment.finished_at, assignment.blocked_because = now(), None
    return settle(session, assignment.task)


def unfinish(session: Session, assignment: Assignment) -> None:
    """They have not done it after all: it is theirs, and the task is open again."""
    if assignment.state != FINISHED:
        raise Refusal("task_not_done")
    if assignment.task.state not in (OPEN, DONE):
        raise Refusal("task_dropped")
    if assignment.task.state == DONE:
        reopen(assignment.task)
    _to(session, assignment, ACCEPTED)
    assignment.finished_at = None


def block(session: Session, assignment: Assignment, because: str) -> None:
    """They cannot go on now."""
    _expect(assignment, *LIVE)
    said = because.strip()
    if not said:
        raise Refusal("say_why_blocked", field="reason")
    assignment.blocked_because = said
    if assignment.state != ACCEPTED:  # who says what keeps them from it has taken it
        _to(session, assignment, ACCEPTED)
        _release_others(session, assignment)
    steps.plan(session, assignment)


def unblock(session: Session, assignment: Assignment) -> None:
    """They can go on."""
    _expect(assignment, *LIVE)
    if assignment.blocked_because is None:
        raise Refusal("not_blocked")
    assignment.blocked_because = None
    steps.plan(session, assignment)


def hand_over(
    session: Session, assignment: Assignment, to: Person, by: Person | None = None, reason: str = ""
) -> Assignment:
    """``to`` is asked instead; ``by``: who handed it over (the assignee, where nobody is named), and why. Whose it is
    now."""
    _expect(assignment, *LIVE)
    if to.id == assignment.person_id:
        raise Refusal("task_theirs_already", field="who", name=to.name)
    asked = add(session, assignment.task, to, via=by or assignment.person)
    _to(session, assignment, RELEASED, reason.strip() or None)
    return asked


# -- what follows for the whole


def end(session: Session, assignment: Assignment, state: str) -> None:
    """The whole task is over, and so is their part."""
    _to(session, assignment, state)
    assignment.finished_at = now() if state == FINISHED else None


def settle(session: Session, task: Task) -> bool:
    """Let ``task`` be done where everybody has done their part; whether it is."""
    states = [each.state for each in of(session, task)]
    if task.state == OPEN and FINISHED in states and not any(state in LIVE for state in states):
        task.state, task.done_at, task.changed_at = DONE, now(), now()
    return task.state == DONE


def reopen(task: Task) -> None:
    """It is to be done."""
    task.state, task.done_at, task.changed_at = OPEN, None, now()


def _release_others(session: Session, assignment: Assignment, states: Sequence[str] = UNSETTLED) -> list[Assignment]:
    """Of anyone: nobody else needs to answer. Who does it already, and was not asked instead, goes on."""
    if assignment.task.mode == EACH:
        return []
    others = [each for each in of(session, assignment.task, *states) if each.id != assignment.id]
    for each in others:
        _to(session, each, RELEASED)
    return others


def _to(session: Session, assignment: Assignment, state: str, reason: str | None = None) -> None:
    assignment.state, assignment.reason, assignment.answered_at = state, reason, now()
    assignment.proposed_at = assignment.proposed_id = assignment.proposed = None
    assignment.snoozed_until = None
    steps.plan(session, assignment)


def _expect_not_theirs(session: Session, task: Task, person: Person) -> Assignment | None:
    """What they were asked before, if they ever were, and is not theirs any more."""
    found = own(session, task, person)
    if found is not None and found.state in (*LIVE, FINISHED):
        raise Refusal("task_theirs_already", field="who", name=person.name)
    return found


def _expect(assignment: Assignment, *states: str) -> None:
    expect_open(assignment.task)
    if assignment.state not in states:
        raise Refusal(f"task_was_{assignment.state}")
