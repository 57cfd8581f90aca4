"""Moments as people write them, in four languages: "tomorrow 9:00", "by Friday 10", "entro fine mese", "בעוד שבועיים",
"نهاية الشهر", "24 December 14:30", "half past three on Monday", 2030-01-31T09:00.

What is written becomes tokens (``bot.date_words``); their letters must read as one of the few ways to say when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from bot.date_days import Asked, moment_of, numbered
from bot.date_lexicon import Meaning, deadlines, languages, readings
from bot.date_signs import normal

_MOST = 200  # characters of a moment: what is longer is none
_WORDS = 12  # of a moment within other words
_FARTHEST = 100  # years: what lies further away cannot be told in every time zone
_NUMBER = re.compile(r"(\d{1,3})(st|nd|rd|th)?\.?|(\d{4})")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?(am|pm)?|(\d{1,2})(am|pm|h)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2})?)?")
_BARE = re.compile(r"[\d./-]+")


def moment_in(
    text: str, locale: str, zone: ZoneInfo, now: datetime, otherwise: time, *,
    work_days: Sequence[int] = range(5), late: time | None = None,
) -> datetime:  # fmt: skip
    """The moment that ``text`` names, for somebody who reads ``locale`` and lives in ``zone``; on the hour
    ``otherwise`` where only a day is named, or ``late`` where that hour of today has passed. All four languages are
    understood, theirs first; slashes are read in the order of ``locale``. A day of the week is the next one; a time
    alone the next time that the clock shows it; 1 to 6 without more are hours of the afternoon. Weeks begin and end
    with their ``work_days``. Times that the clock skips, or shows twice, are taken as PEP 495 takes them with
    ``fold=0``. ``ValueError`` where it is none, or could be two."""
    here = now.astimezone(zone)
    if len(text) > _MOST:
        raise ValueError("too long for a moment")
    asked = Asked(here, otherwise, late, tuple(work_days) or tuple(range(7)))
    try:
        said = normal(text)
        found = _iso(said, here) or _found(said, locale, asked)
    except OverflowError as error:  # a number with more digits than any year has
        raise ValueError("nobody's time") from error
    if abs(found.year - here.year) > _FARTHEST:
        raise ValueError("nobody's time")
    return found


def moment_among(
    text: str, locale: str, zone: ZoneInfo, now: datetime, otherwise: time, *,
    work_days: Sequence[int] = range(5), late: time | None = None,
) -> tuple[datetime, str, str] | None:  # fmt: skip
    """The moment that stands at the end or the beginning of ``text``, or behind a word such as "by"; the words that say
    it, and the others. ``None`` where there is none. See ``moment_in``."""
    words = text.split()
    read = partial(moment_in, locale=locale, zone=zone, now=now, otherwise=otherwise, work_days=work_days, late=late)
    for start, ends in _runs(words):
        found, end = None, start
        for until in ends:
            said = " ".join(words[start:until]).rstrip(".!?؟")
            try:
                moment = None if until == start + 1 and _BARE.fullmatch(said) else read(said)
            except ValueError:
                continue
            if moment is not None and moment != found:
                found, end = moment, until
        if found is not None:
            return found, " ".join(words[start:end]), " ".join(words[:start] + words[end:])
    return None


def _runs(words: Sequence[str]) -> Iterator[tuple[int, Sequence[int]]]:
    """Where a moment may begin, and where it may end: the longest at the end of the words come first."""
    every = len(words)
    for start in range(max(0, every - _WORDS), every):
        yield start, [every]
    for start in range(every):
        if start == 0 or {normal(" ".join(words[start : start + n])) for n in (1, 2, 3)} & deadlines():
            yield start, range(start + 1, min(every, start + _WORDS) + 1)


def _iso(said: str, here: datetime) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}[ t]\d", said):
        return None
    try:
        found = datetime.fromisoformat(said.upper())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=here.tzinfo)


def _found(said: str, locale: str, asked: Asked) -> datetime:
    """The first reading that is a moment, in the first language that has one."""
    codes = languages(locale)
    written = partial(_written, locale=codes[0], asked=asked)
    for code in codes:
        for tokens in readings(said, code, written):
            try:
                if (found := moment_of(tokens, asked)) is not None:
                    return found
            except (ValueError, OverflowError):
                continue
    raise ValueError("no moment")


def _written(word: str, locale: str, asked: Asked) -> list[Meaning]:
    """What a word of digits can stand for."""
    found: list[Meaning] = []
    if (clock := _CLOCK.fullmatch(word)) and (minutes := _minutes(clock)) is not None:
        found.append((("c", minutes),))
    if iso := _ISO.fullmatch(word):
        found.append((("d", datetime(int(iso[1]), int(iso[2]), int(iso[3])).toordinal()),))  # noqa: DTZ001 a day
    if date := _NUMBERS.fullmatch(word):
        try:
            found.append((("d", numbered(date, locale, asked.today).toordinal()),))
        except ValueError:
            if not found:
                raise
    if number := _NUMBER.fullmatch(word):
        found.append((("y", int(number[3])) if number[3] else ("o" if number[2] else "n", int(number[1])),))
    return found


def _minutes(clock: re.Match[str]) -> int | None:
    """Minutes since midnight; ``None`` where no clock shows that."""
    hour, minute = int(clock[1] or clock[4]), int(clock[2] or 0)
    half = clock[3] or clock[5]
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None
