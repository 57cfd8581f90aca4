"""Forms as modals: what opens at once and is filled later, the form itself, and what becomes of its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    InputInteractiveElement,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from bot.cards import Form, Heading, Input, T, Text
from bot.slack import limits
from bot.slack.limits import cut, head, size
from bot.slack.render import elements, fitted, plain
from bot.slack.voice import Voice
from bot.slack.wire import Origin, piece_id

ACTION = "in"
"""The ``action_id`` of every input: its block's id names it."""
_PIECE = 2_700  # a long text is laid into several fields with room left to write in each
_JOINERS = (("\n\n", "p"), ("\n", "l"), (" ", "w"))


def loading(voice: Voice, origin: Origin | None = None) -> dict[str, Any]:
    """What is shown until the form is there: the trigger that opens it lives for three seconds."""
    return notice(T("One moment…"), voice, origin)


def notice(words: T, voice: Voice, origin: Origin | None = None) -> dict[str, Any]:
    """A sentence, where there is no form."""
    blocks = _blocks(elements((Text(words),), voice), voice, limits.VIEW_BLOCKS)
    return View(type="modal", callback_id="notice", title=_title("Agora"), close=_close(voice), blocks=blocks,
                private_metadata=(origin or Origin()).pack()).to_dict()  # fmt: skip


def form(form: Form, origin: Origin, voice: Voice) -> dict[str, Any]:
    """The modal of a form; ``origin`` says where it was opened, and is completed with what it calls."""
    inputs = [block for each in form.inputs for block in _input(each, voice)]
    title = voice.say(form.title) or "Agora"
    whole_title = (Heading(form.title),) if size(title) > limits.VIEW_TITLE else ()
    intro = elements((*whole_title, *form.intro), voice)
    about = Origin(form.route, form.id, origin.conversation, origin.thread, origin.message, origin.surface)
    return View(
        type="modal",
        callback_id=form.route,
        title=_title(title),
        submit=plain(voice.say(form.submit) or "OK", limits.VIEW_BUTTON),
        close=_close(voice),
        blocks=[*_blocks(intro, voice, limits.VIEW_BLOCKS - len(inputs)), *inputs],
        private_metadata=about.pack(),
    ).to_dict()


def errors(view: Mapping[str, Any], by_field: Mapping[str, T], voice: Voice) -> dict[str, Any]:
    """The answer to a submission that is not accepted: each error stands below its field, or below the first one where
    the view has no such field."""
    fields = [block["block_id"] for block in view.get("blocks", ()) if block.get("type") == "input"]
    if not fields:
        return {"response_action": "update", "view": notice(next(iter(by_field.values())), voice)}
    said: dict[str, str] = {}
    for name, words in by_field.items():
        field = name if name in fields else fields[0]
        text = voice.say(words)
        said[field] = cut(f"{said[field]} {text}" if field in said else text, limits.ERROR)
    return {"response_action": "errors", "errors": said}


def _title(title: str) -> PlainTextObject:
    return plain(title, limits.VIEW_TITLE)


def _close(voice: Voice) -> PlainTextObject:
    return plain(voice.say(T("Cancel")), limits.VIEW_BUTTON)


def _blocks(intro: list[Any], voice: Voice, most: int) -> list[Block]:
    return fitted(intro, voice, None, most, limits.VIEW_CHARACTERS)


def _input(field: Input, voice: Voice) -> Iterator[Block]:
    """The blocks of one field: several for a text that may be longer than one of Slack's fields."""
    label, hint = voice.say(field.label) or field.name, voice.say(field.hint) if field.hint else ""
    if field.kind == "select" and not field.options:
        nothing = (Text(field.label), Text(T("There is nothing to choose from."), subtle=True))
        yield from (sized.block for sized in elements(nothing, voice))
        return
    element = _element(field, voice)
    if element is not None:
        yield _block(field.name, label, hint, element, field.required)
        return
    pieces = _pieces(field)
    for number, (joiner, text) in enumerate(pieces):
        name = piece_id(field.name, number, joiner) if number else field.name
        further = voice.say(T("{label} (continued)", label=field.label))
        typed = _typed(text, True, limits.INPUT)
        yield _block(name, further if number else label, "" if number else hint, typed, field.required and not number)


def _block(name: str, label: str, hint: str, element: InputInteractiveElement, required: bool) -> Block:
    return InputBlock(
        block_id=name,
        label=plain(label, limits.LABEL),
        hint=plain(hint, limits.HINT) if hint else None,
        element=element,
        optional=not required,
    )


def _element(field: Input, voice: Voice) -> InputInteractiveElement | None:
    """What one types or chooses in; ``None`` where one of Slack's is not enough."""
    if field.kind == "files":
        files: InputInteractiveElement = FileInputElement(action_id=ACTION, max_files=limits.FILES)
        return files
    if field.kind == "select":
        return _select(field, voice)
    if field.kind == "text" and (field.limit > limits.INPUT or size(field.value) > limits.INPUT):
        return None
    most = max(1, min(field.limit, limits.INPUT))
    return _typed(head(field.value, most), field.kind == "text", most)


def _typed(value: str, multiline: bool, most: int) -> PlainTextInputElement:
    return PlainTextInputElement(action_id=ACTION, initial_value=value or None, multiline=multiline, max_length=most)


def _pieces(field: Input) -> list[tuple[str, str]]:
    """The text in parts, each with what stood before it; and one more to go on in, as long as there may be more."""
    pieces: list[tuple[str, str]] = []
    rest, before = field.value, ""
    while size(rest) > _PIECE:
        part, joiner, rest = _parted(rest)
        pieces.append((before, part))
        before = joiner
    pieces.append((before, rest))
    if len(pieces) * limits.INPUT < field.limit:
        pieces.append(("p", ""))
    return pieces


def _parted(text: str) -> tuple[str, str, str]:
    """The first part, what stands after it, and the rest: nothing is lost between them."""
    first = head(text, _PIECE)
    for joiner, code in _JOINERS:
        end = first.rfind(joiner)
        if end > len(first) // 3:
            return first[:end], code, text[end + len(joiner) :]
    return first, "", text[len(first) :]


def _select(field: Input, voice: Voice) -> StaticSelectElement:
    """A choice; more than Slack lists at once stands in groups, named by where they begin and end."""
    options = _options(field, voice)
    chosen = next((option for value, option in options.items() if value == field.value), None)
    listed = list(options.values())
    if len(listed) <= limits.OPTIONS:
        return StaticSelectElement(action_id=ACTION, options=listed, initial_option=chosen)
    packs = [listed[first : first + limits.OPTIONS] for first in range(0, len(listed), limits.OPTIONS)]
    groups = [OptionGroup(label=plain(_from_to(pack), limits.OPTION), options=pack) for pack in packs]
    return StaticSelectElement(action_id=ACTION, option_groups=groups, initial_option=chosen)


def _options(field: Input, voice: Voice) -> dict[str, Option]:
    """By value, each once; the one that is chosen is always among them."""
    offered = sorted(field.options, key=lambda option: option.value != field.value)[: limits.ALL_OPTIONS]
    kept = {option.value for option in offered}
    return {
        option.value: Option(value=option.value, text=plain(voice.say(option.label) or option.value, limits.OPTION))
        for option in field.options
        if option.value in kept and option.value and len(option.value) <= limits.OPTION_VALUE
    }


def _from_to(pack: list[Option]) -> str:
    first, last = (cut(str(option.to_dict()["text"]["text"]), 35) for option in (pack[0], pack[-1]))
    return f"{first} – {last}"
