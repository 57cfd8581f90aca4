"""A limit that nobody tells is found by what is refused, and pauses that have nothing to do with it are not taken for
one; in virtual time, with the platforms of the benchmark."""

from __future__ import annotations

import asyncio
import random

import pytest

from benchmarks.announce_platforms import REFUSED, Platforms, ideal, paces
from bot.learned import CLEARED, MARGIN, STRIKES, Learned
from bot.masses import HOLDS
from bot.pacing import Pacing
from bot.slots import Line
from tests.virtual import run

PEOPLE, WORKSPACE = 3_000, "T0"
FAR = (0.02, 0.12)
"""Seconds that a message takes to the platform, and its answer back: they overtake each other."""


class Sender:
    """Sends to so many, twenty at a time; notes of each attempt whether it was refused."""

    def __init__(self, people: int, throttled: float, hidden: int | None) -> None:
        self.clock = asyncio.get_running_loop().time
        self.platforms = Platforms(self.clock, throttled, 0.0, 20261122, hidden)
        self.line = Line(Pacing(self.clock))
        self.left, self.refused = list(range(people, 0, -1)), list[bool]()
        self._chance = random.Random(1)

    async def send(self) -> None:
        """All that are left."""
        await asyncio.gather(*(self._some() for _ in range(20)))

    async def _some(self) -> None:
        while self.left:
            await self._one(self.left.pop())

    async def _one(self, person: int) -> None:
        limits, pacing = paces("slack", WORKSPACE, f"U{person}"), self.line.pacing
        while not (slot := await self.line.last(limits, float("inf"), _nothing)).given:
            await asyncio.sleep(slot.at - self.clock())
        await asyncio.sleep(self._chance.uniform(*FAR))
        answer = self.platforms.ask("slack", WORKSPACE, f"U{person}", person)
        await asyncio.sleep(self._chance.uniform(*FAR))
        self.refused.append(answer.kind == REFUSED)
        if answer.kind == REFUSED:
            pacing.give_back(slot)
            pacing.refused(answer.key, slot)
            pacing.pause(answer.key, answer.seconds)
            self.left.insert(0, person)
        else:
            pacing.taken(slot)

    def another(self) -> None:
        """Another process goes on, after this one has died a moment after it said last how far it was."""
        [(_, pace)] = [paces("slack", WORKSPACE, "")]
        lessons, used = self.line.pacing.lessons(), self.line.pacing.used([pace.key])[pace.key]
        self.line = Line(Pacing(self.clock))
        self.line.pacing.learn(pace.key, lessons[pace.key])
        self.line.pacing.assume(pace, used, HOLDS.total_seconds())


async def _nothing() -> None:
    return


async def _sent(people: int, throttled: float, hidden: int | None) -> tuple[float, list[bool], Platforms]:
    sender = Sender(people, throttled, hidden)
    began = sender.clock()
    await sender.send()
    return sender.clock() - began, sender.refused, sender.platforms


