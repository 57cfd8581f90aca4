"""A platform that can fail in every way, and messages to be sent to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.cards import User, simple, to_json
from bot.gateway import DELETE, EDIT, POST, Delivery, Uncertain
from bot.outbox import OutboxWorker
from models.mail import Outbox, PostedCard, lane_of
from tests.bot.queues import outbox, patiently
from tests.chat import FakePlatform

Fault = Exception | Callable[[], Any]


class Faulty(FakePlatform):
    """Before or after each delivery the next fault of its text happens. As it keeps no record of what it was asked to
    post, what is delivered twice stands there twice."""

    def __init__(self, name: str = "slack", can_tell: bool = True) -> None:
        super().__init__(name)
        self.before: dict[str, list[Fault]] = {}
        self.after: dict[str, list[Fault]] = {}
        self.asked: list[int] = []
        self.said: list[str] = []
        self.can_tell = can_tell

    async def deliver(self, delivery: Delivery) -> str:
        """With faults."""
        text = delivery.card.summary.text if delivery.card else ""  # type: ignore[union-attr]
        await self._fault(self.before, text)
        if delivery.operation == POST:
            self.by_outbox.pop(delivery.outbox_id, None)
        self.said.append(text or delivery.operation)
        id = await super().deliver(delivery)
        await self._fault(self.after, text)
        return id

    async def reconcile(self, delivery: Delivery) -> str | None:
        """What was delivered is known, where the platform can tell."""
        self.asked.append(delivery.outbox_id)
        if not self.can_tell:
            raise Uncertain("it cannot be read back")
        return await super().reconcile(delivery)

    async def _fault(self, faults: dict[str, list[Fault]], text: str) -> None:
        if faults.get(text):
            fault = faults[text].pop(0)
            if isinstance(fault, Exception):
                raise fault
            result = fault()
            if asyncio.iscoroutine(result):
                await result

    def standing(self) -> list[str]:
        """The texts that can be read there, oldest first."""
        return [message.text for message in self.shown.values()]


def sent(text: str, place: str = "c", about: str | None = None) -> int:
    """A message is to be posted; its number."""
    return _row(POST, place, {"card": to_json(simple(User(text)))}, about)


def edited(text: str, posted: int, place: str = "c") -> int:
    """The card that the delivery ``posted`` posts is to read so."""
    card = patiently(lambda session: session.query(PostedCard).filter_by(outbox_id=posted).one().id)
    return _row(EDIT, place, {"card": to_json(simple(User(text))), "posted": card}, None)


def deleted(posted: int, place: str = "c") -> int:
    """The card that the delivery ``posted`` posts is to go."""
    card = patiently(lambda session: session.query(PostedCard).filter_by(outbox_id=posted).one().id)
    return _row(DELETE, place, {"posted": card}, None)


def _row(operation: str, place: str, payload: dict[str, Any], about: str | None) -> int:
    def add(session: Any) -> int:
        row = Outbox(lane=lane_of("slack", "here", place), platform="slack", installation="here", conversation=place,
                     operation=operation, payload=payload, correlation="x")  # fmt: skip
        session.add(row)
        session.flush()
        if about:
            session.add(PostedCard(about=about, outbox_id=row.id, platform="slack", installation="here",
                                   conversation=place))  # fmt: skip
        return int(row.id)

    return patiently(add)


@asynccontextmanager
async def outbox_worker(platform: FakePlatform, holder: str = "test") -> AsyncIterator[OutboxWorker]:
    """A worker at work."""
    worker = OutboxWorker({platform.name: platform}, holder)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def states() -> list[str]:
    """How each row stands, oldest first."""
    return [row.state for row in outbox()]
