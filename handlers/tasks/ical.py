"""Tasks as iCalendar (RFC 5545): as events, which every calendar program shows, or as to-dos.

An event stands at the moment when its task is due; it takes no time, and nobody seems busy by it. What repeats says its
rule, on the clock of whoever asked, and is not written out. A rule counts from a beginning: a to-do that repeats begins
at the moment when it is due, and is due a second later, since it may not be due when it begins (RFC 5545, 3.8.2.3).
A task keeps its UID for good.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Todo
from icalendar.prop import vRecur

from bot.cards import T
from bot.mentions import named
from bot.shorten import shortened
from bot.texts import Reader, say
from models import recurring
from models.base import now
from models.people import Person
from models.tasks import series
from models.tasks.tables import ACCEPTED, DONE, FINISHED, HIGH, LOW, Assignment, Task

_PRODUCER = "-//Agora//Tasks//EN"
_DETAILS = 2_000  # characters
_EVERY = timedelta(hours=1)  # how often programs should look
_BEFORE, _AHEAD = timedelta(days=366), timedelta(days=3653)  # for which the clock of a zone is written down
_PRIORITY = {HIGH: 1, LOW: 9}
"""RFC 5545, 3.8.1.9."""
_INSTANT, _SECOND = timedelta(microseconds=1), timedelta(seconds=1)

Described = TypeVar("Described", Event, Todo)


@dataclass(frozen=True)
class Marked:
    """A task of somebody's, their part in it, and whether the next of its series is there already."""

    task: Task
    part: Assignment
    followed: bool = False

    @property
    def done(self) -> bool:
        """Whether they have nothing to do with it any more."""
        return self.part.state == FINISHED or self.task.state == DONE


def events(person: Person, marked: Iterable[Marked], public_url: str) -> str:
    """A calendar of events for ``person``: those that have a date."""
    return _calendar(person, [each for one in marked if one.task.due_at
                              for each in _with_rest(one, partial(_event, person, one, public_url))])  # fmt: skip


def todos(person: Person, marked: Iterable[Marked], public_url: str) -> str:
    """A calendar of to-dos."""
    return _calendar(person, [each for one in marked
                              for each in _with_rest(one, partial(_todo, person, one, public_url))])  # fmt: skip


def _calendar(person: Person, components: Sequence[Event | Todo]) -> str:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCER)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", say(T("My tasks"), _reader(person)))
    calendar.add("refresh-interval", _EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for component in components:
        calendar.add_component(component)
    today = now().date()
    calendar.add_missing_timezones(first_date=today - _BEFORE, last_date=today + _AHEAD)
    return calendar.to_ical().decode()  # type: ignore[no-any-return]


def _with_rest(one: Marked, written: Callable[[], Described]) -> list[Described]:
    """It, as it is ``written``, and what follows of its series, where that is not there to be done yet."""
    task, due = one.task, one.task.due_at
    single = written()
    if due is None or task.repeat is None or one.followed or one.done:
        return [_at(single, due)]
    first = task.first_at or due
    zone = ZoneInfo(task.zone)
    rule = series.rule(task.repeat, first, zone)
    coming = recurring.following(rule, first, due - _INSTANT, zone)
    if coming is None:
        return [_at(single, due)]
    if coming == due:
        return [_repeating(single, rule, first, due, zone)]
    rest = written()
    rest["uid"] = f"{_uid(task)}-rest"
    return [_at(single, due), _repeating(rest, rule, first, coming, zone)]


def _at(component: Described, due: datetime | None) -> Described:
    if due is not None:
        component.add("due" if isinstance(component, Todo) else "dtstart", due)
    return component


def _repeating(component: Described, rule: str, first: datetime, begins: datetime, zone: ZoneInfo) -> Described:
    """From ``begins`` on, by the clock of ``zone``."""
    local, left = recurring.remaining(rule, first, begins, zone)
    component.add("dtstart", local.replace(tzinfo=zone))
    if isinstance(component, Todo):
        component.add("due", (local + _SECOND).replace(tzinfo=zone))
    component.add("rrule", vRecur.from_ical(left))
    return component


def _event(person: Person, one: Marked, public_url: str) -> Event:
    event = _described(Event(), person, one, public_url)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED" if one.done or one.part.state == ACCEPTED else "TENTATIVE")
    title = _clean(one.task.title)
    event.add("summary", f"✓ {title}" if one.done else title)
    return event


def _todo(person: Person, one: Marked, public_url: str) -> Todo:
    todo = _described(Todo(), person, one, public_url)
    todo.add("summary", _clean(one.task.title))
    if one.done:
        todo.add("status", "COMPLETED")
        todo.add("completed", one.part.finished_at or one.task.done_at or one.task.changed_at)
    else:
        todo.add("status", "IN-PROCESS" if one.part.state == ACCEPTED else "NEEDS-ACTION")
    return todo


def _described(component: Described, person: Person, one: Marked, public_url: str) -> Described:
    """What events and to-dos have in common."""
    task = one.task
    link = f"{public_url}/tasks/{task.id}" if public_url else ""
    asked = say(T("asked by {name}", name=named(task.asker)), _reader(person)) if task.asker_id != person.id else ""
    about = [part for part in (asked, shortened(_clean(task.details), _DETAILS), link) if part]
    component.add("uid", _uid(task))
    component.add("dtstamp", task.changed_at)
    component.add("created", task.created_at)
    component.add("last-modified", task.changed_at)
    component.add("sequence", task.version)
    component.add("description", "\n\n".join(about))
    if link:
        component.add("url", link)
    if task.priority in _PRIORITY:
        component.add("priority", _PRIORITY[task.priority])
    return component


def _uid(task: Task) -> str:
    """Unique in the world, and the same for good: its number here, and the moment at which it was made."""
    return f"task-{task.id}-{int(task.created_at.timestamp() * 1000):x}@agora"


def _clean(text: str) -> str:
    """Without control characters, which must not stand there (RFC 5545, 3.1), but for new lines."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in plain if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))


def _reader(person: Person) -> Reader:
    return Reader(person.locale, person.timezone)
