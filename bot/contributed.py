"""What features contribute, one by one: commands, shortcuts, pages, what is found, what other programs read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.browsing import Browsing
from bot.cards import Card, Element, Reply, T, Words
from bot.inbound import Inbound
from bot.tables import Table
from models.people import Person
from models.search.pool import Space, Vector

Handler = Callable[..., "Reply | None"]
HomeSection = Callable[[Session, Person], tuple[Element, ...]]
DigestSection = Callable[[Session, Person, datetime], tuple[Element, ...]]


@dataclass(frozen=True)
class Page:
    """A web page: its title, its elements, and the language and direction of its content."""

    title: Words | str
    elements: tuple[Element | Table | Browsing, ...]
    language: str | None = None


PageHandler = Callable[..., Page]


@dataclass(frozen=True)
class Command:
    """A slash command and what it is for. ``opens`` is ``form`` where it always answers with a form, ``bare`` where it
    does without words: platforms open forms only right after the event."""

    name: str
    usage: T
    handler: Handler
    opens: str | None = None

    def opens_form(self, text: str) -> bool:
        """Whether ``/name text`` answers with a form."""
        return self.opens == "form" or (self.opens == "bare" and not text.strip())


@dataclass(frozen=True)
class Shortcut:
    """Something a person may do with any message. ``opens`` is ``form`` where it answers with a form."""

    route: str
    label: T
    handler: Handler
    opens: str | None = None


@dataclass(frozen=True)
class Hit:
    """Something found, to be put into a message: two lines to choose it by, and the card."""

    title: Words
    about: Words
    card: Card


@dataclass(frozen=True)
class Document:
    """Something for other programs: its version, which changes with what is in it, and how to make it."""

    version: str
    make: Callable[[], str]


Feed = Callable[[Session, str, str], "Document | None"]
Unfurl = Callable[..., "Card | None"]
Search = Callable[[Session, Person, str, Mapping[Space, Vector]], Sequence[Hit]]
Seeking = Callable[[Session, Inbound], Iterable[str]]
Awaits = Callable[[Session, Inbound], bool]
