"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.dates import moment_in

ROME = ZoneInfo("Europe/Rome")
SUNDAY = datetime(2026, 11, 22, 13, tzinfo=UTC)


def _said(locale: str, text: str, now: datetime = SUNDAY) -> str:
    return moment_in(text, locale, ROME, now, time(9)).isoformat(" ", "minutes")


@pytest.mark.parametrize(
    ("locale", "text", "moment"),
    [
        ("en", "tomorrow 9:00", "2026-11-23 09:00"),
        ("en", "Tomorrow at 2 pm", "2026-11-23 14:00"),
        ("en", "Monday", "2026-11-23 09:00"),
        ("en", "next Sunday 8:30", "2026-11-29 08:30"),
        ("en", "15:00", "2026-11-22 15:00"),
        ("en", "9:00", "2026-11-23 09:00"),
        ("en", "December 24th, 2027 2:30 pm", "2027-12-24 14:30"),
        ("en", "24.12. 9:00", "2026-12-24 09:00"),
        ("en", "1 November", "2027-11-01 09:00"),
        ("en", "2030-01-31", "2030-01-31 09:00"),
        ("en", "2030-01-31T07:15", "2030-01-31 07:15"),
        ("en", "in 2 weeks", "2026-12-06 09:00"),
        ("en", "in an hour", "2026-11-22 15:00"),
        ("it", "domani alle 9:00", "2026-11-23 09:00"),
        ("it", "lunedì 14.30", "2026-11-23 14:30"),
        ("it", "03/04/2027", "2027-04-03 09:00"),
        ("it", "tomorrow", "2026-11-23 09:00"),
        ("ar", "غدًا الساعة ٩:٠٠", "2026-11-23 09:00"),
        ("ar", "يوم الإثنين", "2026-11-23 09:00"),
        ("he", "ביום שני 9:00", "2026-11-23 09:00"),
        ("he", "24 בדצמבר", "2026-12-24 09:00"),
        ("xx", "tomorrow", "2026-11-23 09:00"),
    ],
)
def test_what_people_write(locale: str, text: str, moment: str) -> None:
    assert _said(locale, text)[:16] == moment


@pytest.mark.parametrize(
    "text", ["", "soon", "9", "99:99", "31 February", "tomorrow tomorrow", "2026-13-45", "in 9999 weeks", "13 pm",
             "0000-00-00 9:00", "1 January 99999", "9999-12-31 23:59",
             "1 January 99999999999999999999", "99999999999999999999 January"],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):
        _said("en", text)


def test_what_could_be_two_days_is_asked_again() -> None:
    with pytest.raises(ValueError):
        _said("en", "03/04/2027")
    assert _said("en", "04/04/2027") == "2027-04-04 09:00+02:00"


def test_a_moment_with_an_offset_is_that_moment() -> None:
    assert moment_in("2030-01-31T09:00+00:00", "en", ROME, SUNDAY, time(9)) == datetime(2030, 1, 31, 9, tzinfo=UTC)


def test_an_hour_that_the_clock_skips() -> None:
    assert _said("en", "2027-03-28 2:30") == "2027-03-28 02:30+01:00"
