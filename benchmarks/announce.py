"""Announce: one announcement to 100,000 people on Slack and Teams, by two workers that are killed, while people ask.

The platforms are simulated with their real limits; all of their seconds, and Agora's leases, deadlines and looks, go
SCALE times faster. 1% of the answers are lost (half of those messages are, too), and each worker is killed twice.

Run A: 5% of the messages are refused for no reason, for one to three seconds: half of them for all of the workspace, in
Teams a tenth for all of the tenant, the others for that conversation. Everybody must be in exactly one final state,
nobody have it twice but those counted as uncertain, and nothing be sent before a pause is over. The rate is compared
with that of an ideal sender without latency, which is told every limit and every pause. Run B: Slack only, which takes
fewer a minute than anybody is told.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text as sql

from benchmarks import company
from benchmarks.announce_crowd import Crowd, Place, enqueue
from benchmarks.announce_platforms import ideal
from benchmarks.announce_run import Asking, Running
from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, percentile
from models.base import reading

SCALE = 2.0
PEOPLE = 100_000
THROTTLED, LOST, HIDDEN = 0.05, 0.01, 480
SEED = 20261122
IDLE, MEANWHILE = 100, 500  # questions
GOAL, ENQUEUED, SLOWER, REFUSED, GROWTH = 0.95, 5.0, 2.0, 0.001, 1.1
MIXED = (*(Place("slack", f"T{n}", 8) for n in range(6)), *(Place("teams", f"tenant{n}", 26) for n in range(2)))
"""Installations, and how much of the crowd is in each: so many that all would take equally long."""
SLACK = tuple(Place("slack", f"T{n}", 1) for n in range(16))
_ENDED = sql("select coalesce(state, 'none') as state, count(*) from posted_card where about = :about group by 1")
_CERTAIN = sql("select outbox_id from posted_card where about = :about and state = 'sent'")
_UNSURE = sql("select outbox_id from posted_card where about = :about and state = 'uncertain'")


@dataclass
class Found:
    """What came of a run; seconds are the platforms'."""

    people: int
    seconds: float = 0.0
    enqueued: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    """Who has it twice and is not counted as uncertain."""
    missing: int = 0
    """Who is said to have it, and does not."""
    refused: int = 0
    early: int = 0
    growth: float = 0.0
    memory: float = 0.0
    steady: tuple[float, int, int] = (0.0, 0, 0)
    """Once every limit was learned: the seconds, what was taken, and what was refused."""


def run(options: Options) -> Iterator[Row]:
    """The figures of both runs."""
    people = options.of(PEOPLE, least=200)
    with fresh_database() as url:
        company.found()
        asking = Asking(SLACK[0].installation)
        crowd = Crowd(people)
        crowd.move_into(MIXED)
        a = asyncio.run(_announce(url, crowd, THROTTLED, None, asking, options))
        yield from _run_a(a, crowd, asking)
        crowd.move_into(SLACK)
        b = asyncio.run(_announce(url, crowd, 0.0, HIDDEN, None, options))
        yield _run_b(b)


