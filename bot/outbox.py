"""The outbox's worker: claims what is to be sent, gives it to the platform, and records each row by itself.

Claimed in one transaction, delivered outside any, recorded in another that gathers whatever ended within the same few
milliseconds. A row whose holder died while sending is asked about (``Gateway.reconcile``) before it is sent again.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.claims import claim, claimed
from bot.gateway import EDIT, POST, Delivery, Gateway, Throttled, Uncertain, Undeliverable
from bot.masses import CLAIM_USUAL, LOOK, Masses, Wanted
from bot.pacing import HOLD, Pacing, Slot
from bot.recording import CLOSED, LOST, Outcome, Recorder
from bot.sending import Sending, sendings
from bot.slots import Line
from bot.wake import Sleeper
from bot.worker import by_lane
from models.base import transaction
from models.mail import DROPPED, FAILED, HELD, NEW, SENT, UNCERTAIN, USUAL

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=30)
POLL = 1.0
MOST = 200
MOST_ATTEMPTS = 8
DEADLINE = 12.0  # less than half a lease: who is slow must still record what they did
_APART = 0.02
"""Seconds from one claim to the next that is not full: every delivery that ends asks for one, and most would find
nothing."""
_MASS_APART = 0.1
"""Seconds from one claim of what many get to the next."""
_WAITS = "waits for its turn"


class CannotTell(Exception):
    """The platform does not know whether it arrived, and never will."""


class OutboxWorker(Recorder, Sleeper):
    """Delivers rows of the outbox through the gateways of this process."""

    def __init__(self, gateways: dict[str, Gateway], holder: str, pacing: Pacing | None = None) -> None:
        super().__init__(holder)
        self._gateways = gateways
        self._line = Line(pacing or Pacing())
        self._clock = self._line.pacing.clock
        self.masses = Masses(gateways, holder, self._line.pacing)
        self._lanes: set[asyncio.Task[None]] = set()
        self._mass_lanes: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled; then finish what is in hand."""
        recorder = asyncio.create_task(self._record_forever())
        masses = asyncio.create_task(self._masses_forever())
        try:
            while not masses.done():
                self.arise()
                began = time.monotonic()
                if not await self._round():
                    apart = max(_APART, 2 * (time.monotonic() - began))
                    await self.sleep(POLL)
                    await asyncio.sleep(began + apart - time.monotonic())
            masses.result()
        finally:
            await ended(masses)
            if in_hand := self._lanes | self._mass_lanes | self._telling:
                await asyncio.shield(asyncio.wait(in_hand, timeout=5))
            await ended(recorder)

    async def _round(self) -> bool:
        """Claim and start what there is room for; whether there may be more."""
        while len(self._lanes) - self._line.waiting >= MOST:
            await asyncio.wait(self._lanes, return_when=asyncio.FIRST_COMPLETED, timeout=POLL)
        give_back = self._clock() + LEASE.total_seconds() / 2
        try:
            deliveries = await claimed(self._claim, self._give_back)
        except SQLAlchemyError as error:
            log.warning("cannot claim", error=type(error).__name__)
            await asyncio.sleep(POLL)
            return False
        for lane in by_lane(deliveries):
            task = asyncio.create_task(self._deliver_lane(lane, give_back))
            self._lanes.add(task)
            task.add_done_callback(self._ended)
        return len(deliveries) >= MOST

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._lanes.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("lane ended badly", exc_info=error)
        self.wake()

    def _claim(self) -> list[Sending]:
        with transaction() as session:
            rows = claim(session, "outbox", CLAIM_USUAL, self._holder, MOST, LEASE, **self.masses.usual)
            return sendings(session, rows)

    # -- what many get

    async def _masses_forever(self) -> None:
        looked = -math.inf
        while True:
            if time.monotonic() - looked >= LOOK:
                looked = time.monotonic()
                await self.masses.look()
            if wanted := self.masses.wanted():
                await self._begin(wanted)
            await asyncio.sleep(_MASS_APART)

    async def _begin(self, wanted: Sequence[Wanted]) -> None:
        """Claim and start what the platforms can take."""
        give_back = self._clock() + LEASE.total_seconds() / 2
        try:
            deliveries = await claimed(partial(self._claim_masses, wanted), self._give_back)
        except SQLAlchemyError as error:
            log.warning("cannot claim", error=type(error).__name__)
            await asyncio.sleep(POLL)
            return
        for sending in deliveries:
            task = asyncio.create_task(self._deliver_lane([sending], give_back))
            self._mass_lanes.add(task)
            task.add_done_callback(self.masses.begun(sending))
            task.add_done_callback(self._mass_ended)

    def _mass_ended(self, task: asyncio.Task[None]) -> None:
        self._mass_lanes.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("lane ended badly", exc_info=error)

    def _claim_masses(self, wanted: Sequence[Wanted]) -> list[Sending]:
        with transaction() as session:
            rows = self.masses.claim(session, wanted, LEASE)
            return sendings(session, rows)

    # -- delivering

    async def _deliver_lane(self, lane: Sequence[Sending], give_back: float) -> None:
        """One after another; what fails for now makes the rest of the lane wait too. Nothing is begun so late that the
        lease may end on the way, which a process that was stopped for a while would do."""
        posted: dict[int, str] = {}
        for number, sending in enumerate(lane):
            if self._clock() > give_back:
                await self._give_back(lane[number:])
                return
            outcome = await self._deliver(sending, posted, give_back)
            if not outcome.over:
                await asyncio.gather(self._record(outcome), self._give_back(lane[number + 1 :]))
                return
            await self._record(outcome)
            if outcome.reference:
                posted[sending.id] = outcome.reference

    async def _give_back(self, lane: Sequence[Sending]) -> None:
        """They were not begun."""
        await asyncio.gather(*(self._record(Outcome(sending, sending.was, counts=False)) for sending in lane))

    async def _deliver(self, sending: Sending, posted: dict[int, str], give_back: float = math.inf) -> Outcome:
        with structlog.contextvars.bound_contextvars(correlation=sending.correlation):
            outcome = await self._attempt(sending, posted, give_back)
            while outcome.paused and outcome.wait <= HOLD and self._clock() < give_back:
                outcome = await self._attempt(sending, posted, give_back)
            if outcome.error == _WAITS:
                return outcome
            metrics.delivered(sending.platform, outcome.state)
            log.info("delivered" if outcome.state == SENT else "not delivered", state=outcome.state,
                     operation=sending.operation, error=outcome.error)  # fmt: skip
            return outcome

    async def _attempt(self, sending: Sending, posted: dict[int, str], give_back: float) -> Outcome:
        gateway = self._gateways.get(sending.platform)
        if gateway is None:
            return Outcome(sending, sending.was, error="this process does not serve it", wait=5.0, counts=False)
        slot: Slot | None = None
        try:
            delivery = sending.delivery(posted)
            if delivery is None:
                return Outcome(sending, DROPPED, error="what it would change was never posted")
            if sending.attempts > MOST_ATTEMPTS:
                return Outcome(sending, UNCERTAIN, error="whoever sent it died, again and again")
            paces = gateway.paces(delivery)
            wait = self._line.wait if sending.urgency == USUAL else self._line.last
            slot = await wait(paces, give_back, partial(gateway.prepare, delivery)) if paces else None
            if slot is not None and not slot.given:
                return Outcome(sending, sending.was, error=_WAITS, wait=slot.at - self._clock(), counts=False)
            async with asyncio.timeout(DEADLINE):
                reference, sent = await _deliver_once(gateway, sending, delivery, slot)
            if slot is not None:
                (self._line.pacing.taken if sent else self._line.pacing.give_back)(slot)
            return Outcome(sending, SENT, reference)
        except Throttled as throttled:
            return self._throttled(sending, throttled, slot)
        except Undeliverable as reason:
            told = (*((CLOSED,) if reason.closed else ()), *((LOST,) if sending.for_one else ()))
            return Outcome(sending, FAILED, error=str(reason), told=told if sending.operation == POST else ())
        except CannotTell as reason:
            return Outcome(sending, UNCERTAIN, error=str(reason))
        except Exception as error:
            return _unsure(sending, error)

    def _throttled(self, sending: Sending, throttled: Throttled, slot: Slot | None) -> Outcome:
        pacing = self._line.pacing
        if slot is not None:
            pacing.give_back(slot)
            pacing.refused(throttled.key, slot)
        if throttled.key is not None:
            pacing.pause(throttled.key, throttled.seconds)
            telling = asyncio.create_task(self.masses.paused(throttled.key, throttled.seconds))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)
        return Outcome(sending, sending.was, error="throttled", wait=throttled.seconds, counts=False,
                       paused=throttled.key is not None)  # fmt: skip


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel it, and wait until it has ended."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _deliver_once(gateway: Gateway, sending: Sending, delivery: Delivery, slot: Slot | None) -> tuple[str, bool]:
    """Deliver it, unless it arrived before: whoever held it last may have got that far. What was to take the place of a
    message that is gone stands for itself. Its reference, and whether it was sent just now. ``Throttled`` where a pause
    began while that was asked."""
    if sending.operation == POST and delivery.operation == EDIT:
        with contextlib.suppress(Undeliverable):
            return await gateway.deliver(delivery), True
        delivery = replace(delivery, operation=POST, reference=None)
    if sending.was == HELD and sending.operation == POST:
        try:
            if (known := await gateway.reconcile(delivery)) is not None:
                return known, False
        except Uncertain as reason:
            raise CannotTell(str(reason)) from reason
        if slot is not None and not slot.stands:
            raise Throttled(0.0)
    return await gateway.deliver(delivery), True


def _unsure(sending: Sending, error: Exception) -> Outcome:
    """No answer, or one that the gateway does not know: ask, and try again for a while, then give up visibly."""
    name = str(error) if isinstance(error, Uncertain) else type(error).__name__
    unknown = isinstance(error, TimeoutError | Uncertain)
    log.warning("delivery failed", error=name, attempt=sending.attempts, exc_info=None if unknown else error)
    if sending.attempts >= MOST_ATTEMPTS:
        return Outcome(sending, UNCERTAIN if unknown else FAILED, error=name)
    wait = min(60.0, 0.5 * 2**sending.attempts)
    return Outcome(sending, HELD if sending.operation == POST else NEW, error=name, wait=wait)
