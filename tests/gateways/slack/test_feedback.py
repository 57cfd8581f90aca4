"""Slack's own buttons for how good an answer was, in somebody's own chat."""

from __future__ import annotations

from typing import Any

from slack_sdk.models.blocks import Block

from bot.cards import Actions, Button, Card, T, Text
from bot.slack.feedback import added
from bot.slack.parse import parse
from bot.slack.voice import Voice
from bot.texts import Reader
from tests.gateways.slack.sent import payload

GOOD = Button(T("This solved it"), "questions.solved", 7, "primary", feedback="positive")
BAD = Button(T("Not what I meant"), "questions.not_meant", 7, feedback="negative")
VOICE = Voice(Reader("it"), {}, lambda path: path)


def card(*buttons: Button) -> Card:
    return Card(T("Ask"), (Text(T("Ask")), Actions(buttons)))


def blocks(shown: Card, there: int = 1) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = added({"blocks": [{"type": "divider"}] * there}, shown, VOICE)["blocks"]
    return found


def test_both_stand_below_an_answer() -> None:
    *_, last = blocks(card(GOOD, BAD))
    assert last["type"] == "context_actions"
    (element,) = last["elements"]
    assert element["positive_button"]["value"].startswith("questions.solved:7:")
    assert element["negative_button"]["value"].startswith("questions.not_meant:7:")
    assert element["positive_button"]["text"]["text"] != "This solved it"  # in Italian
    assert Block.parse(last) is not None


def test_they_are_left_out_where_they_do_not_fit() -> None:
    assert len(blocks(card(GOOD))) == 1
    assert len(blocks(card())) == 1
    assert len(blocks(card(GOOD, BAD), there=50)) == 50
    assert added({"text": "x"}, card(GOOD, BAD), VOICE) == {"text": "x"}


def test_to_press_one_is_to_press_the_button() -> None:
    sent = payload("block_actions_message")
    value = blocks(card(GOOD, BAD))[-1]["elements"][0]["negative_button"]["value"]
    sent["actions"] = [{"type": "feedback_buttons", "action_id": "feedback", "value": value, "block_id": "b"}]
    heard = parse(sent)
    assert (heard.kind, heard.route, heard.id) == ("button", "questions.not_meant", 7)
