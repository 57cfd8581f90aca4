"""Slack's own buttons for how good an answer was, below what Agora says in somebody's own chat.

See https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
"""

from __future__ import annotations

from typing import Any

from slack_sdk.models.blocks import ContextActionsBlock, FeedbackButtonObject, FeedbackButtonsElement

from bot.cards import Actions, Button, Card
from bot.slack.limits import BUTTON, MESSAGE_BLOCKS
from bot.slack.voice import Voice
from bot.slack.wire import action_id

ACTION = "feedback"


def added(said: dict[str, Any], card: Card, voice: Voice) -> dict[str, Any]:
    """The message with them, where ``card`` asks for it and there is room."""
    pair = _pair(card)
    blocks = said.get("blocks") or []
    if pair is None or not blocks or len(blocks) >= MESSAGE_BLOCKS:
        return said
    good, bad = (_button(each, voice) for each in pair)
    element = FeedbackButtonsElement(action_id=ACTION, positive_button=good, negative_button=bad)
    return {**said, "blocks": [*blocks, ContextActionsBlock(elements=[element]).to_dict()]}


def _pair(card: Card) -> tuple[Button, Button] | None:
    found = {
        button.feedback: button
        for element in card.elements if isinstance(element, Actions)
        for button in element.buttons if button.feedback
    }  # fmt: skip
    good, bad = found.get("positive"), found.get("negative")
    return (good, bad) if good is not None and bad is not None else None


def _button(button: Button, voice: Voice) -> FeedbackButtonObject:
    label = voice.say(button.label)[:BUTTON]
    return FeedbackButtonObject(text=label, accessibility_label=label, value=action_id(button))
