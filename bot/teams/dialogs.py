"""A form as a dialog of Teams: an Adaptive Card with inputs, sent back as a task module.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/design-teams-task-modules-bots
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import Card, Form, Input, T, Words
from bot.shorten import shortened
from bot.teams import wire
from bot.teams.blocks import Block, typed, words
from bot.teams.limits import FILTERED_FROM, TITLE
from bot.teams.render import Scene, render
from bot.teams.sentences import said
from bot.texts import Reader

_PLACEHOLDER = 70  # characters of a hint that fit into an empty field


def task(
    form: Form,
    reader: Reader,
    *,
    message: str | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Words] | None = None,
    scene: Scene | None = None,
) -> Block:
    """The body of the answer to ``task/fetch``, or to a ``task/submit`` whose ``errors`` are to be mended: then
    ``values`` are what was typed, and nothing of it is lost."""
    card = dialog(form, reader, message=message, values=values, errors=errors, scene=scene)
    info = {
        "title": shortened(said(form.title, reader), TITLE),
        "width": "medium",
        "height": "large" if len(form.inputs) > 3 or form.intro else "medium",
        "card": {"contentType": "application/vnd.microsoft.card.adaptive", "content": card},
    }
    return {"task": {"type": "continue", "value": info}}


def notice(shown: Words, reader: Reader) -> Block:
    """The body of an answer that closes the dialog and says something."""
    return {"task": {"type": "message", "value": said(shown, reader)}}


def dialog(
    form: Form,
    reader: Reader,
    *,
    message: str | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Words] | None = None,
    scene: Scene | None = None,
) -> Block:
    """The form as an Adaptive Card. Each error stands above its field, those of no field at the top."""
    errors = errors or {}
    fields = [each for each in form.inputs if each.kind != "files"]  # Teams has no input for files
    named = {each.name for each in fields}
    card = render(Card(form.title, form.intro), reader, scene)
    general = [_error(words_, reader) for name, words_ in errors.items() if name not in named]
    card["body"] = general + (card["body"] if form.intro else [])
    for each in fields:
        if each.name in errors:
            card["body"].append(_error(errors[each.name], reader))
        card["body"].append(_input(_typed(each, values), reader))
        if each.hint is not None and _below(each, reader):
            card["body"].append(words(said(each.hint, reader), isSubtle=True, size="Small") | {"spacing": "Small"})
    submit = {"type": "Action.Submit", "title": said(form.submit, reader), "style": "positive"}
    card["actions"] = [{**submit, "data": wire.submission(form, message)}]
    return card


def _typed(field: Input, values: Mapping[str, Any] | None) -> Input:
    """The field with what was typed into it before."""
    untold = field.value if field.kind == "select" else ""  # clients leave out what is empty
    given = None if values is None else values.get(field.name, untold)
    return field if given is None else replace(field, value=given if isinstance(given, str) else "")


def _error(shown: Words, reader: Reader) -> Block:
    return words("⚠ " + said(shown, reader), color="Attention", weight="Bolder")


def _input(field: Input, reader: Reader) -> Block:
    label = said(field.label, reader)
    missing = said(T("Please fill this in."), reader)
    shown: Block = {"id": field.name, "label": label, "isRequired": field.required}
    if field.required:
        shown["errorMessage"] = missing
    if field.kind == "select" and not field.options:
        return words(f"{label}: —")  # clients refuse a choice of nothing
    if field.kind == "select":
        return {**_choices(field, reader), **shown}
    text: Block = {"type": "Input.Text", **shown, "isMultiline": field.kind == "text"}
    text["maxLength"] = field.limit
    if field.value:
        text["value"] = typed(field.value)
    if field.hint is not None and not _below(field, reader):
        text["placeholder"] = said(field.hint, reader)
    return text


def _below(field: Input, reader: Reader) -> bool:
    """Whether the hint stands below the field: a short one stands in it, as long as it is empty."""
    return field.kind == "select" or (field.hint is not None and len(said(field.hint, reader)) > _PLACEHOLDER)


def _choices(field: Input, reader: Reader) -> Block:
    choices = [{"title": said(each.label, reader) or "…", "value": each.value} for each in field.options]
    shown: Block = {"type": "Input.ChoiceSet", "choices": choices, "wrap": True}
    shown["style"] = "filtered" if len(choices) >= FILTERED_FROM else "compact"
    if any(each.value == field.value for each in field.options):
        shown["value"] = field.value
    return shown
