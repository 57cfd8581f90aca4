"""Days of the week in what is shown, by which one sees at once that another date is meant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

from bot.cards import Moment, Names, T, Words
from models.people import LOCALES


def weekday(number: int) -> Words:
    """The name of a day of the week, of which Monday is 0."""
    return Names({locale: str(get_day_names("wide", locale=locale)[number]) for locale in LOCALES})


def with_weekday(at: datetime, zone: ZoneInfo) -> Words:
    """A moment with the day of the week that it is in ``zone``."""
    return T("{day}, {moment}", day=weekday(at.astimezone(zone).weekday()), moment=Moment(at))
