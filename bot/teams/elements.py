"""The elements of a neutral card as blocks of an Adaptive Card."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cards import (
    Actions,
    Button,
    Diff,
    Divider,
    Element,
    Fields,
    FileLink,
    Heading,
    Link,
    Markdown,
    Passage,
    Picture,
    T,
    Text,
    User,
    Words,
)
from bot.teams import markdown, wire
from bot.teams.blocks import Block, clean, container, is_alive, rich, run, words
from bot.teams.limits import BUTTONS, CITATIONS, ROW
from bot.teams.sentences import Mentions, block, said
from bot.texts import RIGHT_TO_LEFT, Reader, say

_STYLES = {"primary": "positive", "danger": "destructive"}
_SHOWN = 1200  # characters of a text that are shown at once
_HIDDEN = 300  # fewer than these are not worth a button
_NUMBERS = re.compile(r"(\[[0-9]{1,2}\])")
_DIFF: dict[str, dict[str, Any]] = {
    "added": {"underline": True, "color": "Good", "weight": "Bolder"},
    "removed": {"strikethrough": True, "color": "Attention"},
}


@dataclass
class Showing:
    """A card being rendered: for whom, and what it needs to know of where it is shown (``render.Scene``). Of each text
    at most ``cut`` characters are shown, and the way to the ``whole``; ``cited``: passages have numbers; ``sources``
    leads to each of them from a model's words; ``home``: it is somebody's home."""

    reader: Reader
    mentions: Mentions
    outbox: int
    link: Callable[[str], str]
    pictures: dict[int, str]
    cut: int
    whole: str | None = None
    cited: bool = False
    sources: Mapping[int, str] = field(default_factory=dict)
    home: bool = False
    passages: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def say(self, shown: Words) -> str:
        """Words as plain text."""
        return said(shown, self.reader)


def body(elements: Sequence[Element], showing: Showing) -> list[Block]:
    """All elements, one after the other; a divider is a line above what follows it."""
    shown: list[Block] = []
    divided = False
    for element in elements:
        if isinstance(element, Divider):
            divided = bool(shown)
            continue
        blocks = _element(element, showing)
        if divided and blocks:
            blocks[0] = {**blocks[0], "separator": True, "spacing": "Medium"}
            divided = False
        shown += blocks
    return shown


def _element(element: Element, showing: Showing) -> list[Block]:
    match element:
        case Heading() | Text():
            return [_paragraph(element, showing)]
        case Markdown():
            return _text(element.text, element.language, showing)
        case Actions():
            return _rows(element.buttons, showing)
        case Link() | Picture() | FileLink():
            return [_linked(element, showing)]
        case Passage():
            return [_passage(element, showing)]
        case Fields():
            return [_fields(element, showing)]
        case Diff():
            return [_diff(element)]
    return []


def _paragraph(element: Heading | Text, showing: Showing) -> Block:
    """Words of Agora; spacing is a matter of the block, not of its words."""
    if isinstance(element, Heading):
        return block(element.words, showing.reader, showing.mentions, heading=True)
    if showing.sources and isinstance(element.words, User):
        return rich(*_cited(showing.say(element.words), showing.sources))
    if not element.subtle:
        return block(element.words, showing.reader, showing.mentions)
    return block(element.words, showing.reader, showing.mentions, isSubtle=True, size="Small") | {"spacing": "Small"}


def _cited(text: str, sources: Mapping[int, str]) -> list[Block]:
    """A model's words, in which the number of each source leads to it."""
    runs: list[Block] = []
    for part in _NUMBERS.split(text):
        way = sources.get(int(part[1:-1])) if _NUMBERS.fullmatch(part) else None
        if way is None and runs and "selectAction" not in runs[-1]:
            runs[-1]["text"] += part
        elif part:
            runs.append(run(part, way))
    return runs or [run(" ")]


def _linked(element: Link | Picture | FileLink, showing: Showing) -> Block:
    """A way to a page or a file; a picture itself where it may be shown."""
    if isinstance(element, Link):
        return rich(run(showing.say(element.label) or "…", showing.link(element.path)))
    name, address = clean(element.name.text) or "…", showing.link(f"/files/{element.file_id}")
    if isinstance(element, FileLink):
        return rich(run(name, address), _size(element))
    if element.file_id in showing.pictures:
        return {"type": "Image", "url": showing.pictures[element.file_id], "altText": name, "size": "Stretch"}
    return rich(run(name, address))


def _text(text: str, language: str | None, showing: Showing) -> list[Block]:
    """A text in a container of its own direction; of a long one the rest behind a button."""
    cut = len(text) > showing.cut
    blocks = markdown.blocks(text[: showing.cut] + " …" if cut else text)
    about = {"rtl": language in RIGHT_TO_LEFT} if language else markdown.rtl(text)
    first, rest = _split(blocks)
    shown = [container(first, **about), *_more(rest, about, showing)]
    return [*shown, _cut_note(showing)] if cut else shown


def _cut_note(showing: Showing) -> Block:
    note = run(showing.say(T("The rest is too long to be shown here.")) + " ", isSubtle=True, size="Small")
    whole = [run(showing.say(T("Show all")), showing.whole, size="Small")] if showing.whole else []
    return rich(note, *whole)


