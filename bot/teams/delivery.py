"""Delivering to Teams, and finding out what became of it."""

from __future__ import annotations

from bot.gateway import Delivery, Uncertain, Undeliverable
from bot.runtime import Runtime


class Deliverer:
    """Sends to Teams."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def deliver(self, delivery: Delivery) -> str:
        """See ``Gateway.deliver``."""
        raise Undeliverable("nothing can be sent to Teams yet")

    async def reconcile(self, delivery: Delivery) -> str | None:
        """See ``Gateway.reconcile``: a bot cannot read a conversation in Teams back."""
        raise Uncertain

    async def token(self) -> str | None:
        """What the app shows to Teams' services; ``None`` in the playground. May be called in any event loop."""
        return None

    async def close(self) -> None:
        """Close what is open to Teams."""
