"""How a card would look on the platforms that the company has, before it is sent to anybody.

Each platform renders it as it would to send it, and reads back what came out: what stands here has been through its
renderer, its limits and its escaping. Fonts and colours are the platform's own, and are not shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.cards import Card, Element
from bot.texts import Reader
from models.people import Person


@dataclass(frozen=True)
class Preview:
    """What a platform makes of a card. ``over``: how many characters it has more than this platform shows at once; the
    rest would stand behind a link."""

    name: str
    elements: tuple[Element, ...]
    over: int = 0


Shows = Callable[[Card, Reader], Preview]
_platforms: dict[str, Shows] = {}


def use(platform: str, shows: Shows) -> None:
    """From now on ``platform`` is among those that the company has."""
    _platforms[platform] = shows


def forget() -> None:
    """There is none."""
    _platforms.clear()


def of(card: Card, reader: Person) -> list[Preview]:
    """What each platform makes of ``card`` for ``reader``."""
    seen = Reader(reader.locale, reader.timezone)
    return [shows(card, seen) for _, shows in sorted(_platforms.items())]


def plain(text: str) -> str:
    """``text`` as Markdown that shows it as it is."""
    return "".join(f"\\{char}" if char in _SIGNS else char for char in text)


def styled(text: str, *, bold: bool = False, italic: bool = False, strike: bool = False, code: bool = False) -> str:
    """A stretch of text in Markdown: signs stand at its letters, else they would be none."""
    inside = text.strip()
    if not inside:
        return text
    if code:
        return text.replace(inside, f"`{inside.replace('`', chr(0x2BB))}`")
    marks = ("**" if bold else "") + ("*" if italic else "") + ("~~" if strike else "")
    return text.replace(inside, marks + plain(inside) + marks[::-1])


_SIGNS = frozenset("\\`*_[]<>#|~!")
