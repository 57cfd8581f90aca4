"""The outbox's worker: claims what is to be sent, gives it to the platform, and records each row by itself.

Claimed in one transaction, delivered outside any, recorded in another that gathers whatever ended within the same few
milliseconds. A row whose holder died while sending is asked about (``Gateway.reconcile``) before it is sent again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import metrics
from bot.cards import from_json
from bot.claims import claim, claim_statement
from bot.gateway import POST, Delivery, Gateway, Throttled, Uncertain, Undeliverable
from bot.texts import Reader
from bot.worker import by_lane
from models.base import now, transaction
from models.mail import DROPPED, FAILED, HELD, NEW, SENT, UNCERTAIN, PostedCard
from models.people import Person
from models.places import Place

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=30)
POLL = 1.0
MOST = 200
MOST_ATTEMPTS = 8
DEADLINE = 12.0  # less than half a lease: who is slow must still record what they did
_GATHER = 0.002
_CLAIM = claim_statement("outbox", ("platform", "installation", "conversation", "operation", "payload", "correlation"))
_RECORD = sql("""
with result as (
  select * from unnest(cast(:lane as int[]), cast(:id as bigint[]), cast(:attempts as int[]), cast(:state as text[]),
    cast(:reference as text[]), cast(:error as text[]), cast(:wait as float[]))
  as r(lane, id, attempts, state, reference, error, wait)
), card as (
  update posted_card p set reference = result.reference from result
  where p.outbox_id = result.id and result.state = 'sent' and result.reference is not null
)
update outbox o set state = result.state, reference = coalesce(result.reference, o.reference), error = result.error,
  holder = null, lease_until = null,
  attempts = o.attempts - (result.state = 'new' and result.error is null)::int, not_before = :now + result.wait *
  interval '1 second', done_at = case when result.state = 'new' then null else :now end
from result where o.lane = result.lane and o.id = result.id and o.state = 'held' and o.holder = :holder
  and o.attempts = result.attempts
""")


@dataclass(frozen=True)
class Outcome:
    """What came of a row: its new state, the platform's reference, what went wrong, and how long to wait (seconds)."""

    row: Any
    state: str
    reference: str | None = None
    error: str | None = None
    wait: float = 0.0


class OutboxWorker:
    """Delivers rows of the outbox through the gateways of this process."""

    def __init__(self, gateways: dict[str, Gateway], holder: str) -> None:
        self._gateways = gateways
        self._holder = holder
        self._awake = asyncio.Event()
        self._outcomes: asyncio.Queue[tuple[Outcome, asyncio.Future[None]]] = asyncio.Queue()
        self._lanes: set[asyncio.Task[None]] = set()

    def wake(self, _: str = "") -> None:
        """Look now."""
        self._awake.set()

    async def run(self) -> None:
        """Work until cancelled; then finish what is in hand."""
        recorder = asyncio.create_task(self._record_forever())
        try:
            while True:
                self._awake.clear()
                if not await self._round():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL):  # wait_for would swallow a cancellation that meets a wake-up
                            await self._awake.wait()
        finally:
            if self._lanes:
                await asyncio.shield(asyncio.wait(self._lanes, timeout=5))
            recorder.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await recorder

    async def _round(self) -> bool:
        """Claim and start what there is room for; whether there may be more."""
        if len(self._lanes) >= MOST:
            await asyncio.wait(self._lanes, return_when=asyncio.FIRST_COMPLETED)
        try:
            deliveries = await asyncio.to_thread(self._claim)
        except SQLAlchemyError as error:
            log.warning("cannot claim", error=type(error).__name__)
            await asyncio.sleep(POLL)
            return False
        for lane in by_lane(deliveries):
            task = asyncio.create_task(self._deliver_lane(lane))
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
            rows = claim(session, "outbox", _CLAIM, self._holder, MOST, LEASE)
            return _sendings(session, rows)

    async def _deliver_lane(self, lane: Sequence[Sending]) -> None:
        """One after another; what fails for now makes the rest of the lane wait too."""
        posted: dict[int, str] = {}
        give_back = time.monotonic() + LEASE.total_seconds() / 2
        for i, sending in enumerate(lane):
            outcome = await self._deliver(sending, posted)
            await self._record(outcome)
            if outcome.reference:
                posted[sending.id] = outcome.reference
            if outcome.state == NEW or time.monotonic() > give_back:
                for later in lane[i + 1 :]:
                    await self._record(Outcome(later, NEW))
                return

    async def _deliver(self, sending: Sending, posted: dict[int, str]) -> Outcome:
        with structlog.contextvars.bound_contextvars(correlation=sending.correlation):
            outcome = await self._attempt(sending, posted)
            metrics.delivered(sending.platform, outcome.state)
            log.info("delivered" if outcome.state == SENT else "not delivered", state=outcome.state,
                     operation=sending.operation, error=outcome.error)  # fmt: skip
            return outcome

    async def _attempt(self, sending: Sending, posted: dict[int, str]) -> Outcome:
        gateway = self._gateways.get(sending.platform)
        if gateway is None:
            return Outcome(sending, NEW, error="this process does not serve the platform", wait=5.0)
        try:
            delivery = sending.delivery(posted)
            if delivery is None:
                return Outcome(sending, DROPPED, error="what it would change was never posted")
            if sending.was == HELD and sending.operation == POST:
                known = await gateway.reconcile(delivery)
                if known is not None:
                    return Outcome(sending, SENT, known)
            async with asyncio.timeout(DEADLINE):
                return Outcome(sending, SENT, await gateway.deliver(delivery))
        except TimeoutError:
            return Outcome(sending, UNCERTAIN, error="no answer in time")
        except Throttled as throttled:
            return Outcome(sending, NEW, error="throttled", wait=throttled.seconds)
        except Undeliverable as reason:
            return Outcome(sending, FAILED, error=str(reason))
        except Uncertain as reason:
            return Outcome(sending, UNCERTAIN, error=str(reason))
        except Exception as error:
            return _broken(sending, error)

    async def _record(self, outcome: Outcome) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._outcomes.put((outcome, done))
        await done

    async def _record_forever(self) -> None:
        while True:
            batch = [await self._outcomes.get()]
            await asyncio.sleep(_GATHER)
            while not self._outcomes.empty():
                batch.append(self._outcomes.get_nowait())
            await self._record_batch([outcome for outcome, _ in batch])
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def _record_batch(self, outcomes: list[Outcome]) -> None:
        for pause in (0.1, 0.5, 2.0, 5.0):
            try:
                await asyncio.to_thread(self._write, outcomes)
                return
            except SQLAlchemyError as error:
                log.warning("cannot record", error=type(error).__name__)
                await asyncio.sleep(pause)
        log.error("not recorded: the rows will be asked about when their lease ends", rows=len(outcomes))

    def _write(self, outcomes: list[Outcome]) -> None:
        values: dict[str, Any] = {
            name: [getattr(outcome.row, name) for outcome in outcomes] for name in ("lane", "id", "attempts")
        }
        for name in ("state", "reference", "error", "wait"):
            values[name] = [getattr(outcome, name) for outcome in outcomes]
        with transaction() as session:
            session.execute(_RECORD, {**values, "now": now(), "holder": self._holder})


