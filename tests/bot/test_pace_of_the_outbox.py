"""Thousands of messages to a Slack that limits and pauses, by the real worker in virtual time: as fast as whoever is
told every limit and every pause, and nothing twice, lost or out of order."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import Any

import pytest

from benchmarks.slack_delivery import ideal
from bot import outbox as module
from bot.cards import User, simple
from bot.gateway import POST, Delivery, Gateway, Throttled
from bot.outbox import OutboxWorker
from bot.pacing import Pacing
from bot.recording import Outcome
from bot.sending import Sending
from bot.slack.clients import Clients
from bot.slack.delivery import Deliverer
from bot.texts import Reader
from tests.slack_faults import rolling
from tests.slack_server import SlackServer
from tests.virtual import run

MESSAGES, CHANNELS, SEED = 3_000, 200, 20261122
CARD = simple(User("x"))


class Rows:
    """An outbox in memory that claims as the database does: the oldest first, in order within each lane."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.waiting: dict[int, list[int]] = {n: list(range(n, MESSAGES, CHANNELS)) for n in range(CHANNELS)}
        self.due: dict[int, float] = defaultdict(float)
        self.held: dict[int, set[int]] = defaultdict(set)
        self.ended: dict[int, str] = {}
        self.claimed = 0

    def claim(self) -> list[Sending]:
        """Up to ``MOST`` of what may be sent now."""
        free = [lane for lane in self.waiting if not self.held[lane] and self.due[lane] <= self.clock()]
        found = sorted((row, lane) for lane in free for row in self.waiting[lane][:3])[: module.MOST]
        for row, lane in found:
            self.held[lane].add(row)
        self.claimed += len(found)
        return [self._sending(row, lane) for row, lane in found]

    def write(self, outcomes: list[Outcome]) -> None:
        """What came of them."""
        for outcome in outcomes:
            lane = outcome.row.lane
            if outcome.over:
                self.waiting[lane].remove(outcome.row.id)
                self.ended[outcome.row.id] = outcome.state
            elif self.waiting[lane][0] == outcome.row.id:
                self.due[lane] = self.clock() + outcome.wait
            self.held[lane].discard(outcome.row.id)

    def _sending(self, row: int, lane: int) -> Sending:
        return Sending(lane, row, 1, "new", "slack", "T1", f"C{lane}", POST, {}, "x", Reader(), None, None)


class Distant(Gateway):
    """Slack, as far away as it is."""

    name = "slack"

    def __init__(self, server: SlackServer) -> None:
        self._server = server
        self._paces = Deliverer(Clients(None, ""), "").paces  # type: ignore[arg-type]
        self._chance = random.Random(1)
        self.posted: dict[str, list[int]] = defaultdict(list)

    def paces(self, delivery: Delivery) -> Any:
        """Slack's."""
        return self._paces(delivery)

    async def deliver(self, delivery: Delivery) -> str:
        """There and back."""
        await asyncio.sleep(self._chance.uniform(0.02, 0.08))
        channel, method = self.paces(delivery)
        limited = self._server.ask("chat.postMessage", "T1", {"channel": delivery.conversation})
        if limited is None:
            self.posted[delivery.conversation].append(delivery.outbox_id)
        await asyncio.sleep(self._chance.uniform(0.02, 0.08))
        if limited is not None:
            raise Throttled(limited[1], (method if limited[0] == "ratelimited" else channel).key)
        return "1.0"


@pytest.mark.parametrize("share", [0.05, 0.0])
def test_nobody_who_knows_it_all_would_be_much_faster(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    async def directly(do: Any, *args: Any) -> Any:
        return do(*args)

    async def nothing(*_: Any) -> None:
        return None

    monkeypatch.setattr(asyncio, "to_thread", directly)
    monkeypatch.setattr(Sending, "delivery", lambda self, posted: Delivery(
        self.id, self.installation, self.conversation, self.operation, CARD, self.reader))  # fmt: skip

    async def work() -> tuple[float, Rows, Distant, SlackServer]:
        clock = asyncio.get_running_loop().time
        server = SlackServer(clock=clock, dice=rolling(share, 0.0, SEED))
        rows, slack = Rows(clock), Distant(server)
        worker = OutboxWorker({"slack": slack}, "test", Pacing(clock))
        monkeypatch.setattr(worker, "_claim", rows.claim)
        monkeypatch.setattr(worker, "_write", rows.write)
        monkeypatch.setattr(worker.masses, "look", nothing)
        monkeypatch.setattr(worker.masses, "paused", nothing)
        started = clock()
        running = asyncio.create_task(worker.run())
        while len(rows.ended) < MESSAGES:
            assert not running.done(), running.exception()
            await asyncio.sleep(0.5)
        seconds = clock() - started
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return seconds, rows, slack, server

    seconds, rows, slack, server = run(work())
    assert set(rows.ended.values()) == {"sent"} and len(rows.ended) == MESSAGES
    posted = [number for numbers in slack.posted.values() for number in numbers]
    assert sorted(posted) == list(range(MESSAGES)), "each once"
    assert all(numbers == sorted(numbers) for numbers in slack.posted.values()), "in the order of its channel"
    best = ideal(MESSAGES, CHANNELS, 1.0, share, 0.0, SEED)
    assert best / seconds >= 0.9, f"{best:.0f} s, and it took {seconds:.0f} s"
    assert server.overrun.total() == 0, "no limit was ever overdone"
    assert rows.claimed < 6 * MESSAGES, "and the database was not kept busy with waiting"
