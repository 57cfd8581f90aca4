"""The days and hours of digests, through every change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.digests import DAILY, WEEKLY, next_slot
from models.people import Person

ZONES = ("UTC", "Europe/Rome", "Asia/Jerusalem", "Asia/Dubai", "America/New_York", "America/Sao_Paulo",
         "America/St_Johns", "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo",
         "Asia/Beirut", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "Pacific/Chatham",
         "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Santiago")  # fmt: skip
START = datetime(2025, 1, 1, tzinfo=UTC)


def somebody(zone: str, at: time, digest: str = DAILY, days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)) -> Person:
    return Person(timezone=zone, work_days=list(days), digest=digest, digest_at=at)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0), time(0, 30), time(2, 30), time(9)], ids=str)
def test_every_day_of_two_years_has_one(zone: str, at: time) -> None:
    person, moment, used = somebody(zone, at), START, set[str]()
    for _ in range(730):
        found = next_slot(person, moment, used)
        assert found is not None
        day, due = found
        assert due > moment and day.isoformat() not in used
        assert timedelta(hours=22) < due - moment < timedelta(hours=26) or not used
        shown = due.astimezone(ZoneInfo(zone))
        skipped = shown.replace(tzinfo=None) != datetime.combine(day, at)  # the clock goes on past that hour
        assert shown.date() == day and (not skipped or timedelta(0) < shown.replace(tzinfo=None)
                                        - datetime.combine(day, at) <= timedelta(hours=1))  # fmt: skip
        used.add(day.isoformat())
        moment = due


@pytest.mark.parametrize(
    ("days", "weekday"),
    [((0, 1, 2, 3, 4), 0), ((6, 0, 1, 2, 3), 6), ((0, 1, 2, 3, 6), 6), ((1, 3), 1), ((), 0), ((2,), 2),
     ((0, 1, 2, 3, 4, 5), 0)],
)  # fmt: skip
def test_a_week_begins_after_its_longest_rest(days: tuple[int, ...], weekday: int) -> None:
    found = next_slot(somebody("Europe/Rome", time(9), WEEKLY, days), START)
    assert found is not None and found[0].weekday() == weekday
