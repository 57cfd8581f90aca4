"""The dates of tasks that repeat, against ``dateutil``, over changes of the clock, ends of months and leap years."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recurring import following
from models.tasks.series import rule
from tests.models.test_task_reminders import ZONES

zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(2023, 1, 1), date(2028, 12, 31))
times = st.times().map(lambda it: it.replace(second=0, microsecond=0))


def series(repeat: str, first: datetime, zone: ZoneInfo, most: int) -> list[datetime]:
    """What follows the first one, on the clock of the zone."""
    moments = [first]
    while len(moments) < most:
        found = following(rule(repeat, first, zone), first, moments[-1], zone)
        assert found is not None and found > moments[-1]
        moments.append(found)
    return moments


def clock(moments: list[datetime], zone: ZoneInfo) -> list[datetime]:
    return [moment.astimezone(zone).replace(tzinfo=None, fold=0) for moment in moments]


def shown(local: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows at the moment that ``local`` means: an hour later where it is skipped."""
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)


@settings(max_examples=60, deadline=None)
@given(
    zones, days, times,
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR",
                     "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=YEARLY;INTERVAL=1"]),
)  # fmt: skip
def test_it_comes_when_dateutil_says_on_the_clock_of_who_asked(
    zone: ZoneInfo, day: date, hour: time, repeat: str
) -> None:
    if "YEARLY" in repeat and (day.month, day.day) == (2, 29):
        day -= timedelta(days=1)
    start = shown(datetime.combine(day, hour), zone)
    first = start.replace(tzinfo=zone).astimezone(UTC)
    wanted = [one for one in islice(rrulestr(repeat, dtstart=start), 9) if one > start][:7]
    found = clock(series(repeat, first, zone, 8), zone)[1:]
    assert found == [shown(one, zone) for one in wanted]


@settings(max_examples=60, deadline=None)
@given(zones, st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.integers(1, 6))
def test_each_month_has_its_day_or_its_last(zone: ZoneInfo, day: date, interval: int) -> None:
    first = datetime.combine(day, time(12), zone).astimezone(UTC)
    found = clock(series(f"FREQ=MONTHLY;INTERVAL={interval}", first, zone, 8), zone)
    start = datetime.combine(day, time(12))
    assert found == [start + relativedelta(months=interval * n) for n in range(8)]


@pytest.mark.parametrize("repeat", ["FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=31", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1"])
def test_on_the_31st_means_the_end_of_the_month(repeat: str) -> None:
    zone = ZoneInfo("Europe/Rome")
    found = clock(series(repeat, datetime(2023, 12, 31, 16, tzinfo=UTC), zone, 15), zone)
    assert [one.day for one in found] == [calendar.monthrange(one.year, one.month)[1] for one in found]
    assert [one.hour for one in found] == [17] * 15 and found[2].day == 29 and found[14].day == 28


def test_a_birthday_on_29_february_is_kept_every_year() -> None:
    zone = ZoneInfo("Asia/Jerusalem")
    found = clock(series("FREQ=YEARLY", datetime(2024, 2, 29, 8, tzinfo=UTC), zone, 5), zone)
    assert [(one.year, one.month, one.day, one.hour) for one in found] == [
        (2024, 2, 29, 10), (2025, 2, 28, 10), (2026, 2, 28, 10), (2027, 2, 28, 10), (2028, 2, 29, 10)
    ]  # fmt: skip


def test_an_hour_that_the_clock_skips_or_shows_twice_comes_once() -> None:
    zone = ZoneInfo("Europe/Rome")
    spring = series("FREQ=DAILY", datetime(2026, 3, 28, 1, 30, tzinfo=UTC), zone, 3)
    assert spring == [datetime(2026, 3, 28, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
                      datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]  # fmt: skip
    autumn = series("FREQ=DAILY", datetime(2026, 10, 24, 0, 30, tzinfo=UTC), zone, 3)
    assert autumn == [datetime(2026, 10, 24, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
                      datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]  # fmt: skip
