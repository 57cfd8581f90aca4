"""What is being written, shown as it grows: in somebody's own chat the card is changed in place, once a second.

Teams' own streams (typing with ``streaminfo``) always are a message of their own, which whoever began it has to end
within two minutes. The answer belongs into a card that stands, and its end comes through the outbox, maybe from another
process: docs/teams.md. Whether the card still stands is looked at before (``bot.streams``): a bot cannot see what is in
Teams, but every change of a card is a row of the outbox.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import structlog

from bot.gateway import Delivery, Uncertain, Undeliverable
from bot.teams.connector import Refused
from bot.teams.delivery import Deliverer
from bot.teams.reach import PLATFORM, Target, where
from bot.teams.store import PERSONAL

log = structlog.get_logger(__name__)
STREAMED = 1.0  # seconds between two changes
MOST = 10
"""So many cards grow at a time in a process: each takes a request a second of the tenant's fifty."""
_OVER = 30.0  # seconds after which a card that grew no more is not counted


@dataclass
class _Growing:
    """A card that grows: where it is, and when it grew last."""

    to: Target
    at: float


class Streams:
    """The cards that grow now. For one event loop."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer
        self._growing: dict[int, _Growing] = {}

    async def show(self, delivery: Delivery) -> float | None:
        """See ``Gateway.stream``."""
        if delivery.reference is None or where(delivery)[0] != delivery.conversation:
            return None
        growing = self._growing.pop(delivery.outbox_id, None) or await self._begun(delivery)
        if growing is None:
            return None
        try:
            await self._deliverer.change(delivery, replace(growing.to, card=delivery.card))
        except (Refused, Uncertain, Undeliverable) as error:
            log.info("not streamed", platform=PLATFORM, error=type(error).__name__)
            return None
        self._growing[delivery.outbox_id] = replace(growing, at=time.monotonic())
        return STREAMED

    async def _begun(self, delivery: Delivery) -> _Growing | None:
        """``None`` where it is no own chat, or enough is growing."""
        moment = time.monotonic()
        self._growing = {id: each for id, each in self._growing.items() if each.at > moment - _OVER}
        if len(self._growing) >= MOST:
            return None
        to = await self._deliverer.target(delivery)
        is_own = to.kind == PERSONAL and to.external is not None and to.unreachable is None
        return _Growing(to, moment) if is_own else None
