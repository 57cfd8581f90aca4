"""Working time across zones, changes of the clock and absences."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.hours import add_working, hours_a_day, is_quiet, is_working, next_working, working_between
from models.people import Person

ZONES = (
    "UTC Europe/London Europe/Rome Asia/Jerusalem Asia/Riyadh Asia/Dubai Africa/Cairo Africa/Casablanca Asia/Kolkata "
    "Asia/Kathmandu Asia/Tokyo Australia/Lord_Howe Australia/Adelaide Pacific/Auckland Pacific/Apia America/New_York "
    "America/Los_Angeles America/Sao_Paulo America/St_Johns Atlantic/Azores"
).split()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)

moments = st.floats(0, 730).map(lambda days: FIRST + timedelta(days=days))
spans = st.tuples(moments, st.floats(0.1, 400)).map(lambda it: (it[0], it[0] + timedelta(hours=it[1])))
absences = st.lists(spans, max_size=3)
hours = st.floats(0.01, 40)


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Anybody, anywhere, by day or by night, on any days, with quiet hours or without."""
    begins, ends, *quiet = (draw(st.times()).replace(microsecond=0) for _ in range(4))
    person = somebody(draw(st.sampled_from(ZONES)), begins, ends, sorted(draw(st.sets(st.integers(0, 6), max_size=7))))
    if draw(st.booleans()):
        person.quiet_from, person.quiet_to = quiet
    return person


def somebody(zone: str, start: time = time(9), end: time = time(17), days: list[int] | None = None) -> Person:
    return Person(timezone=zone, work_from=start, work_to=end, work_days=[0, 1, 2, 3, 4] if days is None else days)


def changes(zone: str) -> list[date]:
    """The days in two years on which the clock changes."""
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]
    noon = [datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, before, after in zip(days[1:], noon, noon[1:], strict=False) if before != after]


@settings(max_examples=400, deadline=None)
@given(people(), moments, hours, absences)
def test_what_is_added_is_what_is_worked(
    person: Person, start: datetime, some: float, away: list[tuple[datetime, datetime]]
) -> None:
    end = add_working(person, start, some, away)
    assert end > start
    assert working_between(person, start, end, away) == pytest.approx(some, abs=1e-6)
    assert working_between(person, start, end - timedelta(seconds=1), away) < some
    assert is_working(person, end - timedelta(microseconds=1), away)


@settings(max_examples=300, deadline=None)
@given(people(), moments, hours, hours, absences)
def test_hours_add_up(
    person: Person, start: datetime, some: float, more: float, away: list[tuple[datetime, datetime]]
) -> None:
    twice = add_working(person, add_working(person, start, some, away), more, away)
    assert abs(twice - add_working(person, start, some + more, away)) < timedelta(seconds=1)


@settings(max_examples=300, deadline=None)
@given(people(), moments, st.floats(0, 100), hours)
def test_who_starts_later_is_not_done_earlier(person: Person, start: datetime, later: float, some: float) -> None:
    assert add_working(person, start, some) <= add_working(person, start + timedelta(hours=later), some)


@settings(max_examples=300, deadline=None)
@given(people(), moments, absences)
def test_the_next_working_moment_is_one(
    person: Person, moment: datetime, away: list[tuple[datetime, datetime]]
) -> None:
    found = next_working(person, moment, away)
    assert found >= moment and next_working(person, found, away) == found
    assert not any(start <= found < end for start, end in away)
    assert working_between(person, moment, found, away) == 0


@pytest.mark.parametrize("zone", ZONES)
def test_a_working_day_is_as_long_as_it_says_through_two_years(zone: str) -> None:
    """Nine to five never holds a change of the clock: every day is eight hours, on the clock of the place."""
    person, local = somebody(zone, days=list(range(7))), ZoneInfo(zone)
    for number in range(730):
        day = date(2025, 1, 1) + timedelta(days=number)
        start = datetime.combine(day, time(9), local).astimezone(UTC)
        end = add_working(person, start, 8)
        assert end.astimezone(local).replace(tzinfo=None) == datetime.combine(day, time(17))
        assert next_working(person, end).astimezone(local).time() == time(9)


@pytest.mark.parametrize("zone", [zone for zone in ZONES if changes(zone)])
def test_a_night_shift_is_as_long_as_the_night_is(zone: str) -> None:
    """From ten to six over a change of the clock: real time is counted, and no night is worked twice."""
    person, local = somebody(zone, time(22), time(6), list(range(7))), ZoneInfo(zone)
    assert hours_a_day(person) == 8
    for day in changes(zone):
        start = datetime.combine(day - timedelta(days=1), time(22), local).astimezone(UTC)
        end = datetime.combine(day, time(6), local).astimezone(UTC)
        length = (end - start) / timedelta(hours=1)
        assert length != 8
        assert working_between(person, start, end) == length == pytest.approx(8, abs=1)


def test_a_holiday_of_two_weeks_is_left_out() -> None:
    person = somebody("Europe/Rome")
    friday, monday = datetime(2026, 7, 31, 14, tzinfo=UTC), datetime(2026, 8, 17, 7, tzinfo=UTC)
    away = [(datetime(2026, 7, 31, 22, tzinfo=UTC), datetime(2026, 8, 16, 22, tzinfo=UTC))]
    assert add_working(person, friday, 4, away) == monday + timedelta(hours=3)


def test_who_states_no_day_works_on_any() -> None:
    person = somebody("UTC", days=[])
    assert next_working(person, datetime(2026, 3, 1, 8, tzinfo=UTC)) == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_nothing_cannot_be_added() -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        add_working(somebody("UTC"), datetime(2026, 3, 1, tzinfo=UTC), 0)


def test_quiet_hours_are_no_working_time() -> None:
    person = Person(timezone="UTC", work_days=[0, 1, 2, 3, 4], work_from=time(9), work_to=time(17),
                    quiet_from=time(12), quiet_to=time(14))  # fmt: skip
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert is_quiet(person, noon) and not is_quiet(person, noon + timedelta(hours=2))
    assert next_working(person, noon) == noon + timedelta(hours=2)
    assert add_working(person, noon - timedelta(hours=1), 2) == noon + timedelta(hours=3)
    assert working_between(person, noon - timedelta(hours=3), noon + timedelta(hours=5)) == 6


@pytest.mark.parametrize(("begins", "ends"), [(time(8), time(18)), (time(9), time(16, 30)), (time(18), time(17))])
def test_quiet_hours_that_leave_no_work_are_as_none(begins: time, ends: time) -> None:
    person = Person(timezone="Europe/Rome", work_days=[0], work_from=time(9), work_to=time(17),
                    quiet_from=begins, quiet_to=ends)  # fmt: skip
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert add_working(person, start, 8) == start + timedelta(hours=8)


def test_a_night_can_be_quiet() -> None:
    person = Person(timezone="UTC", work_days=list(range(7)), work_from=time(0), work_to=time(0),
                    quiet_from=time(22), quiet_to=time(6))  # fmt: skip
    late = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert is_quiet(person, late) and is_quiet(person, late + timedelta(hours=6))
    assert next_working(person, late) == late + timedelta(hours=7)
