"""Payloads that nobody would send, and texts that anybody might write."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.inlet import understood
from bot.slack.parse import event_of, parse
from tests.gateways.slack.sent import NAMES, payload
from tests.gateways.slack.test_parse import AROUND

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["C1", "D1", "U1", "1.2"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def mutated(sent: Any, data: st.DataObject) -> Any:
    """``sent`` with one of its values, somewhere, replaced by anything."""
    if isinstance(sent, dict) and sent and data.draw(st.integers(0, 4)):
        name = data.draw(st.sampled_from(sorted(sent)))
        return {**sent, name: mutated(sent[name], data)}
    if isinstance(sent, list) and sent and data.draw(st.integers(0, 4)):
        return [mutated(sent[0], data), *sent[1:]]
    return data.draw(junk)


@given(st.sampled_from(NAMES), st.data())
def test_hostile_payloads_are_understood_or_refused_and_nothing_else(name: str, data: st.DataObject) -> None:
    sent = payload(name)
    for _ in range(data.draw(st.integers(1, 3))):
        part = data.draw(st.sampled_from(sorted(sent)))
        sent[part] = mutated(sent[part], data)
    found = understood(sent, AROUND)
    if found is not None:
        event = event_of(sent, found, now=False)
        assert len(event.key) <= 200 and len(event.conversation) <= 200 and json.dumps(found.to_json())


@given(st.text(max_size=300), st.sampled_from(["message_im", "app_mention"]))
def test_whatever_somebody_writes_is_heard(text: str, name: str) -> None:
    assert parse(payload(name, text=text), AROUND).kind == "message"
