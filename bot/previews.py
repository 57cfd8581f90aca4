"""How a card would look on the platforms that the company has, before it is sent to anybody.

Each platform renders it as it would to send it, and reads back what came out: what stands here has been through its
renderer, its limits and its escaping. Fonts and colours are the platform's own, and are not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards import Card, Element
from bot.texts import Reader
from models.people import Person

if TYPE_CHECKING:
    from bot.gateway import Gateway


@dataclass(frozen=True)
class Preview:
    """What a platform makes of a card. ``over``: how many characters it has more than this platform shows at once; the
    rest would stand behind a link."""

    name: str
    elements: tuple[Element, ...]
    over: int = 0


_gateways: Mapping[str, Gateway] = {}


def use(gateways: Mapping[str, Gateway]) -> None:
    """The platforms that the company has, by name."""
    global _gateways
    _gateways = gateways


def of(card: Card, reader: Person) -> list[Preview]:
    """What each platform makes of ``card`` for ``reader``."""
    seen = Reader(reader.locale, reader.timezone)
    shown = (gateway.preview(card, seen) for _, gateway in sorted(_gateways.items()))
    return [each for each in shown if each is not None]


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
