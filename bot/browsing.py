"""What pages have beside the elements of cards: ways to choose what a list shows, and the list itself."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cards import Link
from bot.words import Part, T, Words


@dataclass(frozen=True)
class Choice(Part):
    """One way to look at a list: where it leads, whether it is the one that is shown, and how much it has; none where
    nobody counted."""

    words: Words
    path: str
    chosen: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Choices(Part):
    """Ways to look at a list, side by side, as links. ``label`` says what is chosen."""

    label: Words
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Lookup(Part):
    """A line to look for words in a list: they come as the query string ``name`` of the page ``path``, together with
    what else is chosen (``kept``)."""

    label: T
    path: str
    name: str
    value: str = ""
    kept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Item(Part):
    """One thing of a list: the way to it, what is said about it, and what makes it urgent."""

    link: Link
    about: tuple[Words, ...] = ()
    mark: Words | None = None


@dataclass(frozen=True)
class Items(Part):
    """A list of things, which has a name for whoever does not see it."""

    label: Words
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Lines(Part):
    """Short lines that belong together, one below the other, as a list that has a name."""

    label: Words
    lines: tuple[Words, ...]


@dataclass(frozen=True)
class Address(Part):
    """The whole address of something of Agora's, to be copied into another program."""

    label: Words
    path: str


Browsing = Choices | Lookup | Items | Lines | Address
