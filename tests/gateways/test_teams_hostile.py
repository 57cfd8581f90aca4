"""Whatever may come from Teams, or from whoever passes for it: an event, or none, and never an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.teams import events, parse
from bot.teams.activity import conversation, references
from bot.teams.reading import loaded
from tests.gateways.test_teams_parse import heard, waited
from tests.teams_service import Json, activity

COMMANDS = ("ask", "help")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = ("type id timestamp name text value entities attachments from recipient conversation channelData replyToId "
         "membersAdded membersRemoved reactionsAdded reactionsRemoved action serviceUrl topicName").split()  # fmt: skip
KINDS = [
    "message",
    "messageUpdate",
    "messageDelete",
    "messageReaction",
    "installationUpdate",
    "conversationUpdate",
    "x",
]
HOSTILE_HTML = st.text("<>/ abcat=\"'&;spanblockquote&#123\u202e\u2066\n\t", max_size=200)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_whatever_comes_is_an_event_or_none(kind: str, parts: Json) -> None:
    said = loaded(json.dumps({**activity(kind, text="hi"), **parts}).encode())
    if conversation(said) is None:
        return
    references(said)
    for event in events.events(said):
        try:
            found = parse.inbound(event.payload, COMMANDS)
        except ValueError:
            continue
        assert found.conversation == event.conversation and found.installation == event.installation
        assert isinstance(found.text, str) and len(found.text) <= 40_000


@settings(max_examples=300, deadline=None)
@given(HOSTILE_HTML, st.lists(JSON, max_size=3), JSON)
def test_whatever_stands_in_a_message_is_words(html: str, entities: list[Any], value: Any) -> None:
    attachments = [{"contentType": "text/html", "content": html}]
    for said in (activity(text=html, entities=entities), activity(text="x", attachments=attachments, value=value)):
        for found in heard(loaded(json.dumps(said).encode())):
            assert isinstance(found.text, str)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["button", "form", "shortcut", "feedback", "nothing"]), JSON)
def test_whatever_is_pressed_is_refused_or_an_event(kind: str, value: Any) -> None:
    try:
        found = waited(loaded(json.dumps(activity("invoke", value=value)).encode()), kind)
    except ValueError:
        return
    assert isinstance(found.route, str) or found.kind == "reaction"


def test_elements_within_elements_are_no_trouble() -> None:
    html = "<div>" * 5000 + "hi"
    assert heard(activity(text="plain", attachments=[{"contentType": "text/html", "content": html}]))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b"[" * 100_000, b'{"a":' * 3000 + b"1" + b"}" * 3000, b"\xff"]
)
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ValueError):
        loaded(body)


def test_what_no_database_takes_is_left_out() -> None:
    assert loaded(b'{"text": "a\\u0000b\\ud800c", "n": 1' + b"0" * 400 + b"}")["text"] == "ab?c"
