"""Whether Slack would take it: what Agora sends to Slack is held to Slack's own models and to the table of limits.

Everything here raises ``AssertionError`` and says where. It reads JSON, as Slack does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.slack import limits
from bot.slack.wire import read_action

LIVE = re.compile(r"<[!@#]|<[^>|]*\|")
"""What Slack would make a mention or a link of, in a text with markup."""
_BLOCKS = {"rich_text", "header", "context", "divider", "actions", "input", "section", "image"}
_PIECES = {"rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"}
_RUNS = {"text", "link", "user"}
_TEXTS = {"header": limits.HEADER, "context": limits.CONTEXT}


def check_message(message: Mapping[str, Any], people: frozenset[str] = frozenset()) -> None:
    """A message, as ``chat.postMessage`` takes it; only ``people`` may be mentioned in it."""
    text = message.get("text")
    assert isinstance(text, str) and text.strip() and limits.size(text) <= limits.TEXT_MOST, "a message needs a text"
    assert not LIVE.search(text), f"markup in the fallback: {text!r}"
    blocks = message.get("blocks") or []
    assert 0 < len(blocks) <= limits.MESSAGE_BLOCKS, f"{len(blocks)} blocks"
    check_blocks(blocks, people)
    characters = sum(len(each) for each in texts(blocks))
    assert characters <= 13_200, f"msg_blocks_too_long: {characters}"


def check_unfurl(unfurl: Mapping[str, Any], people: frozenset[str] = frozenset()) -> None:
    """What stands under a link."""
    assert 0 < len(unfurl["blocks"]) <= limits.MESSAGE_BLOCKS
    check_blocks(unfurl["blocks"], people)


def check_view(view: Mapping[str, Any], people: frozenset[str] = frozenset()) -> None:
    """A modal or a home."""
    _held_to(View, view)
    blocks = view["blocks"]
    assert 0 < len(blocks) <= limits.VIEW_BLOCKS, f"{len(blocks)} blocks"
    check_blocks(blocks, people)
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(ids) == len(set(ids)), f"block ids twice: {ids}"
    if view["type"] == "modal":
        assert 1 <= len(view["title"]["text"]) <= limits.VIEW_TITLE
        assert any(block["type"] == "input" for block in blocks) <= ("submit" in view), "inputs and no way to send them"
    assert len(json.dumps(view, ensure_ascii=False).encode()) < 250_000


def check_blocks(blocks: list[Mapping[str, Any]], people: frozenset[str] = frozenset()) -> None:
    """The blocks of anything."""
    for block in blocks:
        assert block["type"] in _BLOCKS, block["type"]
        _held_to(Block, block)
        _check_block(block, people)
    pressed = [element["action_id"] for block in blocks if block["type"] == "actions" for element in block["elements"]]
    assert len(pressed) == len(set(pressed)), f"action ids twice: {pressed}"
    assert not any(each.get("type") == "mrkdwn" for each in parts(blocks)), "a text with markup"


def _held_to(kind: type[Any], data: Mapping[str, Any]) -> None:
    try:
        parsed = kind.parse(dict(data)) if kind is Block else kind(**data)
        assert parsed is not None, f"unknown to slack_sdk: {data}"
        parsed.to_dict()
    except SlackObjectFormationError as error:
        raise AssertionError(f"{error}: {data}") from error


def _check_block(block: Mapping[str, Any], people: frozenset[str]) -> None:
    match block["type"]:
        case "rich_text":
            assert block["elements"]
            for piece in block["elements"]:
                _check_piece(piece, people)
        case "actions":
            assert 0 < len(block["elements"]) <= limits.ACTIONS
            for button in block["elements"]:
                _check_button(button)
        case "input":
            _check_input(block)
        case "header" | "context":
            for text in texts([block]):
                assert text.strip() and limits.size(text) <= _TEXTS[block["type"]]
        case "image":
            assert 0 < len(block["alt_text"].strip()) <= limits.ALT_TEXT, "a picture without words"
            assert re.fullmatch(r"F[A-Z0-9]{8,}", block["slack_file"]["id"]), block


def _check_piece(piece: Mapping[str, Any], people: frozenset[str]) -> None:
    assert piece["type"] in _PIECES, piece["type"]
    assert piece["elements"], "an empty piece"
    if piece["type"] == "rich_text_list":
        assert piece["style"] in ("bullet", "ordered") and 0 <= piece["indent"] <= 8
        for item in piece["elements"]:
            assert item["type"] == "rich_text_section"
            _check_piece(item, people)
        return
    for run in piece["elements"]:
        assert run["type"] in _RUNS, run["type"]
        assert run["type"] == "user" or run["text"], "an empty stretch"
        assert run["type"] != "user" or run["user_id"] in people, f"{run['user_id']} is nobody to be mentioned"
        if run["type"] == "link":
            assert re.match(r"https?://|mailto:", run["url"], re.IGNORECASE) and len(run["url"]) <= limits.URL
        assert set(run) <= {"type", "text", "url", "user_id", "style"}


def _check_button(button: Mapping[str, Any]) -> None:
    assert button["type"] == "button" and 0 < limits.size(button["text"]["text"]) <= limits.BUTTON
    assert len(button["action_id"]) <= limits.ACTION_ID
    read_action(button["action_id"])
    assert button.get("style") in (None, "primary", "danger")
    if confirm := button.get("confirm"):
        most = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
        assert all(0 < limits.size(confirm[name]["text"]) <= most[name] for name in most)


def _check_input(block: Mapping[str, Any]) -> None:
    element = block["element"]
    assert 0 < len(block["block_id"]) <= limits.BLOCK_ID
    assert 0 < limits.size(block["label"]["text"]) <= limits.LABEL
    match element["type"]:
        case "plain_text_input":
            most = element.get("max_length", limits.INPUT)
            assert 1 <= most <= limits.INPUT and limits.size(element.get("initial_value", "")) <= most
        case "static_select":
            _check_select(element)
        case other:
            assert other == "file_input" and 1 <= element["max_files"] <= limits.FILES


def _check_select(element: Mapping[str, Any]) -> None:
    groups = element.get("option_groups") or [{"label": {"text": "all"}, "options": element["options"]}]
    assert 0 < len(groups) <= limits.OPTION_GROUPS
    options = [option for group in groups for option in group["options"]]
    for group in groups:
        assert 0 < len(group["options"]) <= limits.OPTIONS and 0 < len(group["label"]["text"]) <= limits.OPTION
    for option in options:
        assert 0 < limits.size(option["text"]["text"]) <= limits.OPTION
        assert 0 < len(option["value"]) <= limits.OPTION_VALUE
    values = [option["value"] for option in options]
    assert len(values) == len(set(values)), "values twice"
    assert "initial_option" not in element or element["initial_option"] in options


def parts(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in it."""
    if isinstance(data, Mapping):
        yield data
        data = list(data.values())
    if isinstance(data, list | tuple):
        for each in data:
            yield from parts(each)


def texts(data: Any) -> list[str]:
    """Every text that is shown in it."""
    return [part["text"] for part in parts(data) if isinstance(part.get("text"), str)]
