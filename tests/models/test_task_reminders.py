"""Reminders of tasks: none missed, none doubled, all in working hours, wherever and whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.hours import Span, is_quiet, is_working
from models.people import Person
from models.recurring import at
from models.tasks.reminders import (
    AGAIN,
    BACK,
    BEFORE,
    DUE,
    KEEP_ASKING,
    OVERDUE,
    REMIND_ASKED,
    REMIND_ASKER,
    TELL_ASKER,
    TO_ASKER,
    Step,
    next_step,
    schedule,
)
from models.tasks.tables import ACCEPTED, ASKED, DONE, OPEN, PROPOSED, Assignment, Task

ZONES = (
    "UTC Europe/London Europe/Rome Asia/Jerusalem Asia/Riyadh Asia/Dubai Africa/Cairo Africa/Casablanca Asia/Kolkata "
    "Asia/Kathmandu Asia/Tokyo Australia/Lord_Howe Australia/Adelaide Pacific/Auckland Pacific/Apia America/New_York "
    "America/Los_Angeles America/Sao_Paulo America/St_Johns Atlantic/Azores"
).split()
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def somebody(zone: str = "UTC", id: int = 1, begins: time = time(9), ends: time = time(17), days: int = 5) -> Person:
    return Person(id=id, timezone=zone, work_days=list(range(days)), work_from=begins, work_to=ends)


def asked_of(person: Person, due: datetime | None, since: datetime, state: str = ACCEPTED) -> Assignment:
    asker = somebody(person.timezone, id=2)
    task = Task(asker=asker, asker_id=asker.id, state=OPEN, due_at=due)
    answered = since if state == ACCEPTED else None
    return Assignment(task=task, person=person, state=state, asked_at=since, answered_at=answered, reminders=0)


def followed(one: Assignment, since: datetime, away: list[Span] | None = None, most: int = 20) -> list[Step]:
    """Everything that is said of it if nobody does anything, as timers bring it about."""
    said: list[Step] = []
    moment = since
    for _ in range(most):
        found = next_step(one.task, one, one.person, away or (), moment, done=bool(said))
        if found is None:
            break
        one.next_step, one.next_at = found
        said.append(found)
        moment = found[1]
        one.reminders += 1
        one.snoozed_until = None if found[0] == AGAIN else one.snoozed_until
    return said


def days_of(zone: str) -> Iterator[date]:
    """Two years: every fifth day, and each that lies within two of a change of the clock."""
    days = [date(2025, 1, 1) + number * DAY for number in range(730)]
    noon = [datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() for day in days]
    changes = {day + number * DAY for day, (a, b) in zip(days, pairwise(noon), strict=False) if a != b
               for number in range(-2, 3)}  # fmt: skip
    yield from (day for number, day in enumerate(days) if number % 5 == 0 or day in changes)


@pytest.mark.parametrize("zone", ZONES)
def test_through_two_years_nothing_is_missed_or_doubled_on_any_clock(zone: str) -> None:
    local = ZoneInfo(zone)
    for begins, ends in ((time(9), time(17)), (time(22), time(6))):
        person = somebody(zone, begins=begins, ends=ends, days=7)
        for day in days_of(zone):
            due = at(datetime.combine(day, time(2, 30)) if begins > ends else datetime.combine(day, ends), local)
            steps = schedule_of(person, due)
            assert sorted(step for step, _ in steps) == [BEFORE, DUE, OVERDUE, TELL_ASKER], (day, steps)
            moments = dict(steps)
            assert moments[BEFORE] < moments[DUE] <= due < moments[OVERDUE] < moments[TELL_ASKER]
            assert all(is_working(person, moment) for step, moment in steps if step not in TO_ASKER)
            if begins < ends:  # at the hour at which they begin, the day before and on the day, whatever the clock did
                said = [moments[step].astimezone(local) for step in (BEFORE, DUE, OVERDUE)]
                assert [moment.replace(tzinfo=None) for moment in said] == [
                    datetime.combine(day + number * DAY, begins) for number in (-1, 0, 1)
                ]


def schedule_of(person: Person, due: datetime) -> list[Step]:
    one = asked_of(person, due, due - 4 * DAY)
    return schedule(one.task, one, person, ())


moments = st.floats(0, 20).map(lambda days: MONDAY + timedelta(days=round(days, 3)))
spans = st.tuples(moments, st.floats(1, 200)).map(lambda it: (it[0], it[0] + timedelta(hours=it[1])))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), moments, st.lists(spans, max_size=2), st.integers(1, 7), st.booleans(), st.floats(0, 1))
def test_what_timers_bring_about_is_the_schedule_even_where_something_happens_in_between(
    zone: str, due: datetime, away: list[Span], days: int, quiet: bool, when: float
) -> None:
    """Whatever is changed, planned again or comes late between two reminders: each comes once, and in working hours."""
    person = somebody(zone, days=days)
    person.quiet_from, person.quiet_to = (time(12), time(13)) if quiet else (None, None)
    since = MONDAY - DAY
    one = asked_of(person, due, since)
    wanted = [step for step in schedule(one.task, one, person, away) if step[1] > since]
    assert followed(one, since, away) == wanted
    assert all(is_working(person, moment, away) and not is_quiet(person, moment)
               for step, moment in wanted if step not in TO_ASKER)  # fmt: skip
    again = asked_of(person, due, since)
    for step, moment in wanted:
        between = since + when * (moment - since)
        for asked_at in (between, moment, moment + timedelta(seconds=9)):  # planned again; on time; somewhat late
            planned = next_step(again.task, again, person, away, asked_at if again.next_step else since)
            assert planned == (step, moment)
            again.next_step, again.next_at = planned
        planned = next_step(again.task, again, person, away, moment, done=True)
        again.next_step, again.next_at = planned or (None, None)
        since = moment
    assert again.next_step is None


def test_who_works_at_the_date_is_reminded_on_it_and_an_hour_later_it_is_late() -> None:
    one = asked_of(somebody(), MONDAY + 2 * DAY + timedelta(hours=4), MONDAY)
    assert followed(one, MONDAY) == [
        (BEFORE, datetime(2026, 3, 3, 14, tzinfo=UTC)),
        (DUE, datetime(2026, 3, 4, 14, tzinfo=UTC)),
        (OVERDUE, datetime(2026, 3, 4, 15, tzinfo=UTC)),
        (TELL_ASKER, datetime(2026, 3, 5, 9, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("lead", "wanted"),
    [
        (timedelta(minutes=90), [(DUE, 90), (OVERDUE, 150)]),
        (timedelta(hours=4), [(BEFORE, 120), (DUE, 240), (OVERDUE, 300)]),
        (timedelta(hours=7), [(BEFORE, 210), (OVERDUE, 23 * 60)]),
    ],
)
def test_who_has_less_than_a_day_is_reminded_halfway(lead: timedelta, wanted: list[tuple[str, int]]) -> None:
    said = followed(asked_of(somebody(), MONDAY + lead, MONDAY), MONDAY)
    assert [(step, (moment - MONDAY) / timedelta(minutes=1)) for step, moment in said[:-1]] == wanted
    assert said[-1][0] == TELL_ASKER


def test_what_is_due_while_nobody_works_comes_before() -> None:
    sunday = MONDAY + 6 * DAY
    said = followed(asked_of(somebody(), sunday, MONDAY), MONDAY)
    assert said == [
        (DUE, datetime(2026, 3, 6, 9, tzinfo=UTC)),
        (OVERDUE, datetime(2026, 3, 9, 9, tzinfo=UTC)),
        (TELL_ASKER, datetime(2026, 3, 10, 9, tzinfo=UTC)),
    ]
    holiday = [(MONDAY + DAY, MONDAY + 14 * DAY)]
    said = followed(asked_of(somebody(), sunday, MONDAY), MONDAY, holiday)
    assert said == [  # they were asked shortly before they went: whoever asked does not wait until they are back
        (DUE, datetime(2026, 3, 3, 9, tzinfo=UTC)),
        (TELL_ASKER, datetime(2026, 3, 9, 9, tzinfo=UTC)),
        (OVERDUE, datetime(2026, 3, 16, 10, tzinfo=UTC)),
    ]


def test_who_is_silent_is_asked_twice_more_and_then_it_goes_back() -> None:
    one = asked_of(somebody(), None, MONDAY, ASKED)
    assert followed(one, MONDAY, most=6) == [
        (REMIND_ASKED, datetime(2026, 3, 3, 10, tzinfo=UTC)),
        (REMIND_ASKED, datetime(2026, 3, 4, 10, tzinfo=UTC)),
        (BACK, datetime(2026, 3, 5, 10, tzinfo=UTC)),
        (KEEP_ASKING, datetime(2026, 3, 6, 10, tzinfo=UTC)),
        (KEEP_ASKING, datetime(2026, 3, 9, 9, tzinfo=UTC)),
        (KEEP_ASKING, datetime(2026, 3, 13, 9, tzinfo=UTC)),
    ]


def test_it_goes_back_before_the_date_and_sooner_where_they_are_away() -> None:
    today = MONDAY + timedelta(hours=6)
    said = followed(asked_of(somebody(), today, MONDAY, ASKED), MONDAY, most=3)
    assert [step for step, _ in said] == [REMIND_ASKED, REMIND_ASKED, BACK] and said[-1][1] < today
    away = [(MONDAY - DAY, MONDAY + 20 * DAY)]
    said = followed(asked_of(somebody(), None, MONDAY, ASKED), MONDAY, away, most=1)
    assert said == [(BACK, MONDAY + DAY)]


def test_whoever_asked_has_to_decide_what_is_proposed() -> None:
    said = followed(asked_of(somebody(), None, MONDAY, PROPOSED), MONDAY, most=3)
    assert said == [(REMIND_ASKER, MONDAY + number * DAY) for number in (1, 3, 7)]


def test_who_cannot_go_on_is_left_alone_and_the_asker_is_not() -> None:
    one = asked_of(somebody(), MONDAY + 2 * DAY, MONDAY)
    one.blocked_because = "The parts are missing."
    assert [step for step, _ in followed(one, MONDAY)] == [TELL_ASKER]


def test_who_wants_to_be_reminded_later_is_reminded_then_and_not_before() -> None:
    one = asked_of(somebody(), MONDAY + 2 * DAY, MONDAY)
    one.snoozed_until = MONDAY + 2 * DAY - timedelta(hours=1)
    said = followed(one, MONDAY)
    assert [step for step, _ in said] == [AGAIN, DUE, OVERDUE, TELL_ASKER] and said[0][
        1
    ] == MONDAY + 2 * DAY - timedelta(hours=1)
    late = asked_of(somebody(), MONDAY + 2 * DAY, MONDAY)
    late.snoozed_until = MONDAY + 5 * DAY  # a Saturday
    assert [step for step, _ in followed(late, MONDAY)] == [TELL_ASKER, AGAIN]
    at_once = asked_of(somebody(), None, MONDAY)
    at_once.snoozed_until = MONDAY + timedelta(hours=1)
    assert followed(at_once, MONDAY) == [(AGAIN, MONDAY + timedelta(hours=1))]


def test_another_date_brings_other_reminders_and_none_of_the_past() -> None:
    one = asked_of(somebody(), MONDAY + 2 * DAY, MONDAY)
    one.next_step, one.next_at = BEFORE, MONDAY + DAY
    one.task.due_at = MONDAY + timedelta(hours=3)  # sooner: what should have come already does not come now
    later = MONDAY + timedelta(hours=2)
    assert next_step(one.task, one, one.person, (), later) == (DUE, MONDAY + timedelta(hours=3))
    one.task.due_at = MONDAY + 7 * DAY
    assert next_step(one.task, one, one.person, (), later) == (BEFORE, datetime(2026, 3, 6, 9, tzinfo=UTC))
    one.task.state = DONE
    assert next_step(one.task, one, one.person, (), later) is None


def test_what_came_due_while_nobody_served_it_is_said_once_to_each() -> None:
    one = asked_of(somebody(), MONDAY + DAY, MONDAY)
    one.next_step, one.next_at = BEFORE, MONDAY + timedelta(hours=12)
    late = MONDAY + 10 * DAY
    found = next_step(one.task, one, one.person, (), late, done=True)
    assert found == (TELL_ASKER, late)
    one.next_step, one.next_at = found
    assert next_step(one.task, one, one.person, (), late, done=True) is None


def test_nobody_is_told_that_they_did_not_do_what_they_asked_of_themselves() -> None:
    one = asked_of(somebody(id=2), MONDAY + 2 * DAY, MONDAY)
    assert [step for step, _ in followed(one, MONDAY)] == [BEFORE, DUE, OVERDUE]
