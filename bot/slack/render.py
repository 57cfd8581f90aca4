"""Cards as Block Kit: messages, the home, and what stands below a link.

Slack takes whatever comes out of here: everything is cut to ``limits``. Buttons are never left out for text; what a
message has no room for is behind "Show all". No text is Slack's markup anywhere but in the fallback, where it is
escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    ImageBlock,
    PlainTextObject,
    RichTextBlock,
)
from slack_sdk.models.blocks.basic_components import SlackFile
from slack_sdk.models.views import View

from bot.cards import (
    Actions,
    Button,
    Card,
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
)
from bot.slack import limits
from bot.slack.limits import cut, size
from bot.slack.richtext import Piece, Run, link, markdown, split, words
from bot.slack.voice import Voice
from bot.slack.wire import action_id
from bot.web.markup import clean

_WHOLE = 400
"""Characters that the way to the whole may take."""
_CONFIRM = 400
"""Characters that a question before a button's work counts for."""


@dataclass(frozen=True)
class Sized:
    """A block with its characters; ``kept`` where it must not be left out."""

    block: Block
    size: int
    kept: bool = False


def message(card: Card, voice: Voice, whole: str) -> dict[str, Any]:
    """What ``chat.postMessage`` takes; ``whole`` is the page with everything, where this is too long."""
    blocks = fitted(rendered(card, voice), voice, whole, limits.MESSAGE_BLOCKS, limits.MESSAGE_CHARACTERS)
    return {"text": fallback(card, voice), "blocks": _json(blocks)}


def home(card: Card, voice: Voice, whole: str) -> dict[str, Any]:
    """The view that ``views.publish`` takes."""
    blocks = fitted(rendered(card, voice), voice, whole, limits.VIEW_BLOCKS, limits.VIEW_CHARACTERS)
    return View(type="home", blocks=blocks).to_dict()


def unfurl(card: Card, voice: Voice, whole: str) -> dict[str, Any]:
    """What stands below a link in a message: the beginning of it."""
    blocks = fitted(rendered(card, voice), voice, whole, limits.UNFURL_BLOCKS, limits.UNFURL_CHARACTERS)
    return {"blocks": _json(blocks), "fallback": fallback(card, voice)}


def fallback(card: Card, voice: Voice) -> str:
    """The text for notifications and screen readers. Slack reads markup in it, so it is escaped, after all else."""
    return escape(cut(voice.say(card.summary).strip(), limits.FALLBACK)) or "…"


