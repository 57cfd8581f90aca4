"""A message to Teams: an activity of botbuilder's schema with one Adaptive Card.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

from botbuilder.core import CardFactory, MessageFactory
from botbuilder.schema import Entity

from bot.cards import Card, Passage
from bot.shorten import shortened
from bot.teams.blocks import Block, clean
from bot.teams.limits import CITATIONS, CITED_NAME, CITED_WORDS
from bot.teams.sentences import said
from bot.texts import Reader

_SCHEMA = "https://schema.org/Message"
_NUMBER = re.compile(r"\A\[\d+\] ")  # by which a model's words name their source


class MessageEntity(Entity):  # type: ignore[misc]
    """What is said of a message itself. botbuilder drops every property of an entity that its class does not name."""

    _attribute_map: ClassVar = {
        "type": {"key": "type", "type": "str"},
        "at_type": {"key": "@type", "type": "str"},
        "at_context": {"key": "@context", "type": "str"},
        "additional_type": {"key": "additionalType", "type": "[str]"},
        "citation": {"key": "citation", "type": "[object]"},
    }

    def __init__(self, citation: list[Block], by_model: bool) -> None:
        super().__init__(type=_SCHEMA)
        self.at_type, self.at_context = "Message", "https://schema.org"
        self.additional_type = ["AIGeneratedContent"] if by_model else None
        self.citation = citation or None


def message(card: Card, rendered: Block, reader: Reader, link: Callable[[str], str]) -> dict[str, Any]:
    """The activity. What it shows of what is written is cited; what a model wrote is labelled too, and may be judged by
    its readers."""
    # The card itself is put in afterwards: msrest would walk through and copy all of it.
    activity = MessageFactory.attachment(CardFactory.adaptive_card({}))
    activity.summary = shortened(said(card.summary, reader), 500)
    activity.locale = reader.locale
    cited = citations(card, link)
    if cited or card.by_model:
        activity.entities = [MessageEntity(cited, card.by_model)]
    if card.by_model:
        activity.channel_data = {"feedbackLoop": {"type": "default"}}
    written: dict[str, Any] = activity.serialize()
    written["attachments"][0]["content"] = rendered
    return written


def citations(card: Card, link: Callable[[str], str]) -> list[Block]:
    """The passages of a card as sources, by the numbers that they bear in it (``elements``). A text beside the card, in
    which Teams would show them too, is not possible: it becomes a message of its own, and neither has an id then."""
    passages = [element for element in card.elements if isinstance(element, Passage)]
    return [_claim(number, passage, link) for number, passage in enumerate(passages[:CITATIONS], 1)]


def _claim(number: int, passage: Passage, link: Callable[[str], str]) -> Block:
    document = {
        "@type": "DigitalDocument",
        "name": shortened(_NUMBER.sub("", clean(passage.title.text)), CITED_NAME - 2) or "…",
        "abstract": shortened(clean(passage.text), CITED_WORDS - 2) or "…",
        "url": link(passage.link.path),
    }
    return {"@type": "Claim", "position": number, "appearance": document}
