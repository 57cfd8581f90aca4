"""Capture: an event is a committed row before anybody is told so, once however often it comes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import OperationalError

from bot.inbox import Captured, Event, InboxWriter
from models import base
from tests.bot.queues import cut_connections, event, inbox, run_sql

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def writer(db: str) -> AsyncIterator[InboxWriter]:
    writer = InboxWriter("test")
    writer.start()
    yield writer
    await writer.stop()


async def in_one_batch(events: list[Event]) -> list[Captured | BaseException]:
    """Captured together: the events wait before the writer begins to gather."""
    writer = InboxWriter("test")
    waiting = [asyncio.create_task(writer.capture(each)) for each in events]
    await asyncio.sleep(0)
    writer.start()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    await writer.stop()
    return list(results)


async def test_an_event_is_kept_before_it_is_acknowledged(writer: InboxWriter) -> None:
    captured = await writer.capture(event("1", text="hello"))
    (row,) = inbox()
    assert (row.lane, row.id, row.correlation) == (captured.lane, captured.id, captured.correlation)
    assert captured.fresh and row.payload == {"text": "hello"} and row.state == "new" and row.attempts == 0


async def test_an_event_that_comes_again_is_the_same(writer: InboxWriter) -> None:
    first = await writer.capture(event("1", text="first"))
    again = await writer.capture(event("1", text="again"))
    assert (again.id, again.correlation, again.fresh) == (first.id, first.correlation, False)
    assert [row.payload for row in inbox()] == [{"text": "first"}]


async def test_the_same_key_elsewhere_is_another_event(writer: InboxWriter) -> None:
    await writer.capture(event("1", "a"))
    await writer.capture(event("1", "b"))
    await writer.capture(Event("test", "there", "a", "message", "1", {}))
    await writer.capture(Event("test", "here", "a", "button", "1", {}))
    assert len(inbox()) == 4


async def test_the_same_event_many_times_in_one_batch(db: str) -> None:
    results = await in_one_batch([event("1"), event("2"), *[event("1")] * 20])
    assert [isinstance(each, Captured) and each.fresh for each in results] == [True, True, *[False] * 20]
    assert len({each.id for each in results if isinstance(each, Captured)}) == 2 == len(inbox())


async def test_writers_that_get_the_same_events_at_once(db: str) -> None:
    writers = [InboxWriter(f"w{n}") for n in range(3)]
    for each in writers:
        each.start()
    events = [event(str(n), f"c{n % 7}") for n in range(120)]
    tasks = [each.capture(one) for one in events for each in writers]
    results = await asyncio.gather(*tasks)
    for each in writers:
        await each.stop()
    assert len(inbox()) == 120
    assert set(Counter(each.id for each in results).values()) == {3}
    assert sum(each.fresh for each in results) == 120


def test_processes_that_get_the_same_events_at_once(db: str) -> None:
    command = [sys.executable, "-m", "tests.bot.capturing", db, "200"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    fresh = [int(each.communicate(timeout=60)[0]) for each in both]
    assert sum(fresh) == 200 == len(inbox())


BAD = {
    "a NUL in the words": event("bad", text="a\0b"),
    "half a surrogate pair in the words": event("bad", text="a\ud800b"),
    "a NUL in the key": event("b\0d"),
    "half a surrogate pair in the key": event("b\udfffd"),
    "a key too long for the index": event("".join(chr(0x4E00 + n) for n in range(9000))),
    "what is not JSON": event("bad", text=object()),
    "a number too large": event("bad", number=2**70),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_event_does_not_take_the_others_with_it(db: str, bad: Event) -> None:
    results = await in_one_batch([event("1"), bad, event("2")])
    assert [isinstance(each, Exception) for each in results] == [False, True, False]
    assert [row.key for row in inbox()] == ["1", "2"]


async def test_a_huge_event_is_kept_whole(writer: InboxWriter) -> None:
    words = "0123456789" * 800_000
    await writer.capture(event("1", text=words))
    assert run_sql("select length(payload->>'text') from inbox") == [(8_000_000,)]


async def test_where_the_database_is_away_nothing_is_acknowledged(db: str) -> None:
    base.connect(db.replace("/test_", "/not_there_"))
    results = await in_one_batch([event("1"), event("2")])
    assert all(isinstance(each, OperationalError) for each in results)
    base.connect(db)
    assert inbox() == []


async def test_connections_that_were_cut_are_not_the_events_problem(writer: InboxWriter) -> None:
    await writer.capture(event("1"))
    cut_connections()
    assert (await writer.capture(event("2"))).fresh
    assert [row.key for row in inbox()] == ["1", "2"]


async def test_who_stops_waiting_loses_nothing(db: str) -> None:
    writer = InboxWriter("test")
    given_up = asyncio.create_task(writer.capture(event("1")))
    await asyncio.sleep(0)
    given_up.cancel()
    writer.start()
    assert (await writer.capture(event("2"))).fresh
    await writer.stop()
    assert [row.key for row in inbox()] == ["1", "2"]


async def test_stopping_writes_what_waits(db: str) -> None:
    writer = InboxWriter("test")
    waiting = [asyncio.create_task(writer.capture(event(str(n)))) for n in range(600)]
    await asyncio.sleep(0)
    writer.start()
    await writer.stop()
    assert len(await asyncio.gather(*waiting)) == 600 == len(inbox())


async def test_in_band_events_are_held_by_whoever_captured_them(writer: InboxWriter) -> None:
    await writer.capture(event("1", now=True))
    (row,) = inbox()
    assert (row.state, row.holder, row.attempts) == ("held", "test", 1) and row.lease_until is not None


json = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)), max_leaves=8)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(st.tuples(st.text(max_size=8), st.dictionaries(st.text(max_size=5), json, max_size=3)),
                      max_size=6, unique_by=lambda each: each[0]))  # fmt: skip
def test_what_is_kept_is_what_came(db: str, batch: list[tuple[str, dict[str, Any]]]) -> None:
    run_sql("delete from inbox")
    results = asyncio.run(in_one_batch([event(key, **{"it": payload}) for key, payload in batch]))
    kept = {row.key: row.payload for row in inbox()}
    for (key, payload), result in zip(batch, results, strict=True):
        assert isinstance(result, Captured) == (key in kept)
        assert key not in kept or kept[key] == {"it": payload}
        assert isinstance(result, Captured) or any(map(_impossible, key + "".join(_words(payload))))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, str):
        yield value


def _impossible(character: str) -> bool:
    """Whether PostgreSQL cannot keep it."""
    return character == "\0" or "\ud800" <= character <= "\udfff"
