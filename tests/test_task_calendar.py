"""Tasks as iCalendar: read back by the library that others read with, and repeated by ``dateutil``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from handlers.tasks import ical
from handlers.tasks.ical import Marked
from models import recurring
from models.base import Refusal, now
from models.people import Person
from models.tasks import series
from models.tasks.tables import ACCEPTED, ASKED, FINISHED, OPEN, Assignment, Task

ZONES = ("UTC", "Europe/Rome", "Asia/Jerusalem", "Asia/Dubai", "America/New_York", "America/Sao_Paulo",
         "America/St_Johns", "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo",
         "Asia/Beirut", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "Pacific/Chatham",
         "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Santiago")  # fmt: skip
RULES = (
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
    "FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY", "FREQ=DAILY;COUNT=9",
    "FREQ=WEEKLY;UNTIL=20270301",
)  # fmt: skip
MONA = Person(id=1, handle="mona", name="Mona", locale="en", timezone="Europe/Rome")
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


def task(**about: Any) -> Task:
    values = {"id": 7, "asker_id": 1, "asker": MONA, "title": "Water the plants", "details": "", "state": OPEN,
              "language": "en", "priority": "normal", "zone": "UTC", "version": 1, "created_at": BEGAN,
              "changed_at": BEGAN, **about}  # fmt: skip
    return Task(**values)


def marked(one: Task, state: str = ACCEPTED, followed: bool = False) -> Marked:
    return Marked(one, Assignment(person_id=1, task_id=one.id, state=state, finished_at=None), followed)


def read(text: str, kind: str = "VEVENT") -> list[Any]:
    return list(Calendar.from_ical(text).walk(kind))


def occurrences(event: Any, most: int) -> list[datetime]:
    start = event["dtstart"].dt
    rule = event.get("rrule")
    found = rrulestr(rule.to_ical().decode(), dtstart=start) if rule else [start]
    return [moment.astimezone(UTC) for moment in islice(found, most)]


def following(rule: str, first: datetime, since: datetime, zone: ZoneInfo, most: int) -> list[datetime]:
    found: list[datetime] = []
    moment: datetime | None = since - timedelta(microseconds=1)
    while len(found) < most and moment is not None:
        moment = recurring.following(rule, first, moment, zone)
        found += [moment] if moment else []
    return found


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES), rule=st.sampled_from(RULES), day=st.integers(0, 730), minute=st.integers(0, 1439),
    later=st.integers(0, 5),
)  # fmt: skip
def test_what_repeats_is_repeated_by_others_at_the_same_moments(
    zone: str, rule: str, day: int, minute: int, later: int
) -> None:
    place = ZoneInfo(zone)
    local = datetime(2026, 1, 1) + timedelta(days=day, minutes=minute)  # noqa: DTZ001 the clock of the place
    first = recurring.at(local, place)
    whole = series.rule(rule, first, place)
    known = following(whole, first, first, place, 30)
    if not known:
        return
    due = known[min(later, len(known) - 1)]
    one = task(due_at=due, first_at=first, repeat=rule, zone=zone)
    (event,) = read(ical.events(MONA, [marked(one)], "https://agora.example"))
    (todo,) = read(ical.todos(MONA, [marked(one)], "https://agora.example"), "VTODO")
    expected = [moment for moment in known if moment >= due]
    for each in (event, todo):
        assert occurrences(each, len(expected)) == expected, each.to_ical().decode()
        if "COUNT" in rule or "UNTIL" in rule:
            assert len(occurrences(each, 400)) == len(following(whole, first, due, place, 400)), "and ends as it does"
    assert todo["due"].dt - todo["dtstart"].dt == timedelta(seconds=1) and todo.end == todo["due"].dt


def test_one_that_was_moved_stands_alone_and_the_series_goes_on() -> None:
    due = BEGAN + timedelta(days=9)
    one = task(due_at=due, first_at=BEGAN, repeat="FREQ=WEEKLY", zone="Europe/Rome")
    for kind, begins, write in (("VEVENT", "dtstart", ical.events), ("VTODO", "due", ical.todos)):
        moved, rest = read(write(MONA, [marked(one)], ""), kind)
        assert moved[begins].dt == due and "rrule" not in moved
        assert occurrences(rest, 2) == [BEGAN + timedelta(days=14), BEGAN + timedelta(days=21)]
        assert moved["uid"] != rest["uid"]


def test_the_next_of_a_series_is_not_in_it_twice() -> None:
    due, later = BEGAN, BEGAN + timedelta(days=7)
    about = {"first_at": BEGAN, "repeat": "FREQ=WEEKLY", "zone": "Europe/Rome"}
    old, new = task(due_at=due, **about), task(id=8, due_at=later, **about)
    events = read(ical.events(MONA, [marked(old, followed=True), marked(new)], ""))
    assert ["rrule" in event for event in events] == [False, True]
    assert len({str(event["uid"]) for event in events}) == 2
    todos = read(ical.todos(MONA, [marked(old, followed=True), marked(new)], ""), "VTODO")
    assert ["rrule" in todo for todo in todos] == [False, True]
    (done,) = read(ical.todos(MONA, [marked(old, FINISHED)], ""), "VTODO")
    assert done["status"] == "COMPLETED" and "rrule" not in done


@pytest.mark.parametrize(
    "title", ["a;b,c\\d", "two\nlines", "שלום עולם " * 20, "BEGIN:VEVENT\r\nUID:evil", "\x00\x07x", "🙂" * 90]
)
def test_any_words_come_back_and_nothing_else_gets_in(title: str) -> None:
    one = task(title=title, details=title, due_at=BEGAN)
    text = ical.events(MONA, [marked(one)], "https://agora.example")
    (event,) = read(text)
    assert str(event["summary"]) == ical._clean(title) and "evil" not in str(event["uid"])
    assert "https://agora.example/tasks/7" in str(event["description"])
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text and "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "RFC 5545, 3.1"


def test_a_uid_is_for_good_and_the_same_thing_is_written_the_same_way() -> None:
    one = task(due_at=BEGAN)
    before = ical.events(MONA, [marked(one)], "")
    assert ical.events(MONA, [marked(one)], "") == before
    uid = read(before)[0]["uid"]
    one.title, one.due_at, one.version = "Water them all", BEGAN + timedelta(days=1), 2
    changed = read(ical.events(MONA, [marked(one)], ""))[0]
    assert changed["uid"] == uid and changed["sequence"] == 2


def test_nobody_seems_busy_by_a_task_and_what_is_done_says_so() -> None:
    (event,) = read(ical.events(MONA, [marked(task(due_at=BEGAN), FINISHED)], ""))
    assert event["status"] == "CONFIRMED"
    assert read(ical.events(MONA, [marked(task(due_at=BEGAN), ASKED)], ""))[0]["status"] == "TENTATIVE"
    assert event["transp"] == "TRANSPARENT" and "dtend" not in event and str(event["summary"]).startswith("✓ ")
    assert not read(ical.events(MONA, [marked(task(due_at=None))], "")), "without a date it is in no calendar"


def test_to_dos_have_a_state_a_date_and_a_priority() -> None:
    dated, undated = task(due_at=BEGAN, priority="high"), task(id=8, due_at=None, priority="low")
    first, second = read(ical.todos(MONA, [marked(dated), marked(undated, FINISHED)], ""), "VTODO")
    assert (first["due"].dt, first["status"], first["priority"]) == (BEGAN, "IN-PROCESS", 1)
    assert (second["status"], second["priority"], "due" in second) == ("COMPLETED", 9, False)
    assert "rrule" not in first and "dtstart" not in first


def test_a_rule_that_ended_leaves_its_last_one() -> None:
    one = task(due_at=BEGAN + timedelta(days=30), first_at=BEGAN, repeat="FREQ=DAILY;COUNT=3")
    (event,) = read(ical.events(MONA, [marked(one)], ""))
    assert "rrule" not in event and now() > BEGAN
    with pytest.raises(Refusal):
        recurring.remaining("FREQ=HOURLY", BEGAN, BEGAN, ZoneInfo("UTC"))
