"""The words in what Agora shows: sentences of the catalogues, what people wrote, names, people, days.

They are data, said in their reader's language when they are sent (``bot.texts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any


class Part:
    """Anything that may stand in a card."""


@dataclass(frozen=True, init=False)
class T(Part):
    """A sentence of the catalogues, by its English text, with what fills its places.

    ``T("{name} answered", name=User("Mona"))``; with ``many`` and ``n`` the plural form is chosen in the reader's
    language.
    """

    text: str
    many: str | None
    args: dict[str, Any]

    def __init__(self, text: str, many: str | None = None, /, **args: Any) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "many", many)
        object.__setattr__(self, "args", args)

    def __hash__(self) -> int:
        return hash((self.text, self.many))


@dataclass(frozen=True)
class User(Part):
    """Words of a person, a file or a model: never trusted, isolated inside sentences, escaped by every renderer."""

    text: str


@dataclass(frozen=True)
class Names(Part):
    """A name that stands in several languages; the reader gets theirs, else the English one."""

    by_locale: dict[str, str]


@dataclass(frozen=True)
class Mention(Part):
    """A person. Rendered as the platform's own mention where they are there, else as their name: as they write it
    for who reads their language, in Latin letters (where that differs) for others."""

    person_id: int
    name: str
    latin: str | None = None
    locale: str = "en"


@dataclass(frozen=True)
class Moment(Part):
    """A point in time, shown in the reader's zone, or in ``zone`` where many read it; ``date_only`` shows the day."""

    at: datetime
    date_only: bool = False
    zone: str | None = None


@dataclass(frozen=True)
class Day(Part):
    """A day of the calendar."""

    on: date


@dataclass(frozen=True)
class Month(Part):
    """The month of a day; with its year where that is long ago."""

    on: date


@dataclass(frozen=True)
class Language(Part):
    """The name of a language."""

    code: str


Words = T | User | Names | Mention | Moment | Day | Month | Language


def in_a_row(several: Sequence[Words]) -> Words:
    """At least one, one after the other: what people wrote turns none of its neighbours around."""
    return reduce(lambda first, second: T("{first} · {second}", first=first, second=second), several)