@dataclass(frozen=True)
class Sending:
    """A claimed row with what is needed to deliver it."""

    lane: int
    id: int
    attempts: int
    was: str
    platform: str
    installation: str
    conversation: str
    operation: str
    payload: dict[str, Any]
    correlation: str
    reader: Reader
    target: PostedCard | None

    def delivery(self, posted: dict[int, str]) -> Delivery | None:
        """What the gateway gets; ``None`` where a message is to be changed that never arrived. ``posted`` are the
        references that this lane has just learned."""
        reference = self.payload.get("reference")
        if self.target is not None:
            reference = posted.get(self.target.outbox_id) or self.target.reference
        if self.operation != POST and reference is None:
            return None
        card = self.payload.get("card")
        return Delivery(
            outbox_id=self.id,
            installation=self.installation,
            conversation=self.conversation,
            operation=self.operation,
            card=from_json(card) if card else None,
            reader=self.reader,
            thread=self.payload.get("thread"),
            reference=reference,
            only_for=self.payload.get("only_for"),
            person_id=self.payload.get("person_id"),
        )


def _sendings(session: Session, rows: Sequence[Any]) -> list[Sending]:
    """Claimed rows with their readers, and the cards that they change."""
    payloads = [row.payload or {} for row in rows]
    people = _by_id(session, Person, {p.get("person_id") for p in payloads})
    places = _by_id(session, Place, {p.get("place_id") for p in payloads})
    cards = _by_id(session, PostedCard, {p.get("posted") for p in payloads})
    sendings = []
    for row, payload in zip(rows, payloads, strict=True):
        person, place = people.get(payload.get("person_id")), places.get(payload.get("place_id"))
        reader = Reader(person.locale, person.timezone) if person else Reader(place.locale if place else "en")
        sendings.append(
            Sending(row.lane, row.id, row.attempts, row.was, row.platform, row.installation, row.conversation,
                    row.operation, payload, row.correlation, reader, cards.get(payload.get("posted")))
        )  # fmt: skip
    return sendings


def _by_id(session: Session, kind: type[Any], ids: set[Any]) -> dict[Any, Any]:
    wanted = [id for id in ids if id is not None]
    if not wanted:
        return {}
    return {row.id: row for row in session.scalars(select(kind).where(kind.id.in_(wanted)))}


def _broken(sending: Sending, error: Exception) -> Outcome:
    """The gateway failed in a way it does not know: try again for a while, then give up visibly."""
    log.warning("delivery failed", error=type(error).__name__, attempt=sending.attempts, exc_info=error)
    name = type(error).__name__
    if sending.attempts >= MOST_ATTEMPTS:
        return Outcome(sending, FAILED, error=name)
    return Outcome(sending, NEW, error=name, wait=min(60.0, 0.5 * 2**sending.attempts))
