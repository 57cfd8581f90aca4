"""Microsoft Teams: what its parts make together. ``bot.gateway.Gateway`` says what each method is for."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.gateway import Delivery, Gateway
from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.teams.delivery import Deliverer
from bot.teams.directory import Directory
from bot.turn import Turn

PLATFORM = "teams"


class TeamsGateway(Gateway):
    """``bot.gateway.Gateway`` for Microsoft Teams."""

    name = PLATFORM

    def __init__(self, runtime: Runtime) -> None:
        self.deliverer = Deliverer(runtime)
        self.directory = Directory(runtime, self.deliverer)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where Teams sends what happens."""
        return []

    async def close(self) -> None:
        """Close what is open to Teams."""
        await self.deliverer.close()

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """What was captured."""
        raise ValueError("not an event of Teams")

    def introduce(self, inbound: Inbound) -> bool:
        """Ask Teams who did this, and where."""
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
