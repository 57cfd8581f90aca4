"""Words in the reader's language: catalogues, plurals, dates, and isolation of what people wrote inside sentences.

Catalogues are gettext ``.po`` files under ``bot/locale``; the message id is the English text, so English needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.cards import Day, Language, Mention, Moment, Month, Names, T, User, Words
from models.base import now
from models.people import LOCALES

log = structlog.get_logger(__name__)
LOCALE_DIR = Path(__file__).parent / "locale"
RIGHT_TO_LEFT = frozenset({"ar", "he"})
_MONTHS = 10  # in which a month's name is not taken for that of next year
_FSI, _PDI = "\u2068", "\u2069"
_BREAKING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True)
class Reader:
    """In what language and time zone somebody reads."""

    locale: str = "en"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        """Platforms say ``it-IT``, and locales that we do not have: the nearest is taken, else English."""
        language = self.locale.replace("_", "-").split("-")[0].lower()
        object.__setattr__(self, "locale", language if language in LOCALES else "en")

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``."""
        return "rtl" if self.locale in RIGHT_TO_LEFT else "ltr"


@cache
def catalogue(locale: str) -> NullTranslations:
    """The translations of a locale; those of English say what they are given."""
    if locale == "en" or locale not in LOCALES:
        return NullTranslations()
    with (LOCALE_DIR / locale / "LC_MESSAGES" / "agora.po").open("rb") as file:
        compiled = BytesIO()
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)


def isolate(text: str) -> str:
    """Text of unknown direction, kept from turning the sentence around it (Unicode TR9, isolates)."""
    return f"{_FSI}{text.translate(_BREAKING)}{_PDI}"


def say(words: Words | str | float | None, reader: Reader) -> str:
    """``words`` as this reader reads them, as plain text. What people wrote stands isolated inside a sentence."""
    match words:
        case T():
            return _sentence(words, reader)
        case User():
            return words.text
        case Names():
            names = words.by_locale
            return names.get(reader.locale) or names.get("en") or next(filter(None, names.values()), "")
        case Mention():
            return words.latin if words.latin and reader.locale != words.locale else words.name
        case Moment():
            return _moment(words, reader)
        case Day() | Month():
            return _day(words, reader)
        case Language():
            return Locale(reader.locale).languages.get(words.code) or words.code
        case None:
            return ""
        case bool() | str():
            return str(words)
        case _:
            return format_decimal(words, locale=reader.locale)


@cache
def everywhere(words: T) -> frozenset[str]:
    """``words`` as they are said in every language: what a prompt says for its reader is understood."""
    return frozenset(say(words, Reader(locale)).casefold() for locale in LOCALES)


def _day(words: Day | Month, reader: Reader) -> str:
    if isinstance(words, Day):
        return format_date(words.on, "long", locale=reader.locale)
    # not LLLL: Babel may give one language the names of months that stand alone in another, which was asked before
    return format_date(words.on, "MMMM" if _is_recent(words.on) else "MMMM y", locale=reader.locale)


def _is_recent(day: date) -> bool:
    """Whether the name of its month alone says which one it is."""
    today = now().date()
    return 12 * (today.year - day.year) + today.month - day.month < _MONTHS


def _sentence(words: T, reader: Reader) -> str:
    """A translation that does not fit is said in English, and English that does not fit as it stands."""
    if not words.text:
        return ""
    filled = {name: _place(value, reader) for name, value in words.args.items()}
    for locale in dict.fromkeys((reader.locale, "en")):
        text = _translated(words, locale)
        try:
            return text.format_map(filled) if filled else text
        except (ValueError, LookupError, AttributeError):
            log.error("sentence does not fit", sentence=words.text, locale=locale)
    return words.text


def _place(value: object, reader: Reader) -> str:
    if isinstance(value, datetime):
        value = Moment(value)
    elif isinstance(value, date):
        value = Day(value)
    said = say(value, reader)  # type: ignore[arg-type]
    return said if isinstance(value, T | int) or not said else isolate(said)


def _translated(words: T, locale: str) -> str:
    found = catalogue(locale)
    if words.many is None:
        return found.gettext(words.text)
    n = words.args.get("n")
    return found.ngettext(words.text, words.many, int(n) if isinstance(n, int | float) else 1)


def _moment(words: Moment, reader: Reader) -> str:
    try:
        zone = ZoneInfo(words.zone or reader.zone)
    except (KeyError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    if words.date_only:
        return format_date(words.at.astimezone(zone), "medium", locale=reader.locale)
    return format_datetime(words.at, "short", tzinfo=zone, locale=reader.locale)
