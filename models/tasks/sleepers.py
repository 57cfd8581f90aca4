"""What waits for a timer that was lost, since its turn failed for good, is looked at again. The next steps of
assignments are planned again in ``models.tasks.steps``; here are series, and what managers decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.mail import Timer
from models.tasks import leaving, series
from models.tasks.leaving import Leaving

_ASLEEP = timedelta(hours=1)
_AT_ONCE = 100


def wake_sleepers(session: Session, moment: datetime) -> int:
    """Let every series whose date passed an hour before ``moment`` go on, and every manager who was to be asked or
    reminded by then be so, where no timer waits for that; how many."""
    late = series.left(session, moment - _ASLEEP, _AT_ONCE)
    asleep = select(Leaving.person_id).where(Leaving.next_at < moment - _ASLEEP)
    left = session.scalars(asleep.order_by(Leaving.next_at).limit(_AT_ONCE))
    repeating = {series.schedule(task.id): {"task_id": task.id} for task in late}
    leavings = {leaving.schedule(person): {"person_id": person} for person in left}
    return _wake(session, moment, series.ROUTE, repeating) + _wake(session, moment, leaving.ROUTE, leavings)


def _wake(session: Session, moment: datetime, route: str, found: Mapping[str, Mapping[str, int]]) -> int:
    waiting = select(Timer.schedule).where(Timer.schedule.in_(found), Timer.fired_at.is_(None))
    lost = found.keys() - set(session.scalars(waiting))
    rows = [{"schedule": name, "slot": moment.isoformat(), "route": route, "args": found[name], "due_at": moment,
             "correlation": name} for name in lost]  # fmt: skip
    if rows:
        session.execute(insert(Timer), rows)
    return len(rows)
