"""Capture: every event is a committed row before it is acknowledged; many rows share one commit.

A gateway awaits ``capture()``; one thread gathers what is waiting, inserts it in one statement and commits. While it
commits, more gathers: the busier, the larger the batch.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Connection
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import metrics
from bot.inbound import SYSTEM, Inbound
from models.base import at_once, is_away, now
from models.mail import HELD, NEW, lane_of

LEASE = timedelta(seconds=30)
MOST = 256
WAKE = "agora_inbox"

# The events come as one JSON text: that costs a tenth of what arrays cost the client to write.
_EVENTS = """jsonb_to_recordset(cast(:events as jsonb)) as e(lane int, platform text, installation text,
  conversation text, kind text, key text, payload jsonb, state text, correlation text)"""
_INSERT = sql(f"""
with added as (
  insert into inbox (lane, platform, installation, conversation, kind, key, payload, state, attempts, holder,
                     lease_until, correlation, received_at, not_before)
  select lane, platform, installation, conversation, kind, key, payload, state, (state = 'held')::int,
         case when state = 'held' then :holder end,
         case when state = 'held' then cast(:lease_until as timestamptz) end,
         correlation, :at, :at
  from {_EVENTS}
  on conflict on constraint inbox_once do nothing
  returning id, correlation, state
)
select id, correlation, case when state = 'new' then pg_notify('{WAKE}', '') end from added
""")  # noqa: S608 the names are our own, never input
_EXISTING = sql(f"""
select e.correlation as sought, i.id, i.correlation
from inbox i join {_EVENTS} using (lane, platform, installation, conversation, kind, key)
""")  # noqa: S608


@dataclass(frozen=True)
class Event:
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


@dataclass(frozen=True)
class Captured:
    """Where an event is kept. Not ``fresh``: it had been captured before."""

    lane: int
    id: int
    fresh: bool
    correlation: str


def insert_events(session: Session | Connection, events: Sequence[Event], holder: str) -> list[Captured]:
    """Insert ``events`` in one statement, each once however often it comes; wakes the workers at commit."""
    rows = [_row(event) for event in events]
    values = {"events": orjson.dumps(rows).decode(), "holder": holder, "lease_until": now() + LEASE, "at": now()}
    added = {row.correlation: row.id for row in session.execute(_INSERT, values)}
    known = _known(session, [row for row in rows if row["correlation"] not in added])
    return [known.get(row["correlation"]) or Captured(row["lane"], added[row["correlation"]], True, row["correlation"])
            for row in rows]  # fmt: skip


def _row(event: Event) -> dict[str, Any]:
    return {
        "lane": event.lane,
        "platform": event.platform,
        "installation": event.installation,
        "conversation": event.conversation,
        "kind": event.kind,
        "key": event.key,
        "payload": event.payload,
        "state": HELD if event.now else NEW,
        "correlation": secrets.token_hex(6),
    }


def _known(session: Session | Connection, rows: Sequence[dict[str, Any]]) -> dict[str, Captured]:
    """Where the events of ``rows`` were kept before, or just now by an equal one of the same batch."""
    if not rows:
        return {}
    lanes = {row["correlation"]: row["lane"] for row in rows}
    found = session.execute(_EXISTING, {"events": orjson.dumps(rows).decode()})
    return {row.sought: Captured(lanes[row.sought], row.id, False, row.correlation) for row in found}


def from_system(kind: str, conversation: str, key: str, route: str, number: int, values: dict[str, Any]) -> Event:
    """An event of Agora itself: a timer that is due, a job that ended."""
    inbound = Inbound(SYSTEM, SYSTEM, conversation, kind, route=route, id=number, values=values)
    return Event(SYSTEM, SYSTEM, conversation, kind, key, inbound.to_json())


@dataclass
class _Waiting:
    event: Event
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Captured] = field(repr=False)


class InboxWriter:
    """The capturing thread of a process."""

    def __init__(self, holder: str) -> None:
        self._holder = holder
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._connection: Connection | None = None

    def start(self) -> None:
        """Begin to capture."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is waiting, then end."""
        self._queue.put(None)
        self._thread.join()

    async def capture(self, event: Event) -> Captured:
        """Keep ``event``; returns once it is committed. Raises what the database raised: then nothing is kept."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Captured] = loop.create_future()
        self._queue.put(_Waiting(event, loop, future))
        return await future

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._gather()
            if batch:
                self._write(batch)
        self._let_go()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        batch: list[_Waiting] = []
        first = self._queue.get()
        while first is not None:
            batch.append(first)
            if len(batch) >= MOST:
                return batch, True
            try:
                first = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _write(self, batch: list[_Waiting], again: bool = True) -> None:
        try:
            if self._connection is None:
                self._connection = at_once()
            results = insert_events(self._connection, [waiting.event for waiting in batch], self._holder)
        except Exception as error:
            self._let_go()
            self._not_written(batch, error, again)
            return
        _resolve(batch, results)
        events = (waiting.event for waiting, kept in zip(batch, results, strict=True) if kept.fresh)
        for (platform, kind), count in Counter((event.platform, event.kind) for event in events).items():
            metrics.captured(platform, kind, count)

    def _let_go(self) -> None:
        """Return the connection, which is kept from batch to batch: to get one takes longer than to insert."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _not_written(self, batch: list[_Waiting], error: Exception, again: bool) -> None:
        """Once more where a connection was lost; where the database is away nothing is kept; one bad row must not take
        the others with it."""
        if again and isinstance(error, DBAPIError) and error.connection_invalidated:
            self._write(batch, again=False)
        elif len(batch) == 1 or is_away(error):
            _resolve(batch, error)
        else:
            for waiting in batch:
                self._write([waiting])


def _resolve(batch: list[_Waiting], outcome: list[Captured] | Exception) -> None:
    """Give every waiter its result, with one call into each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Captured], Captured | Exception]]] = {}
    for i, waiting in enumerate(batch):
        result = outcome if isinstance(outcome, Exception) else outcome[i]
        loops.setdefault(waiting.loop, []).append((waiting.future, result))
    for loop, results in loops.items():
        try:
            loop.call_soon_threadsafe(_set, results)
        except RuntimeError:  # the loop has closed: nobody waits any more, and the row is safe
            continue


def _set(results: list[tuple[asyncio.Future[Captured], Captured | Exception]]) -> None:
    for future, result in results:
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
