"""Moments in the words of four languages, at any hour of any year, in many time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_time, get_day_names
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.dates import moment_among, moment_in

LOCALES = ("en", "it", "ar", "he")
ZONES = [ZoneInfo(name) for name in (
    "UTC", "Europe/Rome", "Europe/London", "Europe/Lisbon", "Asia/Jerusalem", "Africa/Cairo", "Africa/Casablanca",
    "Asia/Riyadh", "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe",
    "Australia/Sydney", "Pacific/Auckland", "Pacific/Kiritimati", "America/New_York", "America/Los_Angeles",
    "America/Sao_Paulo", "America/St_Johns")]  # fmt: skip
ROME = ZoneInfo("Europe/Rome")
SUNDAY = datetime(2026, 11, 22, 13, tzinfo=UTC)
EVENING = time(17)
IN = {"en": "in {} days", "it": "fra {} giorni", "ar": "بعد {} أيام", "he": "בעוד {} ימים"}
TOMORROW = {"en": "tomorrow", "it": "domani", "ar": "غدًا", "he": "מחר"}
fast = settings(max_examples=60, deadline=None, derandomize=True)


@cache
def _changes(zone: ZoneInfo) -> list[datetime]:
    """The hours of a year, on the clock there, between which it is set forward or back."""
    hours = (datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(8760))
    pairs = ((each, (each + timedelta(hours=1)).astimezone(zone)) for each in hours)
    return [each.astimezone(zone).replace(tzinfo=None) for each, after in pairs
            if after.utcoffset() != each.astimezone(zone).utcoffset()]  # fmt: skip


@st.composite
def locals_(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone, and what its clock shows, which it may skip, or show twice."""
    zone = draw(st.sampled_from(ZONES))
    changes = _changes(zone)
    near = st.sampled_from(changes).flatmap(
        lambda at: st.integers(-60, 120).map(lambda n: at.replace(second=0) + timedelta(minutes=n))
    ) if changes else st.nothing()  # fmt: skip
    any_ = st.datetimes(datetime(2026, 11, 24), datetime(2031, 12, 31))  # noqa: DTZ001 on the clock of the zone
    return zone, draw(near | any_).replace(second=0, microsecond=0)


@fast
@given(st.sampled_from(LOCALES), locals_(), st.sampled_from(("short", "medium", "long", "full")))
def test_what_is_written_as_the_language_writes_it_reads_back(
    locale: str, said: tuple[ZoneInfo, datetime], width: str
) -> None:
    zone, local = said
    width = "medium" if width == "short" and locale == "en" else width  # which leaves open what is the day
    text = f"{format_date(local.date(), width, locale)} {format_time(local.time(), 'short', locale=locale)}"
    found = moment_in(text, locale, zone, SUNDAY, EVENING)
    assert found == local.replace(tzinfo=zone), text


@fast
@given(st.sampled_from(LOCALES), locals_(), st.integers(2, 60))
def test_days_that_are_counted(locale: str, said: tuple[ZoneInfo, datetime], days: int) -> None:
    zone, local = said
    now = local.replace(tzinfo=zone).astimezone(UTC)
    today = now.astimezone(zone).date()
    for text, day in ((IN[locale].format(days), today + timedelta(days=days)),
                      (TOMORROW[locale], today + timedelta(days=1))):  # fmt: skip
        assert moment_in(text, locale, zone, now, EVENING) == datetime.combine(day, EVENING, zone)
        assert moment_in(f"{text} 9:05", locale, zone, now, EVENING) == datetime.combine(day, time(9, 5), zone)


@fast
@given(st.sampled_from(LOCALES), locals_(), st.integers(0, 6), st.sampled_from(("wide", "abbreviated")))
def test_the_next_day_of_that_name(locale: str, said: tuple[ZoneInfo, datetime], day: int, width: str) -> None:
    zone, local = said
    now = local.replace(tzinfo=zone).astimezone(UTC)
    found = moment_in(f"{get_day_names(width, locale=locale)[day]} 10:15", locale, zone, now, EVENING)
    ahead = found.date() - now.astimezone(zone).date()
    assert found.weekday() == day
    assert timedelta(1) <= ahead <= timedelta(7)
    assert found.time() == time(10, 15)


@fast
@given(st.sampled_from(LOCALES), st.text(max_size=60) | st.lists(st.sampled_from(
    "by until the end of next week month friday 10 27 9:30 12.5 at in half past quarter to entro fine mese il 15 alle "
    "dopodomani fra ogni ב ל עד סוף החודש הבא 31 יום שני 29 feb 2027 99 حتى بعد نهاية القادم م ٢٩ - / . '".split()),
    max_size=8).map(" ".join))  # fmt: skip
