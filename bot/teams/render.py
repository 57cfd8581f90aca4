"""A neutral card as an Adaptive Card 1.5: pure, and as small as Teams wants it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from typing import Any

import orjson

from bot.cards import Actions, Button, Card, Divider, Element, Passage, T, Text, User, Words
from bot.shorten import shortened
from bot.teams import elements
from bot.teams.blocks import Block, escaped, is_alive
from bot.teams.elements import Showing
from bot.teams.limits import MESSAGE, REFRESHED
from bot.teams.sentences import Mentions, said
from bot.teams.wire import REFRESH
from bot.texts import Reader

VERSION = "1.5"
_REST = T("The rest is too long to be shown here.")
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_CUTS = (
    30_000,
    12_000,
    4_000,
    1_500,
    500,
)  # characters of each text, until the card is small enough; a message holds no 40,000
_OF_A_SECTION = (12, 6, 3)  # elements, likewise
_ROOM = 2048  # bytes for what goes around the card


@dataclass(frozen=True)
class Scene:
    """What a card needs to know of where it is shown. ``outbox`` is the delivery that brings it, ``links`` make
    addresses of paths, ``there`` are the people who can be mentioned, ``pictures`` what this reader may see of them, as
    addresses or data, ``refreshed`` whose clients are to ask for it as they should see it, ``whole`` the address of the
    page with all of it, ``cited``: passages bear the numbers by which the message cites them,
    ``files`` what the reader sent and may put into a form, by number and name."""

    outbox: int = 0
    link: Callable[[str], str] = str
    there: dict[int, str] = field(default_factory=dict)
    pictures: dict[int, str] = field(default_factory=dict)
    refreshed: Sequence[str] = ()
    whole: str | None = None
    cited: bool = False
    files: Sequence[tuple[int, str]] = ()


def render(card: Card, reader: Reader, scene: Scene | None = None) -> Block:
    """The Adaptive Card. Long texts stand behind "Show all"; what is too long for Teams is cut, and says so."""
    scene = scene or Scene()
    homes = ((_few(card, most), _CUTS[-1]) for most in (_OF_A_SECTION if card.home else ()))
    for tried, cut in chain(((card, cut) for cut in _CUTS), homes):
        rendered = _card(tried, reader, scene, cut)
        if size(rendered) <= MESSAGE - _ROOM:
            return rendered
    return _card(_core(card, reader), reader, scene, _CUTS[-1])


def size(data: Any) -> int:
    """The bytes of some JSON data, in whichever encoding takes more."""
    text = orjson.dumps(data)
    return max(len(text), 2 * len(text.decode()))


def _card(card: Card, reader: Reader, scene: Scene, cut: int) -> Block:
    mentions = Mentions(scene.there)
    showing = Showing(
        reader, mentions, scene.outbox, scene.link, scene.pictures, cut, scene.whole,
        cited=scene.cited and not card.by_model, sources=_sources(card, scene), home=card.home,
    )  # fmt: skip
    body = elements.body(card.elements or (Text(card.summary),), showing)
    summary = said(card.summary, reader)
    rendered: Block = {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": VERSION,
        "lang": reader.locale,
        "rtl": reader.direction == "rtl",
        "speak": summary,
        "fallbackText": (escaped(summary) if is_alive(summary) else summary) or "…",  # it may be read as Markdown
        "body": body,
        "msteams": {"width": "Full"},
    }
    if mentions.entities:
        rendered["msteams"]["entities"] = mentions.entities
    if scene.refreshed:
        rendered["refresh"] = _refresh(scene)
    return rendered


def _sources(card: Card, scene: Scene) -> dict[int, str]:
    """Where the sources of a model's words are, by the numbers by which those name them."""
    passages = [each for each in card.elements if isinstance(each, Passage)] if card.by_model else []
    return {number: scene.link(each.link.path) for number, each in enumerate(passages, 1)}


def _refresh(scene: Scene) -> Block:
    action = {"type": "Action.Execute", "verb": REFRESH, "data": {"id": scene.outbox, "outbox": scene.outbox}}
    return {"action": action, "userIds": list(scene.refreshed[:REFRESHED])}


def _few(card: Card, most: int) -> Card:
    """The first elements of each section, and what can be pressed at its end: a home has many."""
    found: list[Element] = []
    for is_line, section in groupby(card.elements, lambda each: isinstance(each, Divider)):
        elements = list(section)
        found += elements if is_line or len(elements) <= most else [*elements[:most], Text(_REST, subtle=True)]
        if len(elements) > most and isinstance(elements[-1], Actions):
            found.append(elements[-1])
    return replace(card, elements=tuple(found))


def _core(card: Card, reader: Reader) -> Card:
    """What is left of a card that is far too large: its summary, and what can be pressed."""
    summary: Words = User(shortened(said(card.summary, reader), 1000))
    pressed: list[Button] = [button for each in card.elements if isinstance(each, Actions) for button in each.buttons]
    note = Text(_REST, subtle=True)
    return Card(summary, (Text(summary), note, *((Actions(tuple(pressed[:20])),) if pressed else ())))