@pytest.mark.parametrize("hidden", [300, 480])
def test_a_limit_that_is_not_told_is_found_and_then_kept(hidden: int) -> None:
    seconds, refused, platforms = run(_sent(PEOPLE, 0.0, hidden))
    assert set(platforms.posted.values()) == {1} and len(platforms.posted) == PEOPLE
    assert sum(refused) <= 50, "each time it is met all that is on its way is refused"
    assert sum(refused[PEOPLE // 2 :]) <= 0.001 * PEOPLE / 2 + 5, "and now and then more is tried"
    assert ideal("slack", PEOPLE, 0.0, 1, hidden) / seconds >= 0.95


def test_who_takes_the_place_of_another_knows_what_that_one_had_used_up() -> None:
    async def work() -> tuple[Sender, int]:
        sender = Sender(1800, 0.0, 300)
        sender.left, later = sender.left[:1300], sender.left[1300:]
        await sender.send()
        so_far = len(sender.refused)
        await asyncio.sleep(HOLDS.total_seconds())
        sender.another()
        sender.left += later
        await sender.send()
        return sender, so_far

    sender, so_far = run(work())
    assert sum(sender.refused[:so_far]) > 0 and len(sender.platforms.posted) == 1800
    assert sum(sender.refused[so_far:]) <= 5, "more than twice as many without what the other had used up"


def test_more_is_tried_as_long_as_nothing_is_refused() -> None:
    learned = Learned(600)
    for minute in range(1, 6):
        learned.taken(learned.most - 1)
        learned.look(60.0 * minute)
    assert learned.most > 800 and not learned.known


def test_refusals_at_one_count_are_a_limit_however_messages_overtake_each_other() -> None:
    learned = Learned(600)
    for count in (481, 479, 480, 482, 480):
        learned.taken(479)
        learned.refused(count, 1.0)
    assert learned.known and learned.most == int(480.4 * MARGIN)


def test_what_is_taken_beyond_a_refusal_clears_it_and_so_does_what_is_often_taken_there() -> None:
    beyond, there = Learned(600), Learned(600)
    for _ in range(10 * STRIKES):
        beyond.refused(480, 1.0)
        beyond.taken(490)
        there.refused(480, 1.0)
        for _ in range(CLEARED):
            there.taken(481)
    assert not beyond.known and not there.known


def test_the_more_is_refused_for_other_reasons_the_more_it_takes_to_show_a_limit() -> None:
    learned = Learned(600)
    for count in range(100, 400, 10):
        learned.refused(count, 1.0)
        learned.taken(count + 9)
    for _ in range(STRIKES):
        learned.refused(480, 2.0)
    assert not learned.known
    for _ in range(STRIKES):
        learned.refused(480, 2.0)
    assert not learned.known and learned.most == 600
    for _ in range(STRIKES):
        learned.refused(480, 2.0)
    assert learned.known


def test_beyond_a_limit_a_little_more_is_tried_and_given_up_after_two_refusals() -> None:
    learned = Learned(600)
    for _ in range(STRIKES):
        learned.refused(480, 0.0)
    limit = learned.most
    learned.taken(limit - 1)
    learned.look(601.0)
    assert learned.most > 1.04 * limit
    for _ in range(2):
        learned.refused(480, 602.0)
    assert learned.most == limit and learned.known


def test_it_goes_on_where_more_is_taken_than_was_known() -> None:
    learned = Learned(600)
    for _ in range(STRIKES):
        learned.refused(480, 0.0)
    for minute in range(60):
        learned.taken(int(0.97 * learned.most))
        learned.look(660.0 + 60.0 * minute)
    assert learned.most > 800


def test_what_is_said_again_and_again_begins_nothing_anew() -> None:
    told = {"most": 400, "known": True, "wait": 600.0}

    class Hand:
        at = 0.0

        def __call__(self) -> float:
            return self.at

    hand = Hand()
    pacing, (_, pace) = Pacing(hand), paces("slack", WORKSPACE, "")
    pacing.learn(pace.key, told)
    for _ in range(STRIKES):
        hand.at += 10.0
        slot = pacing.slot([pace])
        pacing.refused(pace.key, slot)
        pacing.learn(pace.key, told)
    assert pacing.lessons()[pace.key]["most"] < 400, "it was taken for less"


def test_pauses_that_have_nothing_to_do_with_the_rate_are_not_taken_for_a_limit() -> None:
    seconds, refused, _ = run(_sent(PEOPLE, 0.05, None))
    assert ideal("slack", PEOPLE, 0.05, 1) / seconds >= 0.95
    assert sum(refused) < 0.15 * PEOPLE


def test_what_one_process_learned_the_others_know() -> None:
    learned, other = Learned(600), Learned(600)
    for n in range(STRIKES):
        learned.refused(400, 1.0 * n)
    other.take_over(learned.to_json(), 1.0)
    assert learned.known and other.known and other.most == learned.most == int(400 * MARGIN)
    assert learned.changed and not other.changed


def test_what_a_platform_did_not_take_is_known_by_its_pauses() -> None:
    moment = [0.0]
    platforms = Platforms(lambda: moment[0], 1.0, 0.0, 1)
    answers = []
    for at in (10.0, 11.0, 30.0):
        moment[0] = at
        answers.append(platforms.ask("teams", "tenant", "c", 1))
    keys = [pace.key for pace in paces("teams", "tenant", "c")]
    assert [answer.kind for answer in answers] == [REFUSED] * 3
    end = max(10.0 + answers[0].seconds, 11.0 + answers[1].seconds)
    assert platforms.paused(keys, 5.0, 20.0) == pytest.approx(end - 10.0), "what overlaps counts once"
    assert platforms.paused(keys, 10.5, 10.75) == 0.25 and platforms.paused(keys, 20.0, 25.0) == 0
