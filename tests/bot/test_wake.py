"""Being woken: promptly, and again after the connection was lost."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import wake as module
from bot.wake import Wake
from tests.bot.queues import cut_connections, run_sql, until

CHANNEL, OTHER = "agora_test", 'odd "channel"'


@asynccontextmanager
async def listening(url: str, *channels: str) -> AsyncIterator[dict[str, list[str]]]:
    """What was heard, by channel. Every channel says "" when it begins to listen."""
    wake, heard = Wake(url), defaultdict[str, list[str]](list)
    for channel in channels:
        wake.on(channel, heard[channel].append)
    wake.start()
    await until(lambda: all(heard[channel] for channel in channels))
    try:
        yield heard
    finally:
        await asyncio.to_thread(wake.stop)


def notify(channel: str, payload: str = "") -> None:
    run_sql("select pg_notify(:channel, :payload)", channel=channel, payload=payload)


async def test_each_channel_hears_its_own(db: str) -> None:
    async with listening(db, CHANNEL, OTHER) as heard:
        notify(CHANNEL, "one"), notify(OTHER, "שתיים"), notify("agora_elsewhere", "three")
        await until(lambda: len(heard[CHANNEL]) == len(heard[OTHER]) == 2)
    assert heard == {CHANNEL: ["", "one"], OTHER: ["", "שתיים"]}


async def test_nothing_is_missed_however_much_there_is_at_once(db: str) -> None:
    async with listening(db, CHANNEL) as heard:
        run_sql("select pg_notify(:channel, n::text) from generate_series(1, 3000) n", channel=CHANNEL)
        for n in range(50):
            notify(CHANNEL, f"one {n}")
        await until(lambda: len(heard[CHANNEL]) == 3051)
    assert heard[CHANNEL][1:3001] == [str(n) for n in range(1, 3001)]


async def test_after_a_lost_connection_it_listens_again_and_says_so(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RECONNECT", 0.05)
    async with listening(db, CHANNEL) as heard:
        for n in range(3):
            cut_connections()
            await until(lambda n=n: heard[CHANNEL].count("") == n + 2)
            notify(CHANNEL, str(n))
            await until(lambda n=n: str(n) in heard[CHANNEL])


async def test_a_listener_that_fails_deafens_nobody(db: str) -> None:
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["message"]))
    wake, heard = Wake(db), list[str]()
    wake.on(CHANNEL, lambda payload: 1 / 0)
    wake.on(CHANNEL, heard.append)
    wake.start()
    await until(lambda: heard)
    notify(CHANNEL, "still here")
    await until(lambda: "still here" in heard)
    await asyncio.to_thread(wake.stop)
    assert len(faults) == 2
