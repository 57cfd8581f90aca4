"""Moments as people write them: "tomorrow 9:00", "Monday", "24 December 14:30", "in 3 days", 2030-01-31T09:00."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale

_DAYS = {
    "en": ("today", "tomorrow", "day after tomorrow"),
    "it": ("oggi", "domani", "dopodomani"),
    "ar": ("اليوم", "غدا", "بعد غد"),
    "he": ("היום", "מחר", "מחרתיים"),
}
_IN = {"en": ("in",), "it": ("tra", "fra"), "ar": ("بعد", "خلال"), "he": ("בעוד",)}
_UNITS = {
    "en": (("minute", "minutes"), ("hour", "hours"), ("day", "days"), ("week", "weeks")),
    "it": (("minuto", "minuti"), ("ora", "ore"), ("giorno", "giorni"), ("settimana", "settimane")),
    "ar": (("دقيقة", "دقائق"), ("ساعة", "ساعات"), ("يوم", "أيام"), ("أسبوع", "أسابيع")),
    "he": (("דקה", "דקות"), ("שעה", "שעות"), ("יום", "ימים"), ("שבוע", "שבועות")),
}
_ONE = frozenset(("a", "an", "one", "un", "una", "un'"))
_FILLING = frozenset(
    "at on the by next of alle ore il del di prossimo الساعة في يوم القادم בשעה ב ביום יום הבא".split()
)
_SPANS = (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1))
_FARTHEST = 100  # years: what lies further away cannot be told in every time zone
_FEW = re.compile(r"\d{1,3}")
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?(am|pm)?|(\d{1,2})(am|pm|h)")
_NUMBERS = re.compile(r"(\d{1,2})([./])(\d{1,2})(?:\2(\d{4}|\d{2})?)?")


def moment_in(text: str, locale: str, zone: ZoneInfo, now: datetime, otherwise: time) -> datetime:
    """The moment that ``text`` names, for somebody who reads ``locale`` and lives in ``zone``; on the hour
    ``otherwise`` where only a day is named. English is understood beside their language. A day of the week is the next
    one; a time alone the next time that the clock shows it. Times that the clock skips, or shows twice, are taken as
    PEP 495 takes them with ``fold=0``. ``ValueError`` where it is none, or could be two."""
    here = now.astimezone(zone)
    try:
        found = _found(_normal(text), locale, here, otherwise)
    except OverflowError as error:  # a number with more digits than any year has
        raise ValueError("nobody's time") from error
    if abs(found.year - here.year) > _FARTHEST:
        raise ValueError("nobody's time")
    return found


def _found(said: str, locale: str, here: datetime, otherwise: time) -> datetime:
    if whole := _iso(said, here):
        return whole
    if (span := _span(said, locale)) is not None:
        return _after(here, span, otherwise)
    words = [word for word in said.split() if word not in _filling()]
    clock, rest = _clock(words)
    day = _day(rest, locale, here.date()) if rest else None
    if day is None and clock is None:
        raise ValueError("no moment")
    found = datetime.combine(day or here.date(), clock or otherwise, here.tzinfo)
    return found if day is not None or found > here else found + timedelta(days=1)


def _codes(locale: str) -> list[str]:
    """The languages in which it may be written."""
    return list(dict.fromkeys((locale if locale in _DAYS else "en", "en")))


def _normal(text: str) -> str:
    """Small letters, digits of one kind, no accents, vowel signs, directions or commas."""
    folded = "".join(
        str(unicodedata.digit(char)) if unicodedata.digit(char, None) is not None else char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.category(char) not in ("Cf", "Mn")
    )
    joined = re.sub(r"(?<=\d) (?=(am|pm|h)\b)", "", " ".join(re.sub("[,،]", " ", folded).split()))
    return re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", joined)


@cache
def _filling() -> frozenset[str]:
    return frozenset(_normal(word) for word in _FILLING)


def _iso(said: str, here: datetime) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}[ t]\d", said):
        return None
    try:
        found = datetime.fromisoformat(said.upper())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=here.tzinfo)


def _span(said: str, locale: str) -> timedelta | None:
    """How long from now on, as in "in 3 days"."""
    first, _, rest = said.partition(" ")
    number, _, unit = rest.partition(" ")
    for code in _codes(locale):
        if first not in {_normal(word) for word in _IN[code]} or not (
            number in _ONE or re.fullmatch(r"\d{1,3}", number)
        ):
            continue
        for names, span in zip(_UNITS[code], _SPANS, strict=True):
            if unit in {_normal(name) for name in names}:
                return span * (1 if number in _ONE else int(number))
    return None


def _after(here: datetime, span: timedelta, otherwise: time) -> datetime:
    """Minutes and hours pass in real time; days are days of the calendar."""
    if span < timedelta(days=1) or span % timedelta(days=1):
        return here + span
    return datetime.combine((here + span).date(), otherwise, here.tzinfo)


def _clock(words: list[str]) -> tuple[time | None, list[str]]:
    """The time among the words, and the others."""
    for place, word in enumerate(words):
        found = _CLOCK.fullmatch(word)
        if found and not (place == 0 and "." in word and len(words) > 1 and _NUMBERS.fullmatch(word)):
            hour, minute = int(found[1] or found[4]), int(found[2] or 0)
            half = found[3] or found[5]
            if half in ("am", "pm"):
                if not 1 <= hour <= 12:
                    raise ValueError("no time of the day")
                hour = hour % 12 + (12 if half == "pm" else 0)
            return time(hour, minute), words[:place] + words[place + 1 :]
    return None, words


def _day(words: list[str], locale: str, today: date) -> date:
    said = " ".join(words)
    if _ISO.fullmatch(said):
        return date(*(int(part) for part in said.split("-")))
    if found := _NUMBERS.fullmatch(said):
        return _numbered(found, locale, today)
    for code in _codes(locale):
        near = [_normal(name) for name in _DAYS[code]]
        if said in near:
            return today + timedelta(days=near.index(said))
        if said in (weekdays := _names(code, "days")):
            return today + timedelta(days=(weekdays[said] - today.weekday() - 1) % 7 + 1)
        if (named := _named(words, _names(code, "months"), today)) is not None:
            return named
    raise ValueError("no day")


def _numbered(found: re.Match[str], locale: str, today: date) -> date:
    """Day and month, in this order; with slashes English leaves it open which one comes first."""
    day, month = int(found[1]), int(found[3])
    if found[2] == "/" and locale == "en":
        if day <= 12 and month <= 12 and day != month:
            raise ValueError("day or month")
        day, month = (month, day) if month > 12 else (day, month)
    return _coming(day, month, found[4], today)


def _named(words: list[str], months: dict[str, int], today: date) -> date | None:
    """A day with the name of its month."""
    numbers = [word.rstrip(".") for word in words if word.rstrip(".").isdecimal()]
    named = " ".join(word for word in words if not word.rstrip(".").isdecimal())
    if named not in months or not 1 <= len(numbers) <= 2:
        return None
    return _coming(int(numbers[0]), months[named], numbers[1] if len(numbers) > 1 else None, today)


def _coming(day: int, month: int, year: str | None, today: date) -> date:
    if year is not None:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


@cache
def _names(code: str, kind: str) -> dict[str, int]:
    """The names of days (Monday is 0) or months (January is 1), in full and short, as people write them."""
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for number, name in getattr(Locale(code), kind)[context][width].items():
                found[_normal(name).rstrip(".")] = number
    if code == "he":  # "on Monday" is written in one word
        found |= {f"ב{name}": number for name, number in found.items()}
        found |= {name.removeprefix("יום "): number for name, number in found.items() if name.startswith("יום ")}
    return found