def escape(text: str) -> str:
    """Text that means itself: see https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rendered(card: Card, voice: Voice) -> list[Sized]:
    """All blocks of a card, however many."""
    found = elements(card.elements, voice) or elements((Text(card.summary),), voice)
    return found or [Sized(_rich([Piece(runs=[words("…")])]), 1)]


def elements(parts: Iterable[Element], voice: Voice) -> list[Sized]:
    """The blocks of these elements."""
    numbers = iter(range(1_000_000))
    return [sized for part in parts for sized in _element(part, voice, numbers)]


def _json(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    return [block.to_dict() for block in blocks]


def fitted(parts: list[Sized], voice: Voice, whole: str | None, most_blocks: int, most_characters: int) -> list[Block]:
    """As many as there is room for: first what must be kept, then the others in order, then the way to the rest."""
    if len(parts) <= most_blocks and sum(part.size for part in parts) <= most_characters:
        return [part.block for part in parts]
    blocks, characters = most_blocks - 1, most_characters - _WHOLE
    chosen: set[int] = set()
    for kept in (True, False):
        for number, part in enumerate(parts):
            if part.kept is not kept:
                continue
            if not blocks or part.size > characters:
                break
            blocks, characters = blocks - 1, characters - part.size
            chosen.add(number)
    missing = next(number for number in range(len(parts)) if number not in chosen)
    before = [part.block for number, part in enumerate(parts) if number in chosen and number < missing]
    after = [part.block for number, part in enumerate(parts) if number in chosen and number > missing]
    more = link(voice.url(whole), voice.say(T("Show all")), bold=True) if whole else words("…")
    return [*before, _rich([Piece(runs=[more])]), *after]


def _element(element: Element, voice: Voice, numbers: Iterator[int]) -> Iterator[Sized]:
    match element:
        case Actions():
            return _actions(element, voice, numbers)
        case Passage() | Fields() | Picture() | FileLink() | Diff():
            return _compound(element, voice)
        case Heading():
            return _heading(voice.say(element.words))
        case Text(subtle=True):
            return _context(voice.say(element.words))
        case Text():
            return _section(voice.runs(element.words))
        case Markdown():
            return _text(markdown(element.text))
        case Link():
            return _link(element, voice)
        case Divider():
            return iter([Sized(DividerBlock(), 0)])


def _compound(element: Passage | Fields | Picture | FileLink | Diff, voice: Voice) -> Iterator[Sized]:
    match element:
        case Passage():
            return _passage(element, voice)
        case Fields():
            return _fields(element, voice)
        case Diff():
            return _section(_changes(element))
        case Picture():
            return _picture(element, voice)
        case FileLink():
            return _file(element, voice, f" · {max(1, round(element.size / 1024))} kB")


def _rich(pieces: Iterable[Piece]) -> Block:
    block = RichTextBlock(elements=[])
    shaped: list[Any] = [piece.to_dict() for piece in pieces]
    block.elements = shaped  # given when it is made, each would be looked up among all kinds of elements
    return block


def _text(pieces: Iterable[Piece]) -> Iterator[Sized]:
    for pack in split(pieces):
        yield Sized(_rich(pack), sum(piece.size for piece in pack))


def _section(runs: list[Run]) -> Iterator[Sized]:
    if any(run["type"] != "text" or run["text"].strip() for run in runs):
        yield from _text([Piece(runs=runs)])


def _heading(text: str) -> Iterator[Sized]:
    if size(text) > limits.HEADER:
        yield from _section([words(text, bold=True)])
    elif text.strip():
        yield Sized(HeaderBlock(text=plain(text, limits.HEADER)), size(text))


def _context(text: str) -> Iterator[Sized]:
    if size(text) > limits.CONTEXT:
        yield from _section([words(text)])
    elif text.strip():
        yield Sized(ContextBlock(elements=[plain(text, limits.CONTEXT)]), size(text))


def plain(text: str, most: int) -> PlainTextObject:
    """Text that is nothing but text."""
    return PlainTextObject(text=cut(text, most), emoji=False)


def _label(text: str) -> str:
    return cut(" ".join(text.split()), limits.HEADER) or "…"


def _passage(passage: Passage, voice: Voice) -> Iterator[Sized]:
    title = Piece(runs=[words(voice.say(passage.title) or "…", bold=True)])
    yield from _text([title, *markdown(passage.text, breaks=False)])
    yield from _context(voice.joined(passage.source))
    yield from _link(passage.link, voice)


def _link(element: Link, voice: Voice) -> Iterator[Sized]:
    return _section([link(voice.url(element.path), _label(voice.say(element.label)))])


def _fields(element: Fields, voice: Voice) -> Iterator[Sized]:
    runs: list[Run] = []
    for label, value in element.pairs:
        opening, closing = ("\n" if runs else ""), "\u2069"
        label_run = words(f"{opening}{voice.say(label)}: ", bold=True)
        runs += [label_run, words("\u2068"), *voice.runs(value), words(closing)]
    yield from _section(runs)


def _file(file: Picture | FileLink, voice: Voice, note: str) -> Iterator[Sized]:
    """A way to the file, which opens it for who may read it."""
    name = link(voice.url(f"/files/{file.file_id}"), _label(voice.say(file.name)))
    yield from _section([name, *([words(note)] if note else [])])


def _picture(picture: Picture, voice: Voice) -> Iterator[Sized]:
    """The picture itself, where Slack has it."""
    if picture.file_id not in voice.pictures:
        yield from _file(picture, voice, "")
        return
    alt = cut(" ".join(voice.say(picture.name).split()), limits.ALT_TEXT) or "…"
    yield Sized(ImageBlock(alt_text=alt, slack_file=SlackFile(id=voice.pictures[picture.file_id])), size(alt))


def _changes(diff: Diff) -> list[Run]:
    styles = {"added": {"bold": True}, "removed": {"strike": True}}
    return [words(clean(text), **styles.get(kind, {})) for kind, text in diff.pieces if clean(text)]


def _actions(actions: Actions, voice: Voice, numbers: Iterator[int]) -> Iterator[Sized]:
    for first in range(0, len(actions.buttons), limits.ACTIONS_A_ROW):
        row = actions.buttons[first : first + limits.ACTIONS_A_ROW]
        block = ActionsBlock(elements=[_button(each, voice, next(numbers)) for each in row])
        yield Sized(block, sum(limits.BUTTON if not each.confirm else _CONFIRM for each in row) // 2, kept=True)


def _button(button: Button, voice: Voice, number: int) -> ButtonElement:
    label = voice.say(button.label) or "…"
    return ButtonElement(
        text=plain(label, limits.BUTTON),
        action_id=action_id(button, number),
        value=str(button.id),
        style=button.style if button.style in ("primary", "danger") else None,
        confirm=_confirm(button.confirm, label, voice) if button.confirm else None,
    )


def _confirm(question: T, label: str, voice: Voice) -> ConfirmObject:
    return ConfirmObject(
        title=plain(voice.say(T("Are you sure?")), limits.CONFIRM_TITLE),
        text=plain(voice.say(question) or "…", limits.CONFIRM_TEXT),
        confirm=plain(label, limits.CONFIRM_BUTTON),
        deny=plain(voice.say(T("Cancel")), limits.CONFIRM_BUTTON),
    )
