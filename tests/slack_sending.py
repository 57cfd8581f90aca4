"""Agora's way to Slack without the rest of Agora: what the outbox gives goes to a server of the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.gateway import Delivery, Gateway
from bot.pacing import Pace
from bot.slack.clients import Clients
from bot.slack.delivery import Deliverer
from tests.slack_server import SlackServer, serving

PUBLIC_URL = "https://agora.example.com"


class Keys:
    """Knows a token for every workspace: its id."""

    def token(self, installation: str) -> str:
        """The token."""
        return f"xoxb-{installation}"


class Sender(Gateway):
    """Slack's gateway as far as it delivers."""

    name = "slack"

    def __init__(self, server: SlackServer) -> None:
        self.clients = Clients(Keys(), f"{server.url}/api")  # type: ignore[arg-type]
        self.deliverer = Deliverer(self.clients, PUBLIC_URL)

    def paces(self, delivery: Delivery) -> Sequence[Pace]:
        """Slack's."""
        return self.deliverer.paces(delivery)

    async def prepare(self, delivery: Delivery) -> None:
        """Render."""
        await self.deliverer.prepare(delivery)

    async def deliver(self, delivery: Delivery) -> str:
        """Through the socket."""
        return await self.deliverer.deliver(delivery)

    async def reconcile(self, delivery: Delivery) -> str | None:
        """Through the socket."""
        return await self.deliverer.reconcile(delivery)


@asynccontextmanager
async def sending(server: SlackServer) -> AsyncIterator[Sender]:
    """Serve ``server``, and send to it."""
    async with serving(server):
        sender = Sender(server)
        try:
            yield sender
        finally:
            await sender.clients.close()
