"""A form as a dialog of Teams: an Adaptive Card with inputs, sent back as a task module.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/design-teams-task-modules-bots
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.cards import Card, Form, Input, T, Words
from bot.shorten import shortened
from bot.teams import wire
from bot.teams.blocks import Block, clean, typed, words
from bot.teams.limits import FILTERED_FROM, TITLE
from bot.teams.render import Scene, render
from bot.teams.sentences import said
from bot.texts import Reader

_PLACEHOLDER = 70  # characters of a hint that fit into an empty field


@dataclass(frozen=True)
class Shown:
    """A form as somebody sees it. ``message`` is the one on which it was opened, ``values`` what they typed, ``errors``
    what is to be mended, by field; ``home``: it was opened on their home."""

    form: Form
    message: str | None = None
    values: Mapping[str, Any] | None = None
    errors: Mapping[str, Words] = field(default_factory=dict)
    home: bool = False


def task(shown: Shown, reader: Reader, scene: Scene | None = None) -> Block:
    """The body of the answer to ``task/fetch``, or to a ``task/submit`` with errors."""
    form = shown.form
    info = {
        "title": shortened(said(form.title, reader), TITLE),
        "width": "medium",
        "height": "large" if len(form.inputs) > 3 or form.intro else "medium",
        "card": {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": dialog(shown, reader, scene),
        },
    }
    return {"task": {"type": "continue", "value": info}}


def filled(form: Form, values: Mapping[str, Any]) -> Form:
    """``form`` as it was filled in."""
    return replace(form, inputs=tuple(_typed(each, values) for each in form.inputs))


def notice(shown: Words, reader: Reader) -> Block:
    """The body of an answer that closes the dialog and says something."""
    return {"task": {"type": "message", "value": said(shown, reader)}}


def dialog(shown: Shown, reader: Reader, scene: Scene | None = None) -> Block:
    """The form as an Adaptive Card. Each error stands above its field, those of no field at the top."""
    form, errors = shown.form, shown.errors
    named = {each.name for each in form.inputs}
    card = render(Card(form.title, form.intro), reader, scene)
    general = [_error(words_, reader) for name, words_ in errors.items() if name not in named]
    card["body"] = general + (card["body"] if form.intro else [])
    for each in form.inputs:
        if each.name in errors:
            card["body"].append(_error(errors[each.name], reader))
        asked = _typed(each, shown.values)
        card["body"].append(_files(asked, reader, scene) if each.kind == "files" else _input(asked, reader))
        if each.hint is not None and _below(each, reader):
            card["body"].append(words(said(each.hint, reader), isSubtle=True, size="Small") | {"spacing": "Small"})
    submit = {"type": "Action.Submit", "title": said(form.submit, reader), "style": "positive"}
    card["actions"] = [{**submit, "data": wire.submission(form, shown.message, shown.home)}]
    return card


def _typed(asked: Input, values: Mapping[str, Any] | None) -> Input:
    """The field with what was typed into it before."""
    untold = asked.value if asked.kind == "select" else ""  # clients leave out what is empty
    given = None if values is None else values.get(asked.name, untold)
    return asked if given is None else replace(asked, value=given if isinstance(given, str) else "")


def _error(shown: Words, reader: Reader) -> Block:
    return words("⚠ " + said(shown, reader), color="Attention", weight="Bolder")


def _input(asked: Input, reader: Reader) -> Block:
    label = said(asked.label, reader)
    missing = said(T("Please fill this in."), reader)
    shown: Block = {"id": asked.name, "label": label, "isRequired": asked.required}
    if asked.required:
        shown["errorMessage"] = missing
    if asked.kind == "select" and not asked.options:
        return words(f"{label}: —")  # clients refuse a choice of nothing
    if asked.kind == "select":
        return {**_choices(asked, reader), **shown}
    text: Block = {"type": "Input.Text", **shown, "isMultiline": asked.kind == "text"}
    text["maxLength"] = asked.limit
    if asked.value:
        text["value"] = typed(asked.value)
    if asked.hint is not None and not _below(asked, reader):
        text["placeholder"] = said(asked.hint, reader)
    return text


def _files(asked: Input, reader: Reader, scene: Scene | None) -> Block:
    """Teams has no input for files: those that the reader sent in their own chat can be chosen."""
    given = scene.files if scene is not None else ()
    if not given:
        first = T("Files and pictures: send them to me in our own chat, then open this again and choose them here.")
        return words(said(first, reader), isSubtle=True, size="Small")
    choices = [{"title": clean(name) or "…", "value": str(number)} for number, name in given]
    kept = set(asked.value.replace(",", " ").split()) & {each["value"] for each in choices}
    return {
        "type": "Input.ChoiceSet", "id": asked.name, "label": said(asked.label, reader), "isMultiSelect": True,
        "wrap": True, "choices": choices, "isRequired": asked.required,
        **({"value": ",".join(sorted(kept))} if kept else {}),
    }  # fmt: skip


def _below(asked: Input, reader: Reader) -> bool:
    """Whether the hint stands below the field: a short one stands in it, as long as it is empty."""
    return asked.kind == "select" or (asked.hint is not None and len(said(asked.hint, reader)) > _PLACEHOLDER)


def _choices(asked: Input, reader: Reader) -> Block:
    choices = [{"title": said(each.label, reader) or "…", "value": each.value} for each in asked.options]
    shown: Block = {"type": "Input.ChoiceSet", "choices": choices, "wrap": True}
    shown["style"] = "filtered" if len(choices) >= FILTERED_FROM else "compact"
    if any(each.value == asked.value for each in asked.options):
        shown["value"] = asked.value
    return shown
