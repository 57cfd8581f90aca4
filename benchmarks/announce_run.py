"""The processes of ``announce``: two workers that are killed, the platforms, and who asks meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from sqlalchemy import text as sql

from benchmarks import company
from benchmarks.announce_wire import Wire
from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from models.base import reading, transaction

KILLS = (0.2, 0.4, 0.6, 0.8)
"""When a worker is killed, in turn: by how much is done."""
_PATIENCE = 60.0  # seconds for an answer
_LEFT = sql("select exists (select from outbox where state in ('new', 'held'))")
_KNOWN = sql("select count(*) from allowance where (learned ->> 'known')::bool")
_MOVE = "update {} set platform = 'slack', installation = :to where installation = 'slack'"


class Running:
    """The platforms and the workers, while the block lasts."""

    def __init__(self, url: str, scale: float, throttled: float, lost: float, seed: int, hidden: int | None) -> None:
        self._url, self._scale, self._hidden = url, scale, hidden
        self._folder = tempfile.TemporaryDirectory()
        self._path = str(Path(self._folder.name) / "platforms")
        self._server = _start("announce_wire", self._path, scale, throttled, lost, seed, hidden or 0)
        self._workers: list[subprocess.Popen[str]] = []
        self.wire = Wire(self._path)
        self._memory: dict[int, list[float]] = defaultdict(list)
        self._counts: list[tuple[float, int, int]] = []
        self._learned: float | None = None
        self.killed: list[float] = []

    async def __aenter__(self) -> Running:
        while not Path(self._path).exists():
            await asyncio.sleep(0.05)
        self._workers = [self._worker(), self._worker()]
        await asyncio.gather(*map(_ready, self._workers))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        where: TracebackType | None) -> None:  # fmt: skip
        for each in (*self._workers, self._server):
            each.kill()
            each.wait()
        self._folder.cleanup()

    def _worker(self) -> subprocess.Popen[str]:
        return _start("announce_worker", self._url, self._path, self._scale)

    async def until_sent(self, people: int) -> None:
        """Look on until nothing waits, and kill workers on the way."""
        kills = list(KILLS)
        ready: asyncio.Task[None] | None = None
        while True:
            await asyncio.sleep(0.5)
            count = await self.wire.ask(kind="count")
            self._counts.append((count["at"], count["count"], count["refused"]))
            for each in self._workers:
                self._memory[each.pid].append(_memory_of(each.pid))
            if kills and count["count"] >= kills[0] * people and (ready is None or ready.done()):
                ready = self._kill(len(kills) % 2)
                kills.pop(0)
            if self._hidden and self._learned is None and await asyncio.to_thread(_known):
                self._learned = count["at"]
            if not await asyncio.to_thread(_left):
                return

    def _kill(self, number: int) -> asyncio.Task[None]:
        """Kill a worker and begin another; what is done when that one works."""
        self.killed.append(time.monotonic())
        self._workers[number].kill()
        self._workers[number].wait()
        self._workers[number] = self._worker()
        return asyncio.create_task(_ready(self._workers[number]))

    @property
    def memory(self) -> float:
        """The most that a worker took, in MB."""
        return max(max(each) for each in self._memory.values())

    @property
    def growth(self) -> float:
        """By how much the longest lives grew, from their second quarter to their last."""
        lives = [each for each in self._memory.values() if len(each) >= 40]
        quarters = [(each[len(each) // 4 : len(each) // 2], each[-(len(each) // 4) :]) for each in lives]
        return max((statistics.median(late) / statistics.median(early) for early, late in quarters), default=1.0)

    def steady(self, scale: float) -> tuple[float, int, int]:
        """Since every limit was learned, and before the last of it: the platforms' seconds, what was taken, refused."""
        if self._learned is None:
            return 0.0, 0, 0
        last = self._counts[-1][1]
        since = [each for each in self._counts if each[0] >= self._learned and each[1] <= 0.9 * last]
        if len(since) < 2:
            return 0.0, 0, 0
        first, end = since[0], since[-1]
        return (end[0] - first[0]) * scale, end[1] - first[1], end[2] - first[2]


class Waited(NamedTuple):
    """How long somebody waited for an answer; ``own``: not counting when their platform took nothing there."""

    seconds: float
    own: float


class Asking:
    """People of the demo company, in the workspace ``installation``; seconds until each was answered."""

    def __init__(self, installation: str) -> None:
        self._installation = installation
        self._asked = (one for one in company.questions() if one.installation == "slack")
        self._first = list(itertools.islice(self._asked, 1))  # what they may ask is read before they move
        self._numbers = itertools.count()
        with transaction() as session:
            for table in ("account", "place"):
                session.execute(sql(_MOVE.format(table)), {"to": installation})
        self.idle: list[Waited] = []
        self.enqueueing: list[Waited] = []
        self.sending: list[Waited] = []

    async def ask(
        self,
        wire: Wire,
        count: int,
        until: asyncio.Task[Any] | None = None,
        apart: float = 0.1,
        killed: Sequence[float] = (),
    ) -> list[Waited]:
        """Ask so many questions, one after another, or until that is done; how long each waited for its answer. Those
        that a worker had when it was ``killed`` are left out."""
        waited: list[Waited] = []
        for _ in range(count):
            if until is not None and until.done():
                break
            began = time.monotonic()
            message = f"q{next(self._numbers)}"
            await asyncio.to_thread(self._say, message)
            while (at := (done := await wire.ask(kind="answered", thread=message, since=began))["at"]) is None:
                if time.monotonic() - began > _PATIENCE:
                    raise RuntimeError("a question was not answered")
                await asyncio.sleep(0.005)
            if not any(began - 1 < moment < at for moment in killed):
                waited.append(Waited(at - began, at - began - done["paused"]))
            await asyncio.sleep(max(0.0, began + apart - time.monotonic()))
        return waited

    def _say(self, message: str) -> None:
        asked = next(self._asked)
        heard = Inbound("slack", self._installation, asked.channel, "message", actor=asked.account, text=asked.text,
                        mentioned=True, message=message)  # fmt: skip
        with transaction() as session:
            event = Event("slack", self._installation, asked.channel, "message", message, heard.to_json())
            insert_events(session, [event], "benchmark")


def _start(module: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def _ready(worker: subprocess.Popen[str]) -> None:
    """Wait until it works."""
    assert worker.stdout is not None
    await asyncio.to_thread(worker.stdout.readline)


def _memory_of(pid: int) -> float:
    """Resident memory of its own, in MB."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _left() -> bool:
    with reading() as session:
        return bool(session.execute(_LEFT).scalar_one())


def _known() -> bool:
    """Whether every limit was learned."""
    with reading() as session:
        known = session.execute(_KNOWN).scalar_one()
        senders = session.execute(sql("select count(*) from sender")).scalar_one()
    return bool(senders) and known >= senders
