"""Tasks that repeat: when one is done, or its date passes, the next one of its series is made.

The rule counts from the date of the first one, on the clock of whoever asked. A day that a month does not have (the
31st, or 29 February in a year without one) is its last day: people who say "on the 31st" mean the end of the month.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from models.base import now
from models.recurring import following
from models.tasks import assignments, checklist
from models.tasks.tables import ACCEPTED, ASKED, DROPPED, FINISHED, LIVE, OPEN, Assignment, Task

ROUTE = "tasks.repeat"
"""The timer that looks at one when its date passes."""
_SURE = 28
"""Every month has that day."""
MOST_OPEN = 5
"""Of a series: whoever leaves so many undone needs no sixth."""
_RECENT = timedelta(weeks=1)
"""Who could not go on with a series for so long has let it end."""
_GO_ON = (*LIVE, FINISHED)
_COPIED = (
    "asker_id title details language mode priority zone repeat first_at private audience place_id thread message "
    "question_id announcement_id decision_id"
).split()


def schedule(task_id: int) -> str:
    """What that timer is for."""
    return f"task:{task_id}:repeat"


def rule(repeat: str, first: datetime, zone: ZoneInfo) -> str:
    """``repeat`` as calendars know it, with the last day of a month where it has no such day."""
    parts = dict(pair.split("=", 1) for pair in repeat.upper().removeprefix("RRULE:").split(";") if "=" in pair)
    local = first.astimezone(zone)
    if parts.get("FREQ") not in ("MONTHLY", "YEARLY") or parts.keys() & {"BYDAY", "BYSETPOS"}:
        return repeat
    day = parts.get("BYMONTHDAY", str(local.day))
    if not day.isdecimal() or int(day) <= _SURE:
        return repeat
    if parts["FREQ"] == "YEARLY":
        parts.setdefault("BYMONTH", str(local.month))
    parts |= {"BYMONTHDAY": ",".join(str(number) for number in range(_SURE, int(day) + 1)), "BYSETPOS": "-1"}
    return ";".join(f"{name}={value}" for name, value in parts.items())


def next_at(task: Task) -> datetime | None:
    """When the one after ``task`` is due: what was missed, because nobody served it for a while, is left out."""
    if task.repeat is None or task.due_at is None:
        return None
    zone = ZoneInfo(task.zone)
    first = task.first_at or task.due_at
    return following(rule(task.repeat, first, zone), first, max(task.due_at, now()), zone)


def follow(session: Session, task: Task) -> Task | None:
    """The next one, with its checklist and the people who have it: who took the one before has taken it, who has not
    answered yet is asked anew. ``None`` where there is none, it was made already, or nobody is left to do it. Emit
    ``task.made`` then."""
    at, people = next_at(task), _people(session, task)
    if at is None or task.state == DROPPED or not people or _followed(session, task):
        return None
    values = {name: getattr(task, name) for name in _COPIED}
    root = task.series_id or task.id
    copy = Task(**values, asker=task.asker, place=task.place, state=OPEN, due_at=at, series_id=root, follows_id=task.id,
                version=1, created_at=now(), changed_at=now())  # fmt: skip
    session.add(copy)
    session.flush()
    checklist.add(session, copy, [item.words for item in checklist.items(session, task)])
    for one in people:
        has_it = one.state in (ACCEPTED, FINISHED) or one.person_id == task.asker_id
        assignments.add(session, copy, one.person, state=ACCEPTED if has_it else ASKED)
    return copy


def left(session: Session, moment: datetime, most: int) -> list[Task]:
    """Those whose date passed before ``moment``, not long ago, and that no other one followed though it should."""
    later = aliased(Task)
    followed = select(later.id).where(later.follows_id == Task.id).exists()
    late = select(Task).where(Task.state == OPEN, Task.repeat.is_not(None), ~followed)
    passed = late.where(Task.due_at.between(moment - _RECENT, moment)).order_by(Task.due_at.desc())
    return [task for task in session.scalars(passed.limit(most))
            if next_at(task) is not None and _people(session, task) and not rests(session, task)]  # fmt: skip


def rests(session: Session, task: Task) -> bool:
    """Whether so many of its series were not done in time that no more are made."""
    return _left_open(session, task) >= MOST_OPEN


def _people(session: Session, task: Task) -> list[Assignment]:
    return [one for one in assignments.of(session, task, *_GO_ON) if assignments.can_be_asked(one.person)]


def _left_open(session: Session, task: Task) -> int:
    root = task.series_id or task.id
    late = (Task.state == OPEN) & (Task.due_at <= now()) & ((Task.id == root) | (Task.series_id == root))
    return session.scalar(select(func.count()).where(late)) or 0


def _followed(session: Session, task: Task) -> bool:
    return session.scalar(select(1).where(Task.follows_id == task.id)) is not None