@example("en", "31 april 10:75")
def test_nothing_that_is_written_breaks_it(locale: str, text: str) -> None:
    try:
        found = moment_in(text, locale, ROME, SUNDAY, EVENING)
    except ValueError:
        found = SUNDAY
    assert found.tzinfo is not None
    moment_among(text, locale, ROME, SUNDAY, EVENING)


@pytest.mark.parametrize(
    ("locale", "text", "moment"),
    [
        ("en", "next Tuesday 10", "2026-11-24 10:00"),
        ("en", "by Friday", "2026-11-27 17:00"),
        ("en", "before Friday", "2026-11-26 17:00"),
        ("en", "until tomorrow noon", "2026-11-23 12:00"),
        ("en", "end of the month", "2026-11-30 17:00"),
        ("en", "end of week", "2026-11-27 17:00"),
        ("en", "tonight", "2026-11-22 20:00"),
        ("en", "half past 3", "2026-11-22 15:30"),
        ("en", "tomorrow at 10 in the evening", "2026-11-23 22:00"),
        ("en", "by the 15th at 9", "2026-12-15 09:00"),
        ("en", "Friday 27", "2026-11-27 17:00"),
        ("en", "29 February", "2028-02-29 17:00"),
        ("en", "yesterday", "2026-11-21 17:00"),
        ("en", "entro venerdì", "2026-11-27 17:00"),
        ("it", "entro fine mese", "2026-11-30 17:00"),
        ("it", "fra 15 giorni", "2026-12-07 17:00"),
        ("en", "in half an hour", "2026-11-22 14:30"),
        ("en", "end of Friday", "2026-11-27 17:00"),
        ("it", "entro le 18", "2026-11-22 18:00"),
        ("it", "fino alle 18:30 di domani", "2026-11-23 18:30"),
        ("it", "fino al 15", "2026-12-15 17:00"),
        ("he", "בשבוע הבא ביום שלישי", "2026-11-24 17:00"),
        ("it", "stasera", "2026-11-22 20:00"),
        ("it", "alle 10 meno un quarto di domani", "2026-11-23 09:45"),
        ("it", "mar 10", "2026-11-24 10:00"),
        ("it", "10 mar", "2027-03-10 17:00"),
        ("it", "entro il 15", "2026-12-15 17:00"),
        ("it", "dopodomani a mezzogiorno", "2026-11-24 12:00"),
        ("he", "סוף החודש", "2026-11-30 17:00"),
        ("he", "עוד שבועיים", "2026-12-06 17:00"),
        ("he", "הערב", "2026-11-22 20:00"),
        ("he", "עד יום ו׳ ב-10", "2026-11-27 10:00"),
        ("he", "מחר ברבע ל-10", "2026-11-23 09:45"),
        ("ar", "نهاية الشهر", "2026-11-30 17:00"),
        ("ar", "بعد أسبوعين", "2026-12-06 17:00"),
        ("ar", "الثلاثاء القادم الساعة ١٠", "2026-11-24 10:00"),
        ("ar", "غدًا الساعة العاشرة والنصف", "2026-11-23 10:30"),
        ("ar", "يوم الاثنين ١٠:٣٠ م", "2026-11-23 22:30"),
        ("ar", "15 كانون الأول", "2026-12-15 17:00"),
    ],
)
def test_what_people_say(locale: str, text: str, moment: str) -> None:
    assert moment_in(text, locale, ROME, SUNDAY, EVENING).isoformat(" ")[:16] == moment


def test_weeks_end_where_people_work_until_thursday() -> None:
    week = moment_in("סוף השבוע", "he", ROME, SUNDAY, EVENING, work_days=(6, 0, 1, 2, 3))
    assert week.date() == date(2026, 11, 26)


def test_today_once_the_day_of_work_is_over() -> None:
    night = datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert moment_in("today", "en", ROME, night, EVENING, late=time(23, 59)).time() == time(23, 59)
    assert moment_in("today", "en", ROME, night, EVENING) < night


@pytest.mark.parametrize(
    ("locale", "text", "day", "rest"),
    [
        ("en", "@mona fix the door by Friday 10", 27, "@mona fix the door"),
        ("en", "by Friday the door must be fixed", 27, "the door must be fixed"),
        ("en", "send it to Tom by Friday for review", 27, "send it to Tom for review"),
        ("en", "install version 2.10", None, ""),
        ("en", "buy 3 chairs for May", None, ""),
        ("it", "preparare le slide per lunedì.", 23, "preparare le slide"),
        ("he", "לתקן את הדלת עד יום שישי ב-10", 27, "לתקן את הדלת"),
        ("ar", "إصلاح الباب حتى يوم الجمعة الساعة ١٠", 27, "إصلاح الباب"),
    ],
)
def test_the_moment_among_other_words(locale: str, text: str, day: int | None, rest: str) -> None:
    found = moment_among(text, locale, ROME, SUNDAY, EVENING)
    assert (found and found[0].day) == day
    assert found is None or found[2] == rest
