"""When an announcement comes to somebody: at its hour on their own clock, and out of their quiet hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from models import recurring
from models.announcements.tables import Announcement
from models.base import now
from models.hours import quiet_until
from models.people import Person

EARLIEST = ZoneInfo("Pacific/Kiritimati")
"""Where every hour of the clock comes first."""


class Reader(NamedTuple):
    """Somebody to whom it is to be brought: where their clock and their quiet hours stand, and what they said."""

    id: int
    locale: str
    timezone: str
    quiet_from: time | None
    quiet_to: time | None
    acknowledged: bool = False
    objected: bool = False
    reminders: int = 0
    posted_id: int | None = None
    unreachable: str | None = None


def begins_at(announcement: Announcement) -> datetime:
    """When the first of its readers get it."""
    if announcement.send_at is None:
        return now()
    return _by_clock(announcement, EARLIEST) if announcement.local else announcement.send_at


def goes_at(announcement: Announcement, reader: Reader, moment: datetime) -> datetime:
    """When somebody is to get it who would at ``moment``: at its hour on their own clock, and not in quiet hours of
    theirs unless it is urgent."""
    if announcement.local and announcement.send_at is not None:
        moment = max(moment, _by_clock(announcement, _person(reader).zone))
    if announcement.urgent or reader.quiet_from is None:
        return moment
    return quiet_until(_person(reader), moment) or moment


def times(announcement: Announcement, readers: Iterable[Reader], moment: datetime) -> dict[int, datetime]:
    """The same for many, by person: few of them keep different hours."""
    known: dict[tuple[Any, ...], datetime] = {}
    found = {}
    for each in readers:
        hours = (each.timezone, each.quiet_from, each.quiet_to)
        if hours not in known:
            known[hours] = goes_at(announcement, each, moment)
        found[each.id] = known[hours]
    return found


def _by_clock(announcement: Announcement, zone: ZoneInfo) -> datetime:
    assert announcement.send_at is not None
    local = announcement.send_at.astimezone(announcement.author.zone).replace(tzinfo=None)
    return recurring.at(local, zone)


def _person(reader: Reader) -> Person:
    return Person(timezone=reader.timezone, quiet_from=reader.quiet_from, quiet_to=reader.quiet_to)
