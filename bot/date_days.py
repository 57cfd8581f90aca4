"""From the tokens of ``bot.date_words`` to the moment that they name."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.date_lexicon import Token
from bot.date_words import DAY, HOUR, LAST, MINUTE, MONTH, NIGHTFALL, WEEK, YEAR

_DATE = r"(?:d|g?[no]my?|m[no]y?)"
_STRICT = r"(?:p?a*cp?|p?a+np?|a*p?hnp?|a*nhp?|a*np|a*p)"
_DAY = rf"""
    (?:(?P<before>b)?
    (?:(?P<rel>r|t(?=p))
    |(?P<end>e(?:xu|ux|tu|ut|u|my?))
    |(?P<inweek>w(?:xu|ux|tu|ut)|(?:xu|ux|tu|ut)w)
    |(?P<date>w?{_DATE})
    |(?P<nth>w?(?:gn|ng|g?o))
    |(?P<week>[xt]?wx?)
    |(?P<period>xu|ux|tu|ut)))
"""
_SAID = re.compile(
    rf"""(?:(?P<span>i(?:nu|u|v)h?|(?:nu|v)[fk]|b(?:nu|v)){_STRICT.replace("(?:", "(?P<atspan>", 1)}?
    |{_DAY}(?P<after>{_STRICT}|p?np?)?)""",
    re.VERBOSE,
)
_FIRST = re.compile(rf"(?P<clock>{_STRICT}){_DAY}?", re.VERBOSE)
_AFTERNOON = range(1, 7)  # hours that nobody means of the night unless they say so
_NOON, _LATER, _EVENING, _NIGHT = 12, 15, 20, 22


@dataclass(frozen=True)
class Asked:
    """When and where a moment is named: now, on the clock of who names it; the hour that a day alone means, the one
    where that of today is over; and the days on which they work."""

    here: datetime
    otherwise: time
    late: time | None
    work_days: tuple[int, ...]

    @property
    def today(self) -> date:
        """The day there."""
        return self.here.date()


def moment_of(tokens: Sequence[Token], asked: Asked) -> datetime | None:
    """The moment; ``None`` where the tokens do not say one. ``ValueError`` or ``OverflowError`` where no calendar has
    it."""
    tokens = _plain(tokens)
    letters = "".join(letter for letter, _ in tokens)
    for pattern in (_SAID, _FIRST):
        if said := pattern.fullmatch(letters):
            return _Said(said, tokens, asked).moment()
    return None


def _plain(tokens: Sequence[Token]) -> list[Token]:
    """Without articles, which stand before more than days of the month, and the ends of days; what is no hour after a
    weekday is a day."""
    letters = "".join(letter for letter, _ in tokens)
    plain: list[Token] = []
    for at, (letter, number) in enumerate(tokens):
        if letter == "g" and letters[at + 1 : at + 2] != "n" and letters[max(at - 1, 0)] != "n":
            continue
        if letter == "e" and letters[at + 1 : at + 2] in ("r", "w"):  # the end of Friday is Friday
            continue
        day = letter == "n" and number > 23 and plain[-1:] and plain[-1][0] == "w"
        plain.append(("o", number) if day else (letter, number))
    return plain


class _Said:
    """A text that names a moment, with the stretches of its tokens."""

    def __init__(self, said: re.Match[str], tokens: Sequence[Token], asked: Asked) -> None:
        self._said, self._tokens, self._asked = said, tokens, asked

    def moment(self) -> datetime:
        """The moment."""
        clock = self._clock(self._part("after") or self._part("atspan") or self._part("clock"))
        if span := self._part("span"):
            return self._later(span, clock)
        day = self._day()
        if day is None:
            return self._next(clock if clock is not None else LAST)
        if self._part("before") and not self._part("end"):
            day -= timedelta(days=1) if clock is None else timedelta(0)
        return self._on(day, clock)

    def _part(self, name: str) -> Sequence[Token]:
        if name not in self._said.groupdict() or self._said[name] is None:
            return ()
        start, end = self._said.span(name)
        return self._tokens[start:end]

    def _on(self, day: date, minutes: int | None) -> datetime:
        """That day, so many minutes after midnight."""
        here = self._asked.here
        if minutes is not None:
            found = datetime.combine(day + timedelta(days=minutes // 1440), time(minutes % 1440 // 60, minutes % 60))
            return found.replace(tzinfo=here.tzinfo)
        found = datetime.combine(day, self._asked.otherwise, here.tzinfo)
        if self._asked.late and day == here.date() and found.astimezone(UTC) <= here.astimezone(UTC):
            return datetime.combine(day, self._asked.late, here.tzinfo)
        return found

    def _next(self, minutes: int) -> datetime:
        """The next time that the clock shows this."""
        found = self._on(self._asked.today, minutes)
        past = found.astimezone(UTC) <= self._asked.here.astimezone(UTC)
        return self._on(self._asked.today + timedelta(days=1), minutes) if past else found

    def _clock(self, tokens: Sequence[Token]) -> int | None:
        """Minutes since midnight; ``None`` where none is said."""
        said = dict(tokens)
        part = said.get("p")
        if "c" not in said and "n" not in said:
            if part == LAST:
                return self._asked.otherwise.hour * 60 + self._asked.otherwise.minute
            return None if part is None else part * 60
        minutes = said["c"] if "c" in said else _hour(said["n"], part) * 60
        if "c" in said and part in (_LATER, _EVENING, _NIGHT) and minutes < 720:
            minutes += 720
        return (minutes + said.get("h", 0)) % 1440

    def _later(self, tokens: Sequence[Token], clock: int | None) -> datetime:
        """So long from now on, or ago. Minutes and hours pass in real time; the others are of the calendar."""
        said = dict(tokens)
        unit = said["u"] if "u" in said else said["v"]
        many = 2 if "v" in said else said.get("n", 1)
        sign = -1 if {"k", "b"} & said.keys() else 1
        here = self._asked.here
        if unit in (MINUTE, HOUR):
            if clock is not None:
                raise ValueError("a time of the clock some hours from now")
            span = timedelta(minutes=sign * (many * (60 if unit == HOUR else 1) + said.get("h", 0)))
            return (here.astimezone(UTC) + span).astimezone(here.tzinfo)
        if "h" in said:
            raise ValueError("half a day")
        return self._on(_moved(here.date(), unit, sign * many), clock)

    def _day(self) -> date | None:
        today = self._asked.today
        if rel := self._part("rel"):
            return today + timedelta(days=rel[0][1] if rel[0][0] == "r" else 0)
        if end := self._part("end"):
            return self._end(dict(end))
        if within := self._part("inweek"):
            said = dict(within)
            if said["u"] != WEEK:
                raise ValueError("a weekday of no week")
            first = self._week() if "x" in said else today
            return first + timedelta(days=(said["w"] - first.weekday()) % 7)
        if written := self._part("date"):
            return self._dated(dict(written))
        if nth := self._part("nth"):
            return self._nth(nth)
        if week := self._part("week"):
            said = dict(week)
            far = (said["w"] - today.weekday() - 1) % 7 + 1
            return today + timedelta(days=0 if "t" in said and far == 7 else far)
        if period := self._part("period"):
            return self._period(dict(period))
        return None

    def _dated(self, said: dict[str, int]) -> date:
        if "d" in said:
            day = date.fromordinal(said["d"])
        else:
            number = said["n"] if "n" in said else said["o"]
            day = coming(number, said["m"], said.get("y"), self._asked.today)
        if said.get("w", day.weekday()) != day.weekday():
            raise ValueError("another day of the week")
        return day

    def _nth(self, tokens: Sequence[Token]) -> date:
        """The next day with this number in its month."""
        said = dict(tokens)
        number = said["o"] if "o" in said else said["n"]
        if not 1 <= number <= 31:
            raise ValueError("no day of a month")
        day = self._asked.today
        while day.day != number:
            day += timedelta(days=1)
        if said.get("w", day.weekday()) != day.weekday():
            raise ValueError("another day of the week")
        return day

    def _period(self, said: dict[str, int]) -> date:
        """When the next one begins, or this one ends."""
        if "t" in said:
            return self._end(said)
        today, unit = self._asked.today, said["u"]
        if unit == WEEK:
            return self._week()
        if unit == MONTH:
            return _moved(today.replace(day=1), MONTH, 1)
        if unit == YEAR:
            return date(today.year + 1, 1, 1)
        raise ValueError("no period")

    def _end(self, said: dict[str, int]) -> date:
        """The last day of it: of a week the last on which they work."""
        today = self._asked.today
        if "m" in said:
            day = coming(1, said["m"], said.get("y"), today.replace(day=1))
            return _last(day)
        ahead, unit = 1 if "x" in said else 0, said["u"]
        if unit == WEEK:
            return self._works(self._week() if ahead else today, last=True)
        if unit == MONTH:
            return _last(_moved(today.replace(day=1), MONTH, ahead))
        if unit == YEAR:
            return date(today.year + ahead, 12, 31)
        if unit == DAY:
            return today + timedelta(days=ahead)
        raise ValueError("no end")

    def _week(self) -> date:
        """The first working day of the next week."""
        return self._works(self._asked.today + timedelta(days=1), last=False)

    def _works(self, day: date, last: bool) -> date:
        """The next day that is the last, or the first, on which they work before they rest, or after it."""
        works = self._asked.work_days if len(set(self._asked.work_days)) < 7 else tuple(range(5))
        beside = 1 if last else -1
        while not (day.weekday() in works and (day.weekday() + beside) % 7 not in works):
            day += timedelta(days=1)
        return day


def coming(day: int, month: int, year: int | None, today: date) -> date:
    """That day of that year, or the next such day; ``ValueError`` where there is none."""
    if year is not None:
        return date(year, month, day)
    for number in range(today.year, today.year + 9):  # the next leap year may be eight years away
        if day <= calendar.monthrange(number, month)[1] and date(number, month, day) >= today:
            return date(number, month, day)
    raise ValueError("no such day")


def numbered(found: re.Match[str], locale: str, today: date) -> date:
    """Day and month, in this order; with slashes English leaves it open which one comes first."""
    day, month = int(found[1]), int(found[3])
    if found[2] != "." and locale == "en":
        if day <= 12 and month <= 12 and day != month:
            raise ValueError("day or month")
        day, month = (month, day) if month > 12 else (day, month)
    year = int(found[4]) + (2000 if len(found[4]) == 2 else 0) if found[4] else None
    if not 1 <= month <= 12:
        raise ValueError("no month")
    return coming(day, month, year, today)


def _hour(number: int, part: int | None) -> int:
    """The hour of the day that is meant with a number, and perhaps a part of the day."""
    if number > 23:
        raise ValueError("no hour")
    if number == 0 or number >= 12:
        return 0 if number == 12 and part in (_NIGHT, NIGHTFALL) else number
    afternoon = (part in (_LATER, _EVENING) or (part == _NIGHT and number >= 6)
                 or (part in (None, LAST, _NOON) and number in _AFTERNOON))  # fmt: skip
    return number + 12 if afternoon else number


def _moved(day: date, unit: int, many: int) -> date:
    if unit in (DAY, WEEK):
        return day + timedelta(days=many * (7 if unit == WEEK else 1))
    months = day.year * 12 + day.month - 1 + many * (12 if unit == YEAR else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _last(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
