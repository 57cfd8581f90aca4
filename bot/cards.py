"""What Agora shows, platform-neutral and inert: elements of a card, forms, and the words in them.

Cards are data: they are stored with the outbox row and rendered, in their reader's language, when they are sent.
Nothing in them can act: text of people is ``User``, and every renderer escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from bot.words import Day as Day
from bot.words import Language as Language
from bot.words import Mention as Mention
from bot.words import Moment as Moment
from bot.words import Month as Month
from bot.words import Names as Names
from bot.words import Part as Part
from bot.words import T as T
from bot.words import User as User
from bot.words import Words as Words


@dataclass(frozen=True)
class Heading(Part):
    """A title."""

    words: Words


@dataclass(frozen=True)
class Text(Part):
    """A paragraph. ``subtle`` makes it small: sources, states, hints."""

    words: Words
    subtle: bool = False


@dataclass(frozen=True)
class Markdown(Part):
    """A text of a person in Markdown, rendered safely: no raw HTML, no mention comes alive."""

    text: str
    language: str | None = None


@dataclass(frozen=True)
class Link(Part):
    """A way to one of Agora's own pages (``path`` such as ``/entries/5``), opened as the reader."""

    label: Words
    path: str


@dataclass(frozen=True)
class Passage(Part):
    """A found passage: its title, the words themselves (Markdown), whence it comes, and the way to the whole."""

    title: User
    text: str
    language: str
    source: tuple[Words, ...]
    link: Link


@dataclass(frozen=True)
class Fields(Part):
    """Pairs of a label and a value."""

    pairs: tuple[tuple[Words, Words], ...]


@dataclass(frozen=True)
class Picture(Part):
    """A picture that somebody gave, by the number of its file; who may not read the file sees its name alone."""

    file_id: int
    name: User


@dataclass(frozen=True)
class FileLink(Part):
    """A file that somebody gave, by its number, to be saved: its name, and its size in bytes."""

    file_id: int
    name: User
    size: int


@dataclass(frozen=True)
class Diff(Part):
    """What became of a text: stretches that are the ``same``, ``added`` or ``removed``, in order."""

    pieces: tuple[tuple[str, str], ...]
    language: str | None = None


@dataclass(frozen=True)
class Divider(Part):
    """A line between two matters."""


@dataclass(frozen=True)
class Button(Part):
    """Calls ``route`` with the number ``id``. ``opens`` is ``form`` where the route answers with a form."""

    label: T
    route: str
    id: int
    style: str = "default"
    """``default``, ``primary`` or ``danger``."""
    opens: str | None = None
    confirm: T | None = None
    form: Form | None = None
    """What it opens by itself, where the platform keeps forms in its cards: one that was filled in before."""
    feedback: str | None = None
    """``positive`` or ``negative`` where it says how good an answer was: some platforms have buttons of their own."""


@dataclass(frozen=True)
class Actions(Part):
    """Buttons side by side."""

    buttons: tuple[Button, ...]


Element = Heading | Text | Markdown | Link | Passage | Fields | Picture | FileLink | Diff | Divider | Actions


@dataclass(frozen=True)
class Card(Part):
    """A message. ``summary`` is its plain-text fallback: notifications, screen readers, old clients. ``by_model``: some
    of its words are a model's, which platforms that can will say. ``home``: it is its reader's home, where what is
    pressed on it is done."""

    summary: Words
    elements: tuple[Element, ...] = ()
    by_model: bool = False
    home: bool = False


@dataclass(frozen=True)
class Option(Part):
    """One choice of a select."""

    value: str
    label: Words


@dataclass(frozen=True)
class Input(Part):
    """A field of a form. ``kind``: ``line``, ``text`` (several lines), ``select`` or ``files``, whose value is the
    numbers of the files with spaces between; ``limit`` counts characters."""

    name: str
    label: T
    kind: str = "line"
    value: str = ""
    hint: T | None = None
    required: bool = True
    limit: int = 3000
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Form(Part):
    """A dialog that calls ``route`` with ``id`` and the values by name."""

    title: T
    route: str
    id: int
    inputs: tuple[Input, ...]
    submit: T
    intro: tuple[Element, ...] = ()


def simple(words: Words, *more: Element) -> Card:
    """A card of one paragraph, and what follows it."""
    return Card(words, (Text(words), *more))


_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (T, User, Names, Mention, Moment, Day, Month, Language, Heading, Text, Markdown, Link, Passage, Fields,
                 Picture, FileLink, Diff, Divider, Button, Actions, Card, Option, Input, Form)
}  # fmt: skip
_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in _KINDS.values()}
_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(part: Any) -> Any:
    """A part as plain JSON data, to be read back by ``from_json``."""
    kind = type(part)
    if kind in _PLAIN:
        return part
    if kind in _FIELDS:
        data = {"_": kind.__name__}
        for name in _FIELDS[kind]:
            value = getattr(part, name)
            data[name] = value if type(value) in _PLAIN else to_json(value)  # most are plain, and a card has hundreds
        return data
    if isinstance(part, tuple | list):
        return [to_json(item) for item in part]
    if isinstance(part, dict):
        return {"_": "dict", "items": {key: to_json(value) for key, value in part.items()}}
    if isinstance(part, datetime):
        return {"_": "datetime", "at": part.isoformat()}
    if isinstance(part, date):
        return {"_": "date", "on": part.isoformat()}
    if isinstance(part, str | int | float):
        return part
    raise TypeError(f"{kind.__name__} cannot stand in a card")


def from_json(data: Any) -> Any:
    """The part that ``to_json`` wrote; lists come back as tuples. ``KeyError`` on what it never wrote."""
    if isinstance(data, list):
        return tuple(from_json(item) for item in data)
    if not isinstance(data, dict):
        return data
    name = data["_"]
    if name == "datetime":
        return datetime.fromisoformat(data["at"])
    if name == "date":
        return date.fromisoformat(data["on"])
    if name == "dict":
        return {key: from_json(value) for key, value in data["items"].items()}
    kind = _KINDS[name]
    values = {key: from_json(data[key]) for key in _FIELDS[kind] if key in data}
    if kind is T:
        return T(values["text"], values["many"], **values["args"])
    return kind(**values)


@dataclass(frozen=True)
class Reply:
    """What goes back in-band to whoever pressed or submitted: a form to open, errors by field, a page to open, or
    nothing (the outbox shows the rest)."""

    form: Form | None = None
    errors: dict[str, T] = field(default_factory=dict)
    notice: T | None = None
    open: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As stored with the inbox row."""
        return {
            "form": to_json(self.form),
            "errors": {name: to_json(words) for name, words in self.errors.items()},
            "notice": to_json(self.notice),
            "open": self.open,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reply:
        """What ``to_json`` wrote."""
        errors = {name: from_json(words) for name, words in data["errors"].items()}
        return cls(from_json(data["form"]), errors, from_json(data["notice"]), data["open"])
