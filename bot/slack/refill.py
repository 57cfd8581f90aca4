"""A form that comes back, with all that was typed, and with what is wrong above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cards import T, Text
from bot.slack import limits
from bot.slack.render import elements
from bot.slack.voice import Voice

_OF_A_VIEW = ("type", "title", "close", "submit", "private_metadata", "callback_id", "clear_on_close",
              "notify_on_close", "external_id")  # fmt: skip
_FILLED = {"value": "initial_value", "selected_option": "initial_option"}


def refilled(view: Mapping[str, Any], errors: Mapping[str, T], voice: Voice) -> dict[str, Any]:
    """The view as it was sent: Slack shows errors below their fields only in answer to the submission."""
    said = [sized.block.to_dict() for words in errors.values() for sized in elements((Text(words),), voice)]
    state = (view.get("state") or {}).get("values") or {}
    blocks = [_refilled(block, state) for block in view.get("blocks", ())]
    kept = {name: view[name] for name in _OF_A_VIEW if view.get(name)}
    return {**kept, "blocks": [*said, *blocks][: limits.VIEW_BLOCKS]}


def _refilled(block: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    element = block.get("element")
    given: Mapping[str, Any] = next(iter((state.get(str(block.get("block_id"))) or {}).values()), {})
    if not isinstance(element, dict):
        return dict(block)
    filled = {there: given[name] for name, there in _FILLED.items() if given.get(name)}
    plain = {name: value for name, value in element.items() if name not in _FILLED.values()}
    return {**block, "element": {**plain, **filled}}
