"""When somebody wants to be told what is new for them, in one message: on every working day of theirs, or on the first
of each week.

The day in the person's own time zone is the slot: however often they change the hour, or fly around the world, no day
has two. The timer is written with the person (``_time_follows``), so that the two cannot part.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, event, inspect
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from models.base import now
from models.people import Person

ROUTE = "home.digest"
OFF, DAILY, WEEKLY = "off", "daily", "weekly"
MODES = (OFF, DAILY, WEEKLY)
OLDEST = timedelta(days=28)  # of what is new: who was away for longer does not read it all in a chat
_FARTHEST = 20  # days: a week, and slots that were used before the person went west
_MATTERS = ("digest", "digest_at", "timezone", "work_days", "active")
_WEEK = range(7)

_USED = sql("select slot from timer where schedule = :schedule and fired_at is not null and slot >= :today")
_FORGET = sql("delete from timer where schedule = :schedule and fired_at is null")
_PLAN = sql("""
insert into timer (schedule, slot, route, args, due_at, correlation)
values (:schedule, :slot, :route, jsonb_build_object('person_id', cast(:person_id as bigint)), :due_at, :schedule)
on conflict on constraint timer_once do nothing
""")


def schedule_of(person: Person) -> str:
    """What the timers of their digests are for."""
    return f"digest:{person.id}"


def plan(session: Session | Connection, person: Person) -> datetime | None:
    """Their next digest, instead of the one planned before; when it is due, ``None`` where they want none."""
    about = {"schedule": schedule_of(person)}
    session.execute(_FORGET, about)
    if person.digest == OFF or not person.active:
        return None
    today = now().astimezone(person.zone).date() - timedelta(days=1)  # a slot further east may be used already
    used = set(session.execute(_USED, {**about, "today": today.isoformat()}).scalars())
    found = next_slot(person, now(), used)
    if found is None:
        return None
    day, due = found
    session.execute(_PLAN, {**about, "slot": day.isoformat(), "route": ROUTE, "person_id": person.id, "due_at": due})
    return due


def next_slot(
    person: Person, after: datetime, used: Container[str] = (), often: str | None = None
) -> tuple[date, datetime] | None:
    """The next day with a digest, and its moment in UTC, later than ``after``; ``often``: as if they wanted one so
    often. An hour that the clock skips, or shows twice, is taken as PEP 495 takes it with ``fold=0``."""
    days = _days(person, often or person.digest)
    first = after.astimezone(person.zone).date()
    for number in range(_FARTHEST):
        day = first + timedelta(days=number)
        due = datetime.combine(day, person.digest_at, person.zone).astimezone(UTC)
        if day.weekday() in days and due > after and day.isoformat() not in used:
            return day, due
    return None


def since(person: Person) -> datetime:
    """From when on things are new to them: their last digest, or a week (a day) ago."""
    before = now() - timedelta(days=7 if person.digest == WEEKLY else 1)
    return max(person.digested_at or before, now() - OLDEST)


def _days(person: Person, often: str) -> list[int]:
    """The days of the week on which they get one. A week begins after its longest rest: where people work from Sunday
    to Thursday that is on Sunday."""
    working = sorted(set(person.work_days)) or list(_WEEK)
    if often != WEEKLY:
        return working
    rest = {day: (day - working[number - 1] - 1) % 7 for number, day in enumerate(working)}
    return [max(working, key=lambda day: (rest[day], -day))]


def week_begins(person: Person) -> int:
    """The day on which the week of ``person`` begins (Monday is 0): after its longest rest."""
    return _days(person, WEEKLY)[0]


@event.listens_for(Person, "after_insert")
def _time_begins(_: object, connection: Connection, person: Person) -> None:
    if person.digest != OFF:
        plan(connection, person)


@event.listens_for(Person, "after_update")
def _time_follows(_: object, connection: Connection, person: Person) -> None:
    """Whoever changes what matters to it, in a chat or by a file: no caller can forget it."""
    state = inspect(person)
    if any(state.attrs[name].history.has_changes() for name in _MATTERS):
        plan(connection, person)
