"""Slack delivery: a long run through a real socket to a Slack that limits, pauses and fails.

5 % of the posts are answered with 429 (half of them pause posting in the whole workspace, half in that channel, for one
to three seconds), 1 % fail in other ways (5xx and ``fatal_error`` before and after the effect, dropped connections).
Limits and pauses are SCALE times faster than Slack's; back-offs of our own are not. Afterwards every message must stand
there once, in the order of its channel, or be failed or uncertain.

The rate is compared with that of an ideal sender: one without latency, which is told every limit and every pause, and
meets the same number of 429s of the same kinds.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import orjson
from sqlalchemy import text as sql

from benchmarks.outbox import _card
from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main
from bot.cards import to_json
from bot.outbox import OutboxWorker
from bot.pacing import Pacing, Window
from bot.slack import limits
from models.base import reading, transaction
from models.mail import lane_of
from tests.slack_faults import rolling
from tests.slack_sending import sending
from tests.slack_server import SlackServer, counted

SCALE = 3.0
MESSAGES = 10_000
CHANNELS = 500
LIMITED, OTHERS = 0.05, 0.01
GOAL = 0.90

_FILL = sql("""
insert into outbox (lane, platform, installation, conversation, operation, payload, state, attempts, not_before,
  correlation, created_at)
select (cast(:lanes as int[]))[1 + n % :channels], 'slack', 'T1', 'C' || n % :channels, 'post',
  cast(:payload as jsonb), 'new', 0, now(), 'c' || n, now()
from generate_series(1, :messages) as n
""")
_LEFT = sql("select count(*) from outbox where state in ('new', 'held')")
_ENDED = sql("select state, count(*) from outbox group by state")


@dataclass(frozen=True)
class Run:
    """What came of a run: how rows ended, how many were posted twice or recorded and never posted, the seconds it took
    and the ideal's."""

    ended: dict[str, int]
    twice: int
    lost: int
    in_order: bool
    refused: int
    seconds: float
    ideal: float

    @property
    def ratio(self) -> float:
        """Our rate over the ideal's."""
        return self.ideal / self.seconds


def run(options: Options) -> Iterator[Row]:
    """The figures."""
    messages = options.of(MESSAGES, least=100)
    with fresh_database():
        done = asyncio.run(sent(messages, min(CHANNELS, max(10, messages // 20)), SCALE, seed=20261122))
    if done.twice or done.lost or sum(done.ended.values()) != messages:
        raise RuntimeError(f"of {messages}: {done}")
    delivered = done.ended.get("sent", 0)
    figures = {"rate": messages / done.seconds, "ratio": done.ratio, "delivered": delivered,
               "attempts": messages + done.refused}  # fmt: skip
    ends = ", ".join(f"{done.ended.get(state, 0):,} {state}" for state in ("sent", "failed", "uncertain"))
    note = (
        f"{messages:,} messages, limits and pauses {SCALE:g} times faster than Slack's: {done.seconds:.1f} s, the "
        f"ideal {done.ideal:.1f} s; {ends}, none twice, none lost, {'in order' if done.in_order else 'OUT OF ORDER'}"
    )
    yield Row("slack delivery", figures, f"ratio ≥ {GOAL}", done.ratio >= GOAL and done.in_order, note)


async def sent(messages: int, channels: int, scale: float, seed: int, checks: bool = False) -> Run:
    """Ask for so many messages and deliver them all."""
    _fill(messages, channels)
    server = SlackServer(scale=scale, checks=checks, dice=rolling(LIMITED, OTHERS, seed))
    async with sending(server) as gateway:
        worker = OutboxWorker({"slack": gateway}, "benchmark", Pacing(scale=scale))
        started = time.perf_counter()
        running = asyncio.create_task(worker.run())
        while await asyncio.to_thread(_left):
            await asyncio.sleep(0.1)
        seconds = time.perf_counter() - started
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    posted = server.deliveries()
    with reading() as session:
        ended = {state: int(count) for state, count in session.execute(_ENDED)}
        known = set(session.execute(sql("select id from outbox where state = 'sent'")).scalars())
    numbers = [[message["metadata"]["event_payload"]["id"] for message in each] for each in server.history.values()]
    return Run(
        ended, sum(count - 1 for count in posted.values()), len(known - set(posted)),
        all(each == sorted(each) for each in numbers), server.refused.total(), seconds,
        ideal(messages, channels, scale, LIMITED, OTHERS, seed),
    )  # fmt: skip


def ideal(messages: int, channels: int, scale: float, limited: float, others: float, seed: int) -> float:
    """The seconds of a sender without latency that knows when it may send and where, and never waits longer."""
    roll = rolling(limited, others, seed)
    workspace = Limit(counted("chat.postMessage"))
    left = {n: len(range(n, messages, channels)) for n in range(channels)}
    each = {n: Limit(limits.CHANNEL) for n in range(channels)}
    for n in range(600):  # it has been at work before: no minute begins with a burst
        workspace.take(n / 10 - 60)
    moment = 0.0
    while left:
        moment = workspace.free(moment)
        # among those that may be sent to, the one with the most to come
        number, at = min(((n, each[n].free(moment)) for n in left), key=lambda found: (found[1], -left[found[0]]))
        if at > moment:
            moment = at
            continue
        fault = roll("chat.postMessage")
        if fault is not None and fault.kind == "ratelimited":
            workspace.paused = moment + fault.seconds
        elif fault is not None and fault.kind == "rate_limited":
            each[number].paused = moment + fault.seconds
        else:
            workspace.take(moment), each[number].take(moment)
            left[number] -= 1
            if not left[number]:
                del left[number]
    return moment / scale


class Limit:
    """Windows and a pause, at Slack's own speed."""

    def __init__(self, windows: tuple[Window, ...]) -> None:
        self.windows = windows
        self.paused = 0.0
        self._taken: deque[float] = deque(maxlen=max(most for most, _ in windows))

    def free(self, moment: float) -> float:
        """The first moment from this one on."""
        waits = [self._taken[-most] + seconds for most, seconds in self.windows if len(self._taken) >= most]
        return max([moment, self.paused, *waits])

    def take(self, moment: float) -> None:
        """It is used."""
        self._taken.append(moment)


def _fill(messages: int, channels: int) -> None:
    payload = orjson.dumps({"card": to_json(_card()), "thread": None}).decode()
    lanes = [lane_of("slack", "T1", f"C{n}") for n in range(channels)]
    with transaction() as session:
        session.execute(sql("truncate outbox, posted_card"))
        session.execute(_FILL, {"lanes": lanes, "channels": channels, "messages": messages, "payload": payload})


def _left() -> int:
    with reading() as session:
        return int(session.execute(_LEFT).scalar_one())


if __name__ == "__main__":
    main(run, description=__doc__)
