"""When an announcement comes: at the same hour of every reader's clock, once, whatever the clocks do that night."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.announcements import timing
from models.announcements.tables import Announcement
from models.announcements.timing import Reader
from models.base import Refusal
from models.people import Person
from models.recurring import at, check, following

# Skips and repeats an hour, half an hour, a whole day; far east and far west.
ZONES = ["UTC", "Europe/Rome", "Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
         "Pacific/Kiritimati", "Pacific/Midway", "Asia/Kathmandu", "America/Sao_Paulo"]  # fmt: skip
moments = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)).map(lambda each: each.replace(microsecond=0))  # noqa: DTZ001
NIGHTS = ("2026-03-29T02:30", "2026-10-25T02:30", "2026-03-08T02:30", "2011-12-30T09:00", "2026-10-04T02:15",
          "2026-03-27T02:30")  # fmt: skip
nights = st.sampled_from([datetime.fromisoformat(each) for each in NIGHTS])


def announcement(send_at: datetime, zone: str, urgent: bool = False) -> Announcement:
    return Announcement(send_at=send_at, local=True, urgent=urgent, author=Person(timezone=zone))


def reader(zone: str, quiet: tuple[time | None, time | None] = (None, None)) -> Reader:
    return Reader(1, "en", zone, *quiet)


@settings(max_examples=150, deadline=None)
@given(moments | nights, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_it_comes_at_the_same_hour_of_the_readers_clock(local: datetime, of_author: str, of_reader: str) -> None:
    send_at = at(local, ZoneInfo(of_author))
    planned = announcement(send_at, of_author)
    begins = timing.begins_at(planned)
    comes = timing.goes_at(planned, reader(of_reader), begins)
    assert comes >= begins and abs(comes - send_at) <= timedelta(hours=27)
    shown = send_at.astimezone(ZoneInfo(of_author)).replace(tzinfo=None)
    theirs = comes.astimezone(ZoneInfo(of_reader)).replace(tzinfo=None)
    exists = at(shown, ZoneInfo(of_reader)).astimezone(ZoneInfo(of_reader)).replace(tzinfo=None) == shown
    assert theirs == shown or not exists
    if not exists:  # the clock skips that hour: it comes as much later as the clock skips
        assert timedelta(0) < theirs - shown <= timedelta(days=1)


@settings(max_examples=100, deadline=None)
@given(moments | nights, st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 23), st.booleans())
def test_quiet_hours_hold_it_until_they_end(local: datetime, zone: str, begins: int, ends: int, urgent: bool) -> None:
    moment = local.replace(tzinfo=UTC)
    plain = Announcement(send_at=moment, local=False, urgent=urgent, author=Person(timezone="UTC"))
    comes = timing.goes_at(plain, reader(zone, (time(begins), time(ends))), moment)
    assert comes == moment if urgent else moment <= comes <= moment + timedelta(hours=49)
    clock = comes.astimezone(ZoneInfo(zone)).time()
    quiet = begins <= clock.hour < ends if begins < ends else clock.hour >= begins or clock.hour < ends
    assert urgent or not quiet or clock == time(ends) or zone == "Pacific/Apia" or begins == ends


@settings(max_examples=60, deadline=None)
@given(moments | nights, st.sampled_from(ZONES), st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH",
                                                                  "FREQ=MONTHLY;BYMONTHDAY=31"]))  # fmt: skip
def test_what_repeats_goes_on_by_its_authors_clock(local: datetime, zone: str, rule: str) -> None:
    first = at(local, ZoneInfo(zone))
    moment = first
    seen = [local]
    for _ in range(8):
        following_one = following(rule, first, moment, ZoneInfo(zone))
        assert following_one is not None and following_one > moment
        moment = following_one
        shown = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        starts = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert shown.time() == starts.time() or at(shown.replace(hour=starts.hour, minute=starts.minute),
                                                   ZoneInfo(zone)) == moment  # fmt: skip
        seen.append(shown)
    assert len({each.date() for each in seen[1:]}) == 8


@pytest.mark.parametrize("rule", [
    "", "FREQ=HOURLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;BYHOUR=1", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=x",
    "FREQ=DAILY;UNTIL=2026", "FREQ=MONTHLY;BYMONTHDAY=99", "FREQ=MONTHLY;BYDAY=99MO", "FREQ=DAILY;WKST=9", "x" * 999,
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY\nDTSTART:20260101T000000",
])  # fmt: skip
def test_a_rule_that_cannot_be_kept_is_refused(rule: str) -> None:
    with pytest.raises(Refusal, match="unknown_rule"):
        check(rule)


def test_a_rule_ends_where_it_says() -> None:
    first = datetime(2026, 11, 2, 9, tzinfo=UTC)
    zone = ZoneInfo("UTC")
    assert following("RRULE:FREQ=WEEKLY;COUNT=2", first, first, zone) == first + timedelta(days=7)
    assert following("FREQ=WEEKLY;COUNT=2", first, first + timedelta(days=7), zone) is None
    assert following("FREQ=WEEKLY;UNTIL=20261109T000000Z", first, first, zone) == first + timedelta(days=7)
    assert following("FREQ=WEEKLY;UNTIL=20261108", first, first, zone) is None
