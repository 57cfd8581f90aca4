"""Whether Teams would take what is rendered for it: by the schema of Adaptive Cards here, and later by Microsoft's own
library, which needs Node: what is checked here is kept for it (``CORPUS``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Any

import fastjsonschema

from bot.cards import Card, Form
from bot.teams.blocks import Block
from bot.teams.dialogs import Shown, dialog
from bot.teams.limits import DIALOG, MESSAGE
from bot.teams.render import Scene, render, size
from bot.texts import Reader

CORPUS: dict[str, Block] = {}
"""Every card that was checked, by itself as text."""
_OF_TEAMS = {"msteams"}
"""What Teams understands beyond the schema (https://learn.microsoft.com/microsoftteams/platform, "msteams")."""
SCENE = Scene(outbox=7, link=lambda path: f"https://agora.example.com{path}")


@cache
def _definitions() -> dict[str, Any]:
    """The official schema, as a package ships it. It says ``rtl?`` for the property that is ``rtl``, and leaves out the
    style ``filtered``, which is of 1.5 (https://adaptivecards.io/explorer/Input.ChoiceSet.html)."""
    text = (resources.files("adaptive_cards") / "schemas" / "schema-1.5.json").read_text("utf-8")
    definitions = dict(json.loads(text.replace('"rtl?"', '"rtl"'))["definitions"])
    definitions["ChoiceInputStyle"]["anyOf"][0]["enum"].append("filtered")
    return definitions


@cache
def _validator(kind: str) -> Callable[[Any], Any]:
    schema = {"$schema": "http://json-schema.org/draft-06/schema#", "definitions": _definitions()}
    compiled: Callable[[Any], Any] = fastjsonschema.compile(
        {**schema, "$ref": f"#/definitions/{kind}"}, use_formats=False
    )
    return compiled


def problems(card: Block) -> list[str]:
    """What the schema has against it, each at the innermost part that is wrong."""
    bare = _without(card)
    try:
        _validator("AdaptiveCard")(bare)
    except fastjsonschema.JsonSchemaException:
        return list(_innermost(bare, "card"))
    return []


def _innermost(part: Any, path: str) -> Iterator[str]:
    inner = [
        problem
        for key, child in (part.items() if isinstance(part, dict) else enumerate(part))
        if isinstance(child, dict | list)
        for problem in _innermost(child, f"{path}.{key}")
    ]
    yield from inner
    kind = part.get("type") if isinstance(part, dict) else None
    if not inner and isinstance(kind, str) and kind in _definitions():
        try:
            _validator(kind)(part)
        except fastjsonschema.JsonSchemaException as problem:
            yield f"{path}: {problem}"


def _without(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without(value) for key, value in part.items() if key not in _OF_TEAMS}
    return [_without(each) for each in part] if isinstance(part, list) else part


def fits(card: Block, most: int = MESSAGE) -> Block:
    """The card, kept for the check in Node; an AssertionError where Teams would refuse it."""
    assert problems(card) == [], problems(card)
    assert size(card) <= most
    assert card["version"] == "1.5" and card["fallbackText"]
    CORPUS[json.dumps(card, sort_keys=True)] = card
    return card


def check(part: Card | Form, reader: Reader) -> None:
    """What ``tests.rendered`` calls for everything that a test shows."""
    if isinstance(part, Card):
        fits(render(part, reader, SCENE))
    else:
        fits(dialog(Shown(part), reader, SCENE), DIALOG)
