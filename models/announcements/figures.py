"""How far an announcement got, and what came back: counted from the receipts, in one statement each.

Everybody whom it is for is in exactly one state: *waiting*, *sent*, *uncertain* or *unreachable* with a reason. Whoever
saw or answered it has it, whatever became of the copy that is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.announcements.tables import Announcement
from models.base import now
from models.mail import SENT, UNCERTAIN
from models.rows import run

FAILED = "failed"
"""The reason where a copy could not be delivered, and nothing more is known."""
MEASURES = ("sent", "seen", "acknowledged", "asked", "objected")

_SAID = "coalesce(r.seen_at, r.acknowledged_at, r.asked_at, r.objected_at)"
_FIRST = "least(r.seen_at, r.acknowledged_at, r.asked_at, r.objected_at)"
_OPEN = f"{_SAID} is null and r.unreachable is null"
_WAITS = f"({_OPEN} and c.state is null)"
_SENT = f"({_SAID} is not null or (r.unreachable is null and c.state = '{SENT}'))"
_FAILED = f"({_SAID} is null and (r.unreachable is not null or c.state not in ('{SENT}', '{UNCERTAIN}')))"
_COUNTS = f"""count(*) as people, count(*) filter (where {_SENT}) as sent, count({_SAID}) as seen,
  count(r.acknowledged_at) as acknowledged, count(r.asked_at) as asked, count(r.objected_at) as objected"""
_COPIES = "receipt r left join posted_card c on c.id = r.posted_id"
_HERE = "r.announcement_id = %(announcement)s"

_FIGURES = f"""
select {_COUNTS}, count(*) filter (where {_WAITS}) as waiting,
  count(*) filter (where {_WAITS} and r.due_at > %(now)s) as later,
  count(*) filter (where {_OPEN} and c.state = '{UNCERTAIN}') as uncertain,
  min(r.due_at) filter (where {_WAITS} and r.due_at > %(now)s) as next_at
from {_COPIES} where {_HERE}
"""  # noqa: S608 the names are our own, never input
_REASONS = f"""
select coalesce(r.unreachable, '{FAILED}'), count(*) from {_COPIES} where {_HERE} and {_FAILED} group by 1
"""  # noqa: S608
_DEPARTMENT = "nullif(trim(p.department), '')"
_GROUPS = f"""
select grouping(r.language), min({_DEPARTMENT}), min(r.language), {_COUNTS}
from {_COPIES} join person p on p.id = r.person_id where {_HERE}
group by grouping sets ((lower({_DEPARTMENT})), (r.language))
"""  # noqa: S608
_BIN = "date_bin('15 minutes', {}, timestamptz '2000-01-01')"  # no time zone's days begin between two of these
_ENDED = f"case when c.state = '{SENT}' then least(c.ended_at, {_FIRST}) else {_FIRST} end"
_OVER_TIME = f"""
select 'sent', {_BIN.format(_ENDED)}, count(*) from {_COPIES} where {_HERE} and {_SENT} group by 2
union all select 'seen', {_BIN.format(_FIRST)}, count(*) from receipt r where {_HERE} and {_SAID} is not null group by 2
union all select 'acknowledged', {_BIN.format("r.acknowledged_at")}, count(*) from receipt r
  where {_HERE} and r.acknowledged_at is not null group by 2
union all select 'asked', {_BIN.format("r.asked_at")}, count(*) from receipt r
  where {_HERE} and r.asked_at is not null group by 2
union all select 'objected', {_BIN.format("r.objected_at")}, count(*) from receipt r
  where {_HERE} and r.objected_at is not null group by 2
"""  # noqa: S608
_SILENT = f"""
select p.id, p.name, coalesce(p.department, ''), r.language, {_SENT}, {_WAITS}, r.unreachable, r.reminders
from {_COPIES} join person p on p.id = r.person_id
where {_HERE} and r.acknowledged_at is null and p.active order by p.name, p.id limit %(most)s
"""  # noqa: S608


@dataclass(frozen=True)
class Counted:
    """Of so many ``people`` to how many it was sent, and what they did."""

    people: int = 0
    sent: int = 0
    seen: int = 0
    acknowledged: int = 0
    asked: int = 0
    objected: int = 0


@dataclass(frozen=True)
class Figures(Counted):
    """The same of everybody, and where the other copies are. ``unreachable`` by reason; of those who wait, ``later``
    get it by their own clock, the next of them at ``next_at``."""

    waiting: int = 0
    later: int = 0
    uncertain: int = 0
    unreachable: Mapping[str, int] = field(default_factory=dict)
    next_at: datetime | None = None

    @property
    def lost(self) -> int:
        """How many cannot be reached."""
        return sum(self.unreachable.values())

    @property
    def on_their_way(self) -> int:
        """How many copies are about to go out."""
        return self.waiting - self.later

    @property
    def ended(self) -> int:
        """How many copies came to an end, whichever."""
        return self.people - self.waiting


def figures(session: Session, announcement: Announcement) -> Figures:
    """How far ``announcement`` got by now."""
    about: dict[str, Any] = {"announcement": announcement.id, "now": now()}
    row = run(session, _FIGURES, about).fetchone()
    assert row is not None
    people, sent, seen, acknowledged, asked, objected, waiting, later, uncertain, next_at = row
    lost = people > sent + waiting + uncertain
    reasons: dict[str, int] = dict(run(session, _REASONS, about).fetchall()) if lost else {}
    return Figures(people, sent, seen, acknowledged, asked, objected, waiting, later, uncertain, reasons, next_at)


class Groups(NamedTuple):
    """The same for each department, however it is written (``None``: those of whom none is known), and for each
    language in which it is read."""

    departments: dict[str | None, Counted]
    languages: dict[str | None, Counted]


def by_group(session: Session, announcement: Announcement) -> Groups:
    """How far each group is."""
    found = Groups({}, {})
    rows = run(session, _GROUPS, {"announcement": announcement.id}).fetchall()
    for by_department, department, language, *counts in rows:
        if by_department:
            found.departments[department] = Counted(*counts)
        else:
            found.languages[language] = Counted(*counts)
    return found


def over_time(session: Session, announcement: Announcement, zone: ZoneInfo, by_day: bool) -> dict[datetime, Counted]:
    """Of each hour, or day, in which anything happened, how far it was by its end; oldest first."""
    happened: dict[datetime, Counter[str]] = {}
    for verb, at, count in run(session, _OVER_TIME, {"announcement": announcement.id}).fetchall():
        if at is not None:
            happened.setdefault(_begin(at.astimezone(zone), by_day), Counter())[verb] += count
    total: Counter[str] = Counter()
    found = {}
    for begin in sorted(happened):
        total += happened[begin]
        found[begin] = Counted(0, *(total[verb] for verb in MEASURES))
    return found


class Silent(NamedTuple):
    """Somebody who has not said "Got it": whether it surely reached them, whether it is still to come, why they cannot
    be reached, and how often they were reminded."""

    person_id: int
    name: str
    department: str
    language: str
    sent: bool
    waits: bool
    unreachable: str | None
    reminders: int


def silent(session: Session, announcement: Announcement, most: int) -> list[Silent]:
    """Who has not said "Got it", by name: for those who look after it alone."""
    rows = run(session, _SILENT, {"announcement": announcement.id, "most": most}).fetchall()
    return [Silent(*row) for row in rows]


def _begin(moment: datetime, by_day: bool) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour.replace(hour=0) if by_day else hour
