"""What is being written, shown as it grows: best-effort, kept by nobody. The final card goes through the outbox.

A stream takes the place of a card that stands, and only where it still stands: whatever else became of the message
meanwhile is left alone. What the outbox has made of a card, or is about to, is looked at before each update; one that
meets a change on its way is set right at the end (``show_again``). Updates count against the platform's limits, and
take only what nobody else waits for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.cards import Card, to_json
from bot.gateway import EDIT, POST, Delivery, Gateway, Throttled
from bot.pacing import Pacing
from bot.sending import NOBODY_KNOWN, readers
from bot.turn import Turn
from models.base import reading
from models.mail import Outbox, PostedCard, lane_of

log = structlog.get_logger(__name__)
_WAIT = 2.0  # seconds for one update
_BUSY = 1.0  # seconds until it is tried again where others need the platform


@dataclass(frozen=True)
class _Ways:
    """How updates reach platforms."""

    gateways: Mapping[str, Gateway]
    loop: asyncio.AbstractEventLoop
    pacing: Pacing

    async def update(self, platform: str, delivery: Delivery, before: Card) -> tuple[bool, float | None]:
        """Whether it is shown, and how many seconds later more may be: ``None``, never."""
        gateway = self.gateways[platform]
        slot = self.pacing.spare(gateway.paces(delivery))
        if slot is None:
            return False, _BUSY
        try:
            pause = await gateway.stream(delivery, before)
        except Throttled as throttled:
            if throttled.key is not None:
                self.pacing.pause(throttled.key, throttled.seconds)
            return False, throttled.seconds
        if pause is None:
            self.pacing.give_back(slot)
        return pause is not None, pause


class Stream:
    """Shows cards in place of ``before``, which is about ``about``. For threads, never for the event loop."""

    def __init__(self, about: str, before: Card) -> None:
        self._about, self._first = about, before
        self._before: dict[int, Card] = {}  # what stands since, by the row of the outbox that posted the message
        self._not_before = 0.0
        self.shown = False
        """Whether something of it may stand anywhere."""

    def show(self, card: Card) -> None:
        """Show ``card``, if that can be done now; never raises."""
        if _ways is None or time.monotonic() < self._not_before:
            return
        try:
            self._not_before = time.monotonic() + self._show(_ways, card)
        except Exception as error:
            log.info("not streamed", error=type(error).__name__)
            self._not_before = float("inf")

    def _show(self, ways: _Ways, card: Card) -> float:
        """Seconds until the next may come."""
        posted, deliveries = _deliveries(self._about, self._first, card)
        pauses = [pause for each in deliveries if (pause := self._update(ways, *each)) is not None]
        if not pauses:
            return float("inf") if posted else 0.0  # not posted yet: perhaps the next time
        return max(pauses)

    def _update(self, ways: _Ways, platform: str, delivery: Delivery) -> float | None:
        before = self._before.get(delivery.outbox_id, self._first)
        updating = asyncio.run_coroutine_threadsafe(ways.update(platform, delivery, before), ways.loop)
        try:
            shown, pause = updating.result(_WAIT)
        except Exception:
            self.shown = True  # perhaps
            updating.cancel()
            raise
        if shown and delivery.card is not None:
            self.shown, self._before[delivery.outbox_id] = True, delivery.card
        return pause


_ways: _Ways | None = None


def use(
    gateways: Mapping[str, Gateway] | None,
    loop: asyncio.AbstractEventLoop | None = None,
    pacing: Pacing | None = None,
) -> None:
    """From now on streams go through ``gateways``, which live in ``loop``, at the ``pacing`` of what else they deliver;
    ``None``: nowhere."""
    global _ways
    _ways = _Ways(gateways, loop, pacing or Pacing()) if gateways is not None and loop is not None else None


def show_again(turn: Turn, about: str) -> None:
    """Something else became of the cards that are ``about`` this while a stream went on: whichever came last, they show
    what the outbox made of them."""
    for posted in turn.session.scalars(select(PostedCard).where(PostedCard.about == about)):
        latest = _latest(turn.session, posted)
        if latest is None or latest.payload is None:
            continue
        payload = {"card": latest.payload.get("card"), "posted": posted.id, "person_id": posted.person_id}
        operation = EDIT if latest.operation == POST else latest.operation
        turn.operate(operation, posted.platform, posted.installation, posted.conversation, payload)


def _deliveries(about: str, first: Card, card: Card) -> tuple[int, list[tuple[str, Delivery]]]:
    """How many cards are about it and posted, and how ``card`` would come to those that still are ``first``."""
    with reading() as session:
        posted = session.scalars(
            select(PostedCard).where(PostedCard.about == about, PostedCard.reference.is_not(None))
        ).all()
        standing = [one for one in posted if _shows(_latest(session, one), to_json(first))]
        there = readers(session, {(one.platform, one.installation, one.conversation) for one in standing})
    read = [there.get((one.platform, one.installation, one.conversation), NOBODY_KNOWN) for one in standing]
    return len(posted), [
        (one.platform, Delivery(one.outbox_id, one.installation, one.conversation, EDIT, card, by.reader,
                                reference=one.reference, person_id=one.person_id or by.person_id))
        for one, by in zip(standing, read, strict=True)
    ]  # fmt: skip


def _latest(session: Session, posted: PostedCard) -> Outbox | None:
    """What the outbox made of a card last, or is about to."""
    changes = or_(
        Outbox.id == posted.outbox_id,
        Outbox.payload["posted"].as_integer() == posted.id,
        (Outbox.payload["reference"].as_string() == posted.reference) & (Outbox.operation == EDIT),
    )
    lane = lane_of(posted.platform, posted.installation, posted.conversation)
    query = select(Outbox).where(Outbox.lane == lane, Outbox.id >= posted.outbox_id, changes)
    return session.scalars(query.order_by(Outbox.id.desc()).limit(1)).first()


def _shows(row: Outbox | None, card: dict[str, Any]) -> bool:
    return row is not None and (row.payload or {}).get("card") == card
