"""Working time: when a person works, across time zones and changes of the clock.

A working day of a person is the span from ``work_from`` to ``work_to`` on the clock of their place; where ``work_to``
is not later, it ends on the next day. Quiet hours are taken out of it, as long as they leave an hour. Spans are
measured in real time: on the night the clock changes, a shift is an hour shorter or longer. Times that the clock
skips, or shows twice, are taken as PEP 495 takes them with ``fold=0``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from models.people import Person

Span = tuple[datetime, datetime]
_FARTHEST = 800  # days: nobody is away for longer without leaving; the search must end
_LOOKED_BACK = 60  # days: what was said to somebody longer ago than that is no reminder
_EVERY_DAY = range(7)  # who states no working day is taken to work on any
_SHORTEST = timedelta(hours=1)  # who states less is taken to work so long: no deadline may lie years away


def next_working(person: Person, moment: datetime, absences: Sequence[Span] = ()) -> datetime:
    """``moment`` if ``person`` works then, else when they next begin to; in UTC."""
    for start, end in _spans(person, moment, absences):
        if end > moment:
            return max(start, moment)
    return moment + timedelta(days=_FARTHEST)


def is_working(person: Person, moment: datetime, absences: Sequence[Span] = ()) -> bool:
    """Whether ``person`` works at ``moment``."""
    return next_working(person, moment, absences) == moment


def began_last(person: Person, since: datetime, moment: datetime, absences: Sequence[Span] = ()) -> datetime | None:
    """When ``person`` last began to work later than ``since`` and no later than ``moment``; ``None`` where they did
    not."""
    last = None
    for start, _ in _spans(person, max(since, moment - timedelta(days=_LOOKED_BACK)), absences):
        if start > moment:
            break
        last = start if start > since else last
    return last


def add_working(person: Person, start: datetime, hours: float, absences: Sequence[Span] = ()) -> datetime:
    """The moment at which ``person`` has worked for ``hours`` (more than 0) since ``start``; in UTC."""
    left = timedelta(hours=hours)
    if left <= timedelta(0):
        raise ValueError("working time to add must be more than nothing")
    for begins, ends in _spans(person, start, absences):
        worked = ends - max(begins, start)
        if worked >= left:
            return max(begins, start) + left
        left -= max(worked, timedelta(0))
    return start + timedelta(days=_FARTHEST)


def working_between(person: Person, start: datetime, end: datetime, absences: Sequence[Span] = ()) -> float:
    """How many hours ``person`` works from ``start`` to ``end``."""
    worked = timedelta(0)
    for begins, ends in _spans(person, start, absences):
        if begins >= end:
            break
        worked += max(min(ends, end) - max(begins, start), timedelta(0))
    return worked / timedelta(hours=1)


def hours_a_day(person: Person) -> float:
    """How many hours ``person`` works on a working day whose clock does not change."""
    day = date(2001, 1, 1)
    length = datetime.combine(day, person.work_to) - datetime.combine(day, person.work_from)
    length = length if length > timedelta(0) else length + timedelta(days=1)
    return max(length, _SHORTEST) / timedelta(hours=1)


def is_quiet(person: Person, moment: datetime) -> bool:
    """Whether ``moment`` lies in their quiet hours."""
    return quiet_until(person, moment) is not None


def quiet_until(person: Person, moment: datetime) -> datetime | None:
    """When the quiet hours end in which ``moment`` lies; ``None`` where it lies in none."""
    day = moment.astimezone(person.zone).date()
    return max((end for start, end in _quiet(person, day) if start <= moment < end), default=None)


def _spans(person: Person, since: datetime, absences: Sequence[Span]) -> Iterator[Span]:
    """The spans in which ``person`` works, from the one that may hold ``since`` on, in order, without their
    absences."""
    first = since.astimezone(person.zone).date() - timedelta(days=2)
    covered = datetime.min.replace(tzinfo=UTC)  # changes of the clock can make neighbours overlap
    for number in range(_FARTHEST):
        day = first + timedelta(days=number)
        if day.weekday() in (person.work_days or _EVERY_DAY):
            start, end = _day(person, day)
            start, covered = max(start, covered), max(end, covered)
            yield from _without((start, end), (*absences, *_quiet_in(person, day, (start, end))))


def _day(person: Person, day: date) -> Span:
    start, end = _between(person.zone, day, person.work_from, person.work_to)
    return start, max(end, start + _SHORTEST)


@lru_cache(maxsize=4096)
def _between(zone: ZoneInfo, day: date, begins: time, ends: time) -> Span:
    """Many work the same hours in the same place, and everybody who may be asked is looked at."""
    last = day + timedelta(days=1) if ends <= begins else day
    start = datetime.combine(day, begins, zone).astimezone(UTC)
    return start, datetime.combine(last, ends, zone).astimezone(UTC)


def _quiet(person: Person, day: date) -> list[Span]:
    """The quiet hours that may touch a span that begins on ``day``."""
    if person.quiet_from is None or person.quiet_to is None:
        return []
    days = (day + timedelta(days=number) for number in (-1, 0, 1))
    return [_between(person.zone, each, person.quiet_from, person.quiet_to) for each in days]


def _quiet_in(person: Person, day: date, span: Span) -> list[Span]:
    """The same, as far as they leave an hour to work: else nobody could wait for them."""
    quiet = _quiet(person, day)
    left = sum((end - start for start, end in _without(span, quiet)), timedelta(0)) if quiet else _SHORTEST
    return quiet if left >= _SHORTEST else []


def _without(span: Span, absences: Iterable[Span]) -> Iterator[Span]:
    start, end = span
    for away_from, away_until in sorted(absences):
        if away_until <= start or away_from >= end:
            continue
        if away_from > start:
            yield start, away_from
        start = max(start, away_until)
    if end > start:
        yield start, end
