"""What the outbox gives, done on Slack."""

from __future__ import annotations

from bot.gateway import Delivery, Uncertain, Undeliverable
from bot.slack.clients import Clients


class Deliverer:
    """Delivers through Slack's Web API."""

    def __init__(self, clients: Clients, public_url: str) -> None:
        self._clients = clients
        self._public_url = public_url

    async def deliver(self, delivery: Delivery) -> str:
        """Do it, and return the message's ``ts``."""
        raise Undeliverable("nothing is delivered to Slack yet")

    async def reconcile(self, delivery: Delivery) -> str | None:
        """The ``ts`` of an earlier delivery that arrived."""
        raise Uncertain("Slack was not asked")