def _run_a(a: Found, crowd: Crowd, asking: Asking) -> Iterator[Row]:
    best = max(ideal(place.platform, count, THROTTLED, SEED + n)
               for n, (place, count) in enumerate(crowd.counts.items()))  # fmt: skip
    ratio = best / a.seconds
    figures = {"people": a.people, "rate": a.people / a.seconds, "ratio": ratio, "sent": a.ended["sent"],
               "uncertain": a.ended["uncertain"], "failed": a.ended["failed"], "twice": a.twice, "missing": a.missing,
               "refused": a.refused, "early": a.early}  # fmt: skip
    all_well = sum(a.ended.values()) == a.people and not a.ended["none"] and not (a.twice or a.missing or a.early)
    note = (f"time goes {SCALE:g} times faster; in the platforms' time {a.seconds:,.0f} s, the ideal {best:,.0f} s; "
            f"{len(crowd.counts)} installations, four kills")  # fmt: skip
    yield Row("announce", figures, f"ratio ≥ {GOAL}, none twice or early", ratio >= GOAL and all_well, note)
    flat = {"memory_mb": a.memory, "growth": a.growth}
    yield Row("announce: memory of a worker", flat, f"growth ≤ {GROWTH}", a.growth <= GROWTH)
    enqueued = {"seconds": a.enqueued, "rate": a.people / a.enqueued}
    yield Row("announce: enqueued", enqueued, f"< {ENQUEUED:g} s", a.enqueued < ENQUEUED)
    idle = percentile([each.own for each in asking.idle], 0.99)
    for name, waited in (("enqueueing", asking.enqueueing), ("sending", asking.sending)):
        own, all_of_it = [each.own for each in waited], [each.seconds for each in waited]
        ratio = percentile(own, 0.99) / idle
        figures = {"questions": len(own), "p50_ms": percentile(own, 0.5) * 1000, "p99_ms": percentile(own, 0.99) * 1000,
                   "idle_p99_ms": idle * 1000, "ratio": ratio,
                   "with_pauses_p99_ms": percentile(all_of_it, 0.99) * 1000}  # fmt: skip
        note = (
            "without the time in which the platform takes nothing in that workspace or channel, half of it in this run"
        )
        yield Row(f"announce: answering while {name}", figures, f"ratio ≤ {SLOWER:g}", ratio <= SLOWER, note)


def _run_b(b: Found) -> Row:
    seconds, taken, refused = b.steady
    limit = HIDDEN / 60 * len(SLACK)
    share = refused / max(1, taken + refused)
    ratio = taken / seconds / limit if seconds else 0.0
    figures = {"people": b.people, "rate": taken / seconds if seconds else 0.0, "ratio": ratio, "refused_share": share,
               "refused": b.refused, "twice": b.twice, "missing": b.missing, "early": b.early}  # fmt: skip
    well = ratio >= GOAL and share <= REFUSED and not (b.twice or b.missing or b.early)
    goal = f"ratio ≥ {GOAL}, refused_share ≤ {REFUSED}"
    note = (f"{len(SLACK)} workspaces of {HIDDEN} a minute; rate, ratio and refused_share once all limits were "
            f"learned, for {seconds:,.0f} s of {b.seconds:,.0f} s")  # fmt: skip
    return Row("announce: a limit that is not told", figures, goal, well, note)


async def _announce(
    url: str, crowd: Crowd, throttled: float, hidden: int | None, asking: Asking | None, options: Options
) -> Found:
    found = Found(len(crowd.people))
    async with Running(url, SCALE, throttled, LOST, SEED, hidden) as running:
        if asking is not None:
            asking.idle = await asking.ask(running.wire, options.of(IDLE, least=5))
        began = time.monotonic()
        enqueueing = asyncio.create_task(asyncio.to_thread(enqueue, crowd.people))
        if asking is not None:
            asking.enqueueing = await asking.ask(running.wire, 10**6, until=enqueueing, apart=0.02)
        found.enqueued = await enqueueing
        sending = asyncio.create_task(running.until_sent(len(crowd.people)))
        if asking is not None:
            count = options.of(MEANWHILE, least=5)
            asking.sending = await asking.ask(running.wire, count, sending, 0.3, running.killed)
        await sending
        found.seconds = (time.monotonic() - began) * SCALE
        said = await running.wire.ask(kind="count")
        found.refused, found.early = said["refused"], said["early"]
        found.memory, found.growth, found.steady = running.memory, running.growth, running.steady(SCALE)
        posted = set((await running.wire.ask(kind="posted"))["posted"])
        _settle(found, posted, (await running.wire.ask(kind="twice"))["twice"])
    return found


def _settle(found: Found, posted: set[int], twice: Sequence[int]) -> None:
    """What the rows say, beside what stands on the platforms."""
    about = {"about": crowd_about()}
    with reading() as session:
        found.ended = Counter({row.state: row.count for row in session.execute(_ENDED, about)})
        certain = set(session.scalars(_CERTAIN, about))
        unsure = set(session.scalars(_UNSURE, about))
    found.missing = len(certain - posted)
    found.twice = len(set(twice) - unsure)


def crowd_about() -> str:
    """What the cards of the crowd are about."""
    return Crowd.ABOUT


if __name__ == "__main__":
    main(run, description=__doc__)
