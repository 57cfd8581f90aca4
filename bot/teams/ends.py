"""When the secret or the certificate ends with which Agora says who it is: administrators are told before, each time
once, however many processes run. What is due is a timer, planned at every start."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from bot.check.teams import EARLY, ends
from bot.config import Settings
from models.base import now, transaction
from models.mail import Timer

SCHEDULE, ROUTE = "teams.ends", "admin.ends"
_DAYS = (EARLY.days, 14, 7, 3, 1)  # before the end
_AT = time(8)  # UTC


def plan(settings: Settings) -> None:
    """Tell of it, from ``EARLY`` on. What was planned for another end is not told any more; of what is overdue only the
    last is."""
    until = ends(settings)
    with transaction() as session:
        other = (Timer.schedule == SCHEDULE) & Timer.fired_at.is_(None) & ~Timer.slot.startswith(f"{until}:")
        session.execute(delete(Timer).where(other))
        if until is None or until <= now().date():
            return
        times = [(days, datetime.combine(until - timedelta(days=days), _AT, UTC)) for days in _DAYS]
        overdue = [each for each in times if each[1] <= now()]
        coming = overdue[-1:] + times[len(overdue) :]
        rows = [_row(settings, until, days, due) for days, due in coming]
        session.execute(insert(Timer).values(rows).on_conflict_do_nothing(constraint="timer_once"))


def _row(settings: Settings, until: date, days: int, due: datetime) -> dict[str, Any]:
    args = {"on": until.isoformat(), "certificate": settings.teams_app_certificate is not None}
    return {"schedule": SCHEDULE, "slot": f"{until}:{days}", "route": ROUTE, "args": args, "due_at": due,
            "correlation": SCHEDULE}  # fmt: skip
