"""What is being written, shown as it grows: best-effort, kept by nobody. The final card goes through the outbox.

A stream takes the place of a card that stands, and only where it still stands: whatever else became of the message
meanwhile is left alone. Only gateways that can tell have streams (``Gateway.stream``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import structlog
from sqlalchemy import select

from bot.cards import Card
from bot.gateway import EDIT, Delivery, Gateway
from bot.sending import readers
from bot.texts import Reader
from models.base import reading
from models.mail import PostedCard

log = structlog.get_logger(__name__)
_WAIT = 2.0  # seconds for one update


class Stream:
    """Shows cards in place of ``before``, which is about ``about``. For threads, never for the event loop."""

    def __init__(self, about: str, before: Card) -> None:
        self._about, self._before = about, before
        self._not_before = 0.0
        self.shown = False
        """Whether something of it may stand anywhere."""

    def show(self, card: Card) -> None:
        """Show ``card``, if that can be done now; never raises."""
        if _ways is None or time.monotonic() < self._not_before:
            return
        try:
            self._not_before = time.monotonic() + self._show(*_ways, card)
        except Exception as error:
            log.info("not streamed", error=type(error).__name__)
            self._not_before = float("inf")

    def _show(self, gateways: Mapping[str, Gateway], loop: asyncio.AbstractEventLoop, card: Card) -> float:
        """Seconds until the next may come."""
        deliveries = _deliveries(self._about, card)
        pauses = []
        for platform, delivery in deliveries:
            updating = gateways[platform].stream(delivery, self._before)
            self.shown = True
            pause = asyncio.run_coroutine_threadsafe(updating, loop).result(_WAIT)
            if pause is not None:
                pauses.append(pause)
        if not pauses:
            return float("inf") if deliveries else 0.0  # not posted yet: perhaps the next time
        self._before = card
        return max(pauses)


_ways: tuple[Mapping[str, Gateway], asyncio.AbstractEventLoop] | None = None


def use(gateways: Mapping[str, Gateway] | None, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """From now on streams go through ``gateways``, which live in ``loop``; ``None``: nowhere."""
    global _ways
    _ways = (gateways, loop) if gateways is not None and loop is not None else None


def _deliveries(about: str, card: Card) -> list[tuple[str, Delivery]]:
    with reading() as session:
        posted = session.scalars(
            select(PostedCard).where(PostedCard.about == about, PostedCard.reference.is_not(None))
        ).all()
        there = readers(session, {(one.platform, one.installation, one.conversation) for one in posted})
    return [
        (one.platform, Delivery(one.outbox_id, one.installation, one.conversation, EDIT, card,
                                there.get((one.platform, one.installation, one.conversation), Reader("en")),
                                reference=one.reference, person_id=one.person_id))
        for one in posted
    ]  # fmt: skip
