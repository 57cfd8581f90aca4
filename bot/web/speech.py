"""Everything that a template says: in the reader's language, with the reader's clock."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time

from bot.cards import Mention, T, User, Words
from bot.texts import Reader, say
from bot.web.markup import clean
from models.base import now
from models.people import Person

HUES = 10


@dataclass(frozen=True)
class Speech:
    """How one reader is spoken to."""

    reader: Reader

    def text(self, text: str, many: str | None = None, **args: object) -> str:
        """A sentence of the catalogues: what templates call ``_``."""
        return say(T(text, many, **args), self.reader)

    def say(self, words: Words) -> str:
        """The words of a card. What people wrote turns nothing around it; in sentences it stands isolated already."""
        said = say(words, self.reader)
        return clean(said) if isinstance(words, User | Mention) else said

    def clock(self, at: datetime) -> str:
        """The time of day."""
        return format_time(at, "short", tzinfo=self._zone, locale=self.reader.locale)

    def full(self, at: datetime) -> str:
        """The day and the time."""
        return format_datetime(at, "long", tzinfo=self._zone, locale=self.reader.locale)

    def day_of(self, at: datetime) -> date:
        """The day on which ``at`` is, for this reader."""
        return at.astimezone(self._zone).date()

    def day(self, at: datetime) -> str:
        """That day, in words."""
        day, today = self.day_of(at), self.day_of(now())
        if day == today:
            return self.say(T("Today"))
        if day == today - timedelta(days=1):
            return self.say(T("Yesterday"))
        return format_date(day, "full", locale=self.reader.locale)

    def when(self, at: datetime) -> str:
        """The time of day where it is today, else the day."""
        if self.day_of(at) == self.day_of(now()):
            return self.clock(at)
        return format_date(self.day_of(at), "medium", locale=self.reader.locale)

    @property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.reader.zone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo("UTC")


def speech_for(person: Person) -> Speech:
    """How to speak to ``person``."""
    return Speech(Reader(person.locale, person.timezone))


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = [word[0] for word in dict.fromkeys((words[0], words[-1]))] if words else ["?"]
    return "".join(letters).upper()


def hue(handle: str) -> int:
    """The colour of somebody's picture, from 0 to ``HUES`` - 1, the same everywhere."""
    return zlib.crc32(handle.encode()) % HUES


def own_language(locale: str) -> str:
    """The name of a language in that language."""
    return Locale.parse(locale).get_display_name(locale) or locale
