"""Capture: every event is a committed row before it is acknowledged; many rows share one commit.

A gateway awaits ``capture()``; what is waiting is inserted in one statement, which commits. While it does, more
gathers: the busier, the larger the batch.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import orjson
from psycopg import AsyncConnection
from sqlalchemy.orm import Session

from bot import metrics
from bot.inbound import SYSTEM, Inbound
from models.base import at_once, now
from models.line import Line
from models.mail import HELD, NEW, lane_of

LEASE = timedelta(seconds=30)
MOST = 256
WAKE = "agora_inbox"

# The events come as one JSON text: that costs a tenth of what arrays cost the client to write.
_EVENTS = """jsonb_to_recordset(cast({events} as jsonb)) as e(lane int, platform text, installation text,
  conversation text, kind text, key text, payload jsonb, state text, correlation text)"""


def _insert(events: str, holder: str, lease_until: str, at: str) -> str:
    """The statement, with what its values are called where it runs."""
    return f"""
with added as (
  insert into inbox (lane, platform, installation, conversation, kind, key, payload, state, attempts, holder,
                     lease_until, correlation, received_at, not_before)
  select lane, platform, installation, conversation, kind, key, payload, state, (state = 'held')::int,
         case when state = 'held' then {holder} end,
         case when state = 'held' then cast({lease_until} as timestamptz) end,
         correlation, cast({at} as timestamptz), cast({at} as timestamptz)
  from {_EVENTS.format(events=events)}
  on conflict on constraint inbox_once do nothing
  returning id, correlation, state
)
select string_agg(correlation || id, ','), case when bool_or(state = 'new') then pg_notify('{WAKE}', '') end from added
"""  # noqa: S608 the names are our own, never input


_INSERT = _insert("%(events)s", "%(holder)s", "%(lease_until)s", "%(at)s")
_ON_LINE = _insert("$1", "$2", "$3", "$4")


def _select(events: str) -> str:
    """The statement that finds what had been captured before."""
    return f"""
select e.correlation, i.id, i.correlation
from inbox i join {_EVENTS.format(events=events)} using (lane, platform, installation, conversation, kind, key)
"""  # noqa: S608


_EXISTING, _EXISTING_ON_LINE = _select("%(events)s"), _select("$1")


class Event(NamedTuple):
    """Something that happened on a platform, known there by ``key``. ``now``: this process answers it in-band."""

    platform: str
    installation: str
    conversation: str
    kind: str
    key: str
    payload: dict[str, Any]
    now: bool = False

    @property
    def lane(self) -> int:
        """The lane of its conversation."""
        return lane_of(self.platform, self.installation, self.conversation)


class Captured(NamedTuple):
    """Where an event is kept. Not ``fresh``: it had been captured before."""

    lane: int
    id: int
    fresh: bool
    correlation: str


def insert_events(session: Session, events: Sequence[Event], holder: str) -> list[Captured]:
    """Insert ``events`` in one statement, each once however often it comes; wakes the workers at commit."""
    connection = session.connection()
    rows, moment = _rows(events), now()
    values = {"events": _dumps(rows).decode(), "holder": holder, "lease_until": moment + LEASE, "at": moment}
    kept = _kept(rows, connection.exec_driver_sql(_INSERT, values))
    missing = [row for row in rows if row["correlation"] not in kept]
    if missing:
        kept |= _known(missing, connection.exec_driver_sql(_EXISTING, {"events": _dumps(missing).decode()}))
    return [kept[row["correlation"]] for row in rows]


class _Store:
    """A connection of the event loop that inserts events, each batch committed by itself."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.line = Line(connection)

    async def insert(self, events: Sequence[Event], holder: str) -> list[Captured]:
        """As ``insert_events``, committed."""
        rows, moment = _rows(events), now()
        times = (moment + LEASE).isoformat().encode(), moment.isoformat().encode()
        kept = _kept(rows, await self.line.run(_ON_LINE, _dumps(rows), holder.encode(), *times))
        missing = [row for row in rows if row["correlation"] not in kept]
        if missing:
            kept |= _known(missing, await self.line.run(_EXISTING_ON_LINE, _dumps(missing)))
        return [kept[row["correlation"]] for row in rows]


def _rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    correlations = secrets.token_hex(6 * len(events))
    return [
        {
            "lane": event.lane,
            "platform": event.platform,
            "installation": event.installation,
            "conversation": event.conversation,
            "kind": event.kind,
            "key": event.key,
            "payload": event.payload,
            "state": HELD if event.now else NEW,
            "correlation": correlations[12 * i : 12 * i + 12],
        }
        for i, event in enumerate(events)
    ]


