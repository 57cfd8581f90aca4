"""A platform that keeps what it was given: what it keeps is what people see."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from bot.cards import Actions, Button, Card
from bot.gateway import DELETE, EDIT, HOME, UNFURL, Delivery, Gateway, Undeliverable
from bot.inbound import Inbound
from bot.plaintext import plain
from bot.texts import Reader
from tests import rendered


@dataclass
class Shown:
    """A message as it stands on the faked platform."""

    id: str
    conversation: str
    thread: str | None
    only_for: str | None
    card: Card | None
    reader: Reader
    text: str

    @property
    def buttons(self) -> list[Button]:
        """What can be pressed on it."""
        elements = self.card.elements if self.card else ()
        return [button for element in elements if isinstance(element, Actions) for button in element.buttons]


class FakePlatform(Gateway):
    """A platform that keeps what it was given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.shown: dict[str, Shown] = {}
        self.by_outbox: dict[int, str] = {}
        self.homes: dict[str, str] = {}
        self.unfurled: dict[str, str] = {}
        self.closed: set[str] = set()
        """Conversations that take nothing any more."""
        self._ids = itertools.count(1)

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """Events are kept in the one shape."""
        return Inbound.from_json(payload)

    async def deliver(self, delivery: Delivery) -> str:
        """Show, change or remove it."""
        if delivery.conversation in self.closed:
            raise Undeliverable("the channel is archived (is_archived)", closed=True)
        rendered.shown(delivery.card, delivery.reader)
        if delivery.operation == HOME:
            self.homes[str(delivery.only_for)] = plain(delivery.card, delivery.reader)
            return str(delivery.only_for)
        if delivery.operation == UNFURL:
            self.unfurled[str(delivery.link)] = plain(delivery.card, delivery.reader)
            return str(delivery.link)
        if delivery.operation == DELETE:
            self.shown.pop(str(delivery.reference), None)
            return str(delivery.reference)
        if delivery.operation == EDIT:
            message = self.shown[str(delivery.reference)]
            message.card, message.text = delivery.card, plain(delivery.card, delivery.reader)
            return message.id
        return self._post(delivery)

    def _post(self, delivery: Delivery) -> str:
        if delivery.outbox_id in self.by_outbox:
            return self.by_outbox[delivery.outbox_id]
        id = f"m{next(self._ids)}"
        text = plain(delivery.card, delivery.reader)
        self.shown[id] = Shown(
            id, delivery.conversation, delivery.thread, delivery.only_for, delivery.card, delivery.reader, text
        )
        self.by_outbox[delivery.outbox_id] = id
        return id

    async def reconcile(self, delivery: Delivery) -> str | None:
        """What was delivered is known."""
        return self.by_outbox.get(delivery.outbox_id)
