"""What is filled in about when somebody is there and how much they take, read and refused in their words."""

from __future__ import annotations

import re
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from bot.cards import T
from models import digests
from models.base import Refusal
from models.people import LOCALES, Person

_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_MOST_QUOTA, _MOST_WEEKLY = 20, 100
WEEKS = {
    "01234": T("Monday to Friday"),
    "60123": T("Sunday to Thursday"),
    "0123": T("Monday to Thursday"),
    "012345": T("Monday to Saturday"),
    "0123456": T("Every day"),
}


def language(code: str) -> str:
    """A language of Agora's."""
    if code not in LOCALES:
        raise Refusal("unknown_language", field="locale")
    return code


def how_often(often: str) -> str:
    """How often a digest comes."""
    if often not in digests.MODES:
        raise Refusal("unknown_digest", field="digest")
    return often


def zone(name: str) -> str:
    """A time zone, by its name in any case."""
    found = {zone.casefold(): zone for zone in available_timezones()}.get(name.replace(" ", "_").casefold())
    if found is None:
        raise Refusal("unknown_zone", field="timezone")
    return ZoneInfo(found).key


def clock_time(text: str, field: str) -> time:
    """A time of day."""
    match = _TIME.fullmatch(text)
    try:
        return time(int(match[1]), int(match[2] or 0)) if match else time(99)
    except ValueError:
        raise Refusal("unknown_time", field=field) from None


def quiet_hours(given: dict[str, str], person: Person) -> tuple[time | None, time | None]:
    """From when until when they would rather not be asked; both or neither."""
    begins, ends = (given.get(name, clock(getattr(person, name))) for name in ("quiet_from", "quiet_to"))
    if not begins and not ends:
        return None, None
    if not begins or not ends:
        raise Refusal("quiet_both", field="quiet_to")
    first, last = clock_time(begins, "quiet_from"), clock_time(ends, "quiet_to")
    if first == last:
        raise Refusal("quiet_both", field="quiet_to")
    return first, last


def clock(at: time | None) -> str:
    """A time of day as it is filled in."""
    return f"{at:%H:%M}" if at else ""


def work_days(code: str, person: Person) -> list[int]:
    """Working days, Monday being 0."""
    if code in WEEKS:
        return [int(day) for day in code]
    if code in ("kept", "".join(map(str, person.work_days))):
        return person.work_days
    raise Refusal("unknown_days", field="work_days")


def number(number: int | None) -> str:
    """A number as it is filled in."""
    return "" if number is None else str(number)


def weekly(text: str) -> int | None:
    """How many questions a week; none for no limit."""
    if text and (not text.isdecimal() or len(text) > 3 or int(text) > _MOST_WEEKLY):
        raise Refusal("unknown_weekly", field="weekly")
    return int(text) if text else None


def quota(text: str) -> int:
    """How many questions at once."""
    if not text.isdecimal() or len(text) > 2 or int(text) > _MOST_QUOTA:
        raise Refusal("unknown_quota", field="quota")
    return int(text)