def _dumps(rows: Sequence[dict[str, Any]]) -> bytes:
    return orjson.dumps(rows)


def _kept(rows: Sequence[dict[str, Any]], added: Iterable[Sequence[Any]]) -> dict[str, Captured]:
    """Where the events of ``rows`` were added, by correlation: one text says all, which is read in a third of the time
    that rows take."""
    ((every, _),) = added
    ids = {each[:12]: int(each[12:]) for each in every.split(",")} if every else {}
    return {
        row["correlation"]: Captured(row["lane"], ids[row["correlation"]], True, row["correlation"])
        for row in rows
        if row["correlation"] in ids
    }


def _known(rows: Sequence[dict[str, Any]], found: Iterable[Sequence[Any]]) -> dict[str, Captured]:
    """Where the events of ``rows`` were kept before, or just now by an equal one of the same batch."""
    lanes = {row["correlation"]: row["lane"] for row in rows}
    return {sought: Captured(lanes[sought], int(id), False, correlation) for sought, id, correlation in found}


def from_system(kind: str, conversation: str, key: str, route: str, number: int, values: dict[str, Any]) -> Event:
    """An event of Agora itself: a timer that is due, a job that ended."""
    inbound = Inbound(SYSTEM, SYSTEM, conversation, kind, route=route, id=number, values=values)
    return Event(SYSTEM, SYSTEM, conversation, kind, key, inbound.to_json())


class _Waiting(NamedTuple):
    event: Event
    future: asyncio.Future[Captured]


class InboxWriter:
    """Captures what the gateways of a process hear, in their event loop: while one batch is on its way to the database
    the next one gathers."""

    def __init__(self, holder: str) -> None:
        self._holder = holder
        self._waiting: list[_Waiting] = []
        self._awake = asyncio.Event()
        self._ending = False
        self._task: asyncio.Task[None] | None = None
        self._store: _Store | None = None

    def start(self) -> None:
        """Begin to capture; call from the event loop."""
        self._task = asyncio.create_task(self._run(), name="capture")

    async def stop(self) -> None:
        """Write what is waiting, then end."""
        self._ending = True
        self._awake.set()
        if self._task is not None:
            await self._task

    async def capture(self, event: Event) -> Captured:
        """Keep ``event``; returns once it is committed. Raises what the database raised (``psycopg.Error``), or what is
        wrong with the event: then nothing is kept."""
        waiting = _Waiting(event, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._awake.set()
        return await waiting.future

    async def _run(self) -> None:
        """Half of those under way at a time: while the database keeps them, the event loop answers those kept before
        and hears what they send next. If it took all that wait, the two would wait for each other by turns."""
        written = 0
        while self._waiting or not self._ending:
            half = min(MOST, (len(self._waiting) + written + 1) // 2)
            batch, self._waiting = self._waiting[:half], self._waiting[half:]
            written = len(batch)
            if batch:
                await self._write(batch)
            else:
                self._awake.clear()
                await self._awake.wait()
        await self._let_go()

    async def _write(self, batch: list[_Waiting], again: bool = True) -> None:
        connected = self._store is not None
        try:
            if self._store is None:
                self._store = _Store(await at_once())
            results = await self._store.insert([waiting.event for waiting in batch], self._holder)
        except Exception as error:
            await self._not_written(batch, error, again and connected)
            return
        for waiting, captured in zip(batch, results, strict=True):
            if not waiting.future.done():
                waiting.future.set_result(captured)
        events = (waiting.event for waiting, captured in zip(batch, results, strict=True) if captured.fresh)
        for (platform, kind), count in Counter((event.platform, event.kind) for event in events).items():
            metrics.captured(platform, kind, count)

    async def _not_written(self, batch: list[_Waiting], error: Exception, again: bool) -> None:
        """Once more where a connection was lost; where the database is away nothing is kept; one bad row must not take
        the others with it."""
        lost = self._store is None or self._store.line.closed
        if lost:
            await self._let_go()
        if lost and again:
            await self._write(batch, again=False)
        elif lost or len(batch) == 1:
            for waiting in batch:
                if not waiting.future.done():
                    waiting.future.set_exception(error)
        else:
            for waiting in batch:
                await self._write([waiting])

    async def _let_go(self) -> None:
        if self._store is not None:
            await self._store.line.close()
            self._store = None
