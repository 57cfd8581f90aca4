"""Capture: every event is a committed row before it is acknowledged; many rows share one commit.

A gateway awaits ``capture()``; one thread gathers what is waiting, inserts it in one statement and commits. While it
commits, more gathers: the busier, the larger the batch.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot import metrics
from bot.inbound import SYSTEM, Inbound
from models.base import now, transaction
from models.mail import HELD, NEW, lane_of

LEASE = timedelta(seconds=30)
MOST = 256
WAKE = "agora_inbox"

_INSERT = sql("""
insert into inbox (lane, platform, installation, conversation, kind, key, payload, state, attempts, holder, lease_until,
                   correlation, received_at, not_before)
select lane, platform, installation, conversation, kind, key, payload::jsonb, state, (state = 'held')::int,
       case when state = 'held' then :holder end,
       case when state = 'held' then cast(:lease_until as timestamptz) end,
       correlation, :at, :at
from unnest(cast(:lane as int[]), cast(:platform as text[]), cast(:installation as text[]), cast(:conversation as text[]),
            cast(:kind as text[]), cast(:key as text[]), cast(:payload as text[]), cast(:state as text[]),
            cast(:correlation as text[]))
  as e(lane, platform, installation, conversation, kind, key, payload, state, correlation)
on conflict on constraint inbox_once do nothing
returning lane, id, platform, installation, conversation, kind, key, correlation
""")
_EXISTING = sql("""
select i.lane, i.id, i.platform, i.installation, i.conversation, i.kind, i.key, i.correlation
from inbox i join unnest(cast(:lane as int[]), cast(:platform as text[]), cast(:installation as text[]),
  cast(:conversation as text[]), cast(:kind as text[]), cast(:key as text[]))
  as e(lane, platform, installation, conversation, kind, key)
using (lane, platform, installation, conversation, kind, key)
""")
_IDENTITY = ("lane", "platform", "installation", "conversation", "kind", "key")


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


def insert_events(session: Session, events: Sequence[Event], holder: str) -> list[Captured]:
    """Insert ``events`` in one statement, each once however often it comes; wakes the workers at commit."""
    columns = _columns(events)
    lease_until = now() + LEASE
    added = session.execute(_INSERT, {**columns, "holder": holder, "lease_until": lease_until, "at": now()}).all()
    found = {
        tuple(row[i] for i in (0, 2, 3, 4, 5, 6)): Captured(row.lane, row.id, True, row.correlation) for row in added
    }
    if len(found) < len(events):
        known = session.execute(_EXISTING, {name: columns[name] for name in _IDENTITY}).all()
        for row in known:
            old = Captured(row.lane, row.id, False, row.correlation)
            found.setdefault(tuple(row[i] for i in (0, 2, 3, 4, 5, 6)), old)
    if any(not event.now for event in events):
        session.execute(sql("select pg_notify(:channel, '')"), {"channel": WAKE})
    return _in_order(events, found)


def _columns(events: Sequence[Event]) -> dict[str, list[Any]]:
    return {
        "lane": [event.lane for event in events],
        **{name: [getattr(event, name) for event in events] for name in _IDENTITY[1:]},
        "payload": [orjson.dumps(event.payload).decode() for event in events],
        "state": [HELD if event.now else NEW for event in events],
        "correlation": [secrets.token_hex(6) for _ in events],
    }


def _in_order(events: Iterable[Event], found: dict[tuple[Any, ...], Captured]) -> list[Captured]:
    """One result an event; a second event of the same identity in one batch is not fresh."""
    results, seen = [], set()
    for event in events:
        identity = (event.lane, *(getattr(event, name) for name in _IDENTITY[1:]))
        kept = found[identity]
        results.append(Captured(kept.lane, kept.id, kept.fresh and identity not in seen, kept.correlation))
        seen.add(identity)
    return results


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

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            with transaction() as session:
                results = insert_events(session, [waiting.event for waiting in batch], self._holder)
        except Exception as error:
            if len(batch) > 1:  # one bad row must not take the others with it
                for waiting in batch:
                    self._write([waiting])
                return
            _resolve(batch, error)
            return
        for waiting, kept in zip(batch, results, strict=True):
            if kept.fresh:
                metrics.captured(waiting.event.platform, waiting.event.kind)
        _resolve(batch, results)


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
