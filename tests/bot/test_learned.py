"""A limit that nobody tells is found by what is refused, and pauses that have nothing to do with it are not taken for
one; in virtual time, with the platforms of the benchmark."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.announce_platforms import REFUSED, Platforms, ideal, paces
from bot.learned import MARGIN, STRIKES, Learned
from bot.pacing import Pacing
from bot.slots import Line
from tests.virtual import run

PEOPLE, WORKSPACE, FAR = 3_000, "T0", 0.05


async def _sent(people: int, throttled: float, hidden: int | None) -> tuple[float, list[bool], Platforms]:
    """Send to so many, twenty at a time: the seconds, whether each attempt was refused, and the platform."""
    clock = asyncio.get_running_loop().time
    platforms, line = Platforms(clock, throttled, 0.0, 20261122, hidden), Line(Pacing(clock))
    left, refused = list(range(people, 0, -1)), []

    async def prepare() -> None:
        return

    async def one() -> None:
        while left:
            person = left.pop()
            limits = paces("slack", WORKSPACE, f"U{person}")
            while not (slot := await line.last(limits, float("inf"), prepare)).given:
                await asyncio.sleep(slot.at - clock())
            await asyncio.sleep(FAR)
            answer = platforms.ask("slack", WORKSPACE, f"U{person}", person)
            await asyncio.sleep(FAR)
            refused.append(answer.kind == REFUSED)
            if answer.kind == REFUSED:
                line.pacing.give_back(slot)
                line.pacing.refused(answer.key)
                line.pacing.pause(answer.key, answer.seconds)
                left.insert(0, person)
            else:
                line.pacing.taken(slot)
            line.pacing.lessons()

    began = clock()
    await asyncio.gather(*(one() for _ in range(20)))
    return clock() - began, refused, platforms


@pytest.mark.parametrize("hidden", [300, 480])
def test_a_limit_that_is_not_told_is_found_and_then_kept(hidden: int) -> None:
    seconds, refused, platforms = run(_sent(PEOPLE, 0.0, hidden))
    assert set(platforms.posted.values()) == {1} and len(platforms.posted) == PEOPLE
    assert sum(refused) <= 30, "each time it is met all that is on its way is refused"
    assert sum(refused[PEOPLE // 2 :]) <= 0.001 * PEOPLE / 2 + 5, "and now and then more is tried"
    assert ideal("slack", PEOPLE, 0.0, 1, hidden) / seconds >= 0.95


def test_more_is_tried_as_long_as_nothing_is_refused() -> None:
    learned = Learned(600)
    for minute in range(1, 6):
        learned.taken(learned.most - 1)
        learned.look(60.0 * minute)
    assert learned.most > 800 and not learned.known


def test_pauses_that_have_nothing_to_do_with_the_rate_are_not_taken_for_a_limit() -> None:
    seconds, refused, _ = run(_sent(PEOPLE, 0.05, None))
    assert ideal("slack", PEOPLE, 0.05, 1) / seconds >= 0.95
    assert sum(refused) < 0.15 * PEOPLE


def test_what_one_process_learned_the_others_know() -> None:
    learned, other = Learned(600), Learned(600)
    for n in range(STRIKES):
        learned.refused(400, 60.0 * n)
    other.take_over(learned.to_json(), 1.0)
    assert learned.known and other.known and other.most == learned.most == int(400 * MARGIN)
    assert learned.changed and not other.changed
