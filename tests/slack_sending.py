"""Agora's way to Slack without the rest of Agora: what the outbox gives goes to a server of the test's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.gateway import Delivery, Gateway
from bot.outbox import OutboxWorker
from bot.pacing import Pace, Pacing
from bot.slack.clients import Clients
from bot.slack.delivery import Deliverer
from models import base
from models.base import now
from tests.bot.queues import outbox
from tests.slack_server import SlackServer, serving

PUBLIC_URL = "https://agora.example.com"
OVER = {"sent", "failed", "uncertain", "dropped"}


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


async def delivered(slack: Sender, scale: float = 20) -> list[tuple[str, str | None]]:
    """Deliver until nothing is left, in leaps where nothing moves; how each row ended."""
    worker = OutboxWorker({"slack": slack}, "test", Pacing(scale=scale))
    running = asyncio.create_task(worker.run())
    before: list[Any] = []
    while any(row.state not in OVER for row in outbox()):
        worker.wake()
        await asyncio.sleep(0.1)
        rows = [(row.state, row.attempts, row.error, row.holder) for row in outbox()]
        if rows == before and not any(row[-1] for row in rows):
            moment = now() + timedelta(seconds=31)
            base.set_clock(lambda moment=moment: moment)
        before = rows
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return [(row.state, row.error) for row in outbox()]
