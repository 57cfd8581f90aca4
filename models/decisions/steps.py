"""The next step of every open decision: what Agora does if nobody does anything, and when. Its timer replaces the one
before; one with another number than the decision's is stale."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from models.base import now
from models.decisions.tables import Decision
from models.hours import add_working, next_working
from models.mail import Timer

ROUTE = "decisions.next"

REMIND = "remind"  # those who have said nothing, once
CLOSE = "close"  # count; where one person decides, ask them
REMIND_DECIDER = "remind_decider"  # their hearing is over, and they have not decided
GIVE_UP = "give_up"  # they were reminded and said nothing: undecided

_AT_ONCE = 100  # that are woken
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_A_DAYS_WORK = 8.0  # hours in which somebody who decides alone does so, or is reminded


def begin(session: Session, decision: Decision) -> None:
    """People have until ``closes_at``; those who are silent are reminded before, where there is time for that."""
    at = reminder(decision)
    plan(session, decision, CLOSE if at is None else REMIND, decision.closes_at if at is None else at)


def reminder(decision: Decision) -> datetime | None:
    """A day before it closes, or after three quarters of a shorter time, when its asker works: none where that is too
    late, or it is over within the hour."""
    left = decision.closes_at - now()
    if left < _HOUR:
        return None
    wanted = decision.closes_at - (_DAY if left >= 2 * _DAY else left / 4)
    at = next_working(decision.asker, wanted)
    return at if at < decision.closes_at else wanted


def wait_for_decider(session: Session, decision: Decision, step: str) -> None:
    """They have a day's work to decide."""
    assert decision.decider is not None
    plan(session, decision, step, add_working(decision.decider, now(), _A_DAYS_WORK))


def wake_sleepers(session: Session, moment: datetime) -> int:
    """Let every decision whose next step was due an hour before ``moment`` and never ended try it again; how many."""
    timer = select(Timer.id).where(Timer.schedule == func.concat("decision:", Decision.id), Timer.fired_at.is_(None))
    asleep = select(Decision).where(Decision.next_at < moment - _HOUR, ~timer.exists()).limit(_AT_ONCE)
    found = session.scalars(asleep.with_for_update(skip_locked=True)).all()
    for decision in found:
        plan(session, decision, decision.next_step, moment)
    return len(found)


def plan(session: Session, decision: Decision, step: str | None, at: datetime | None) -> None:
    """The one thing that happens to ``decision`` by itself, and when; none where it is not open."""
    decision.next_step, decision.next_at = step, at
    decision.step_number = (decision.step_number or 0) + 1
    session.flush()
    session.execute(delete(Timer).where(Timer.schedule == decision.about, Timer.fired_at.is_(None)))
    if step is None or at is None:
        return
    args = {"decision_id": decision.id, "number": decision.step_number}
    values = {"schedule": decision.about, "slot": str(decision.step_number), "route": ROUTE, "due_at": at, "args": args}
    session.execute(insert(Timer).values(**values, correlation=decision.about))
