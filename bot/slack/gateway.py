"""Slack: what its parts make together. ``bot.gateway.Gateway`` says what each method is for."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from cryptography.fernet import MultiFernet

from bot.gateway import Delivery, Gateway
from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.slack.clients import Clients
from bot.slack.delivery import Deliverer
from bot.slack.directory import Directory
from bot.slack.keeper import Keeper
from bot.turn import Turn

PLATFORM = "slack"


class SlackGateway(Gateway):
    """``bot.gateway.Gateway`` for Slack."""

    name = PLATFORM

    def __init__(self, runtime: Runtime, keys: MultiFernet) -> None:
        self.keeper = Keeper(runtime.settings, keys)
        self.clients = Clients(self.keeper, runtime.settings.slack_api_url)
        self.directory = Directory(self.clients)
        self.deliverer = Deliverer(self.clients, runtime.settings.public_url)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Nothing yet."""
        return []

    async def close(self) -> None:
        """End it."""
        await self.clients.close()

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """What was captured."""
        raise ValueError("not an event of Slack")

    def introduce(self, inbound: Inbound) -> bool:
        """Ask Slack who did this, and where."""
        return self.directory.introduce(inbound)

    def absorb(self, turn: Turn) -> None:
        """Write down who and what there is."""
        self.directory.absorb(turn)

    async def deliver(self, delivery: Delivery) -> str:
        """Do it."""
        return await self.deliverer.deliver(delivery)

    async def reconcile(self, delivery: Delivery) -> str | None:
        """Whether it arrived."""
        return await self.deliverer.reconcile(delivery)
