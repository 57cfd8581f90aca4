"""What is being written, shown as it grows: in somebody's own chat the card is changed in place, once a second.

Teams' own streams (typing with ``streaminfo``) always are a message of their own, which whoever began it has to end
within two minutes. The answer belongs into a card that stands, and its end comes through the outbox, maybe from another
process: docs/teams.md. A bot cannot see what stands in Teams, but every change of a card is a row of the outbox.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import structlog
from sqlalchemy import text as sql

from bot.cards import Card, to_json
from bot.gateway import Delivery, Throttled, Uncertain, Undeliverable
from bot.teams.connector import Refused
from bot.teams.delivery import Deliverer
from bot.teams.reach import PLATFORM, Target, where
from bot.teams.store import PERSONAL
from models.base import reading, transaction
from models.mail import DROPPED, FAILED, NEW, Outbox, lane_of

log = structlog.get_logger(__name__)
STREAMED = 1.0  # seconds between two changes
MOST = 10
"""So many cards grow at a time in a process: each takes a request a second of the tenant's fifty."""
_OVER = 30.0  # seconds after which a card that grew no more is not counted
_NEWEST = sql("""
select o.id, o.state, o.operation, o.payload, o.correlation from outbox o
left join posted_card p on p.outbox_id = :first
where o.lane = :lane and o.id >= :first and o.state not in (:failed, :dropped) and (
  o.id = :first or o.payload ->> 'posted' = p.id::text or o.payload ->> 'reference' = :reference)
order by o.id desc limit 1
""")


class Stands(NamedTuple):
    """The row of the outbox that made a card what it is, or is about to."""

    id: int
    state: str
    operation: str
    payload: dict[str, Any] | None
    correlation: str


@dataclass
class _Growing:
    """A card that grows: where it is, the row that it grows from, and when it grew last."""

    to: Target
    since: int
    at: float


class Streams:
    """The cards that grow now. For one event loop."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer
        self._growing: dict[int, _Growing] = {}

    async def show(self, delivery: Delivery, before: Card) -> float | None:
        """See ``Gateway.stream``."""
        if delivery.reference is None or where(delivery)[0] != delivery.conversation:
            return None
        stands = await asyncio.to_thread(_newest, delivery)
        growing = self._growing.get(delivery.outbox_id)
        if growing is None and stands is not None:
            growing = await self._begun(delivery, before, stands)
        if growing is None or stands is None or stands.id != growing.since:
            self._growing.pop(delivery.outbox_id, None)
            return None
        if await self._changed(delivery, growing):
            growing.at = time.monotonic()
            return STREAMED
        self._growing.pop(delivery.outbox_id, None)
        return None

    async def _begun(self, delivery: Delivery, before: Card, stands: Stands) -> _Growing | None:
        """``None`` where it is no own chat, something else stands there, or enough is growing."""
        moment = time.monotonic()
        self._growing = {id: each for id, each in self._growing.items() if each.at > moment - _OVER}
        if len(self._growing) >= MOST or (stands.payload or {}).get("card") != to_json(before):
            return None
        to = await self._deliverer.target(delivery)
        if to.kind != PERSONAL or to.external is None or to.unreachable is not None:
            return None
        growing = self._growing[delivery.outbox_id] = _Growing(to, stands.id, moment)
        return growing

    async def _changed(self, delivery: Delivery, growing: _Growing) -> bool:
        """Change it; whether that was possible. What became of it meanwhile comes once more."""
        try:
            await self._deliverer.change(delivery, replace(growing.to, card=delivery.card))
        except (Throttled, Refused, Uncertain, Undeliverable) as error:
            log.info("not streamed", platform=PLATFORM, error=type(error).__name__)
            return False
        finally:
            await asyncio.to_thread(_repeat, delivery, growing.since)
        return True


def _newest(delivery: Delivery) -> Stands | None:
    lane = lane_of(PLATFORM, delivery.installation, delivery.conversation)
    asked = {"lane": lane, "first": delivery.outbox_id, "reference": delivery.reference}
    with reading() as session:
        row = session.execute(_NEWEST, {**asked, "failed": FAILED, "dropped": DROPPED}).one_or_none()
    return Stands(*row) if row is not None else None


def _repeat(delivery: Delivery, since: int) -> None:
    """What was sent while the card grew may have arrived before that: it is sent again."""
    newest = _newest(delivery)
    if newest is None or newest.id == since or newest.state == NEW:
        return
    lane = lane_of(PLATFORM, delivery.installation, delivery.conversation)
    with transaction() as session:
        session.add(Outbox(platform=PLATFORM, installation=delivery.installation, conversation=delivery.conversation,
                           lane=lane, operation=newest.operation, payload=newest.payload,
                           correlation=newest.correlation))  # fmt: skip
        session.execute(sql("select pg_notify('agora_outbox', '')"))