def _split(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """What is shown at once, and what is not."""
    length, first = 0, 0
    while first < len(blocks) and (first == 0 or length + _length(blocks[first]) <= _SHOWN):
        length += _length(blocks[first])
        first += 1
    rest = blocks[first:]
    return (blocks, []) if sum(map(_length, rest)) < _HIDDEN else (blocks[:first], rest)


def _length(shown: object) -> int:
    """The characters of a block, whatever it is made of."""
    if isinstance(shown, dict):
        return sum(len(v) if k == "text" else _length(v) for k, v in shown.items() if isinstance(v, str | dict | list))
    return sum(map(_length, shown)) if isinstance(shown, list) else 0


def _more(rest: list[Block], about: Block, showing: Showing) -> list[Block]:
    if not rest:
        return []
    number = next(showing.numbers)
    hidden, button = f"rest{number}", f"more{number}"
    toggle = {
        "type": "Action.ToggleVisibility",
        "title": showing.say(T("Show all")),
        "targetElements": [
            {"elementId": hidden, "isVisible": True},
            {"elementId": button, "isVisible": False},
        ],
    }
    return [
        container(rest, id=hidden, isVisible=False, **about),
        {"type": "ActionSet", "id": button, "actions": [toggle]},
    ]


def _passage(element: Passage, showing: Showing) -> Block:
    source = " · ".join(filter(None, map(showing.say, element.source)))
    title = _numbered(words(clean(element.title.text), heading=True, size="Default"), showing)
    items = [
        container([title], rtl=element.language in RIGHT_TO_LEFT),
        *_text(element.text, element.language, showing),
        *([words(source, isSubtle=True, size="Small")] if source else []),
        *_element(element.link, showing),
    ]
    return container(items, style="emphasis", spacing="Medium")


def _numbered(title: Block, showing: Showing) -> Block:
    """The title of a passage with its number in front, where the message cites it by that. What a model wrote names the
    numbers of its sources itself, and they bear them."""
    number = next(showing.passages)
    if not showing.cited or number > CITATIONS:
        return title
    if title["type"] == "TextBlock":
        return {**title, "text": f"[{number}] {title['text']}"}
    first = {**title["inlines"][0], "text": f"[{number}] {title['inlines'][0]['text']}"}
    return {**title, "inlines": [first, *title["inlines"][1:]]}


def _fields(element: Fields, showing: Showing) -> Block:
    pairs = [(showing.say(label), showing.say(value)) for label, value in element.pairs]
    if not any(is_alive(text) for pair in pairs for text in pair):
        return {"type": "FactSet", "facts": [{"title": label, "value": value or "—"} for label, value in pairs]}
    lines = [rich(run(f"{label}: ", weight="Bolder"), run(value or "—"), spacing="Small") for label, value in pairs]
    return container(lines)


def _diff(element: Diff) -> Block:
    runs = [run(clean(text), **_DIFF.get(kind, {})) for kind, text in element.pieces if text]
    text = "".join(text for _, text in element.pieces)
    about = {"rtl": element.language in RIGHT_TO_LEFT} if element.language else markdown.rtl(text)
    return container([rich(*(runs or [run(" ")]))], **about)


def _size(element: FileLink) -> Block:
    kilobytes = max(1, round(element.size / 1024))
    return run(f"  ({kilobytes} KB)" if kilobytes < 1024 else f"  ({kilobytes / 1024:.1f} MB)", isSubtle=True)


def _rows(buttons: Sequence[Button], showing: Showing) -> list[Block]:
    """The buttons in rows that a phone can show: Teams would cut their labels, or hide the last of them."""
    rows: list[list[Block]] = []
    room = 0
    for button in buttons:
        action = _action(button, showing)
        length = len(action["title"]) + 2
        if not rows or length > room or len(rows[-1]) >= BUTTONS:
            rows.append([])
            room = ROW
        rows[-1].append(action)
        room -= length
    return [
        {"type": "ActionSet", "actions": row, **({"spacing": "Small"} if number else {})}
        for number, row in enumerate(rows)
    ]


def _action(button: Button, showing: Showing) -> Block:
    title = clean(say(button.label, showing.reader), isolates=True) or "…"
    looks = {"title": title, **({"style": _STYLES[button.style]} if button.style in _STYLES else {})}
    if button.confirm is not None:
        return _asked_first(button, button.confirm, looks, showing)
    return _pressed(button, looks, showing)


def _pressed(button: Button, looks: Block, showing: Showing) -> Block:
    if button.opens == "form":
        return {**wire.opening(button, showing.outbox, showing.home), **looks, "associatedInputs": "none"}
    old = {**wire.press_in_old_clients(button, showing.outbox, showing.home), **looks, "associatedInputs": "none"}
    return {**wire.press(button, showing.outbox, showing.home), **looks, "associatedInputs": "none", "fallback": old}


def _asked_first(button: Button, confirm: T, looks: Block, showing: Showing) -> Block:
    """Cards have no dialog that asks "are you sure?": the button unfolds the question, and the one that does it."""
    sure = {**_pressed(button, looks, showing)}
    card = {
        "type": "AdaptiveCard",
        "body": [words(showing.say(confirm)), {"type": "ActionSet", "actions": [sure]}],
        "rtl": showing.reader.direction == "rtl",
    }
    return {"type": "Action.ShowCard", **looks, "card": card}
