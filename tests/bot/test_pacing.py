"""Pacing: no window is ever overfull, nobody waits longer than needed, pauses hold, and conversations share fairly."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.learned import STRIKES
from bot.pacing import Pace, Pacing, Window
from bot.slots import Line
from tests.virtual import run


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


CHANNEL = (Window(1, 1.0),)
TEAMS = (Window(7, 1.0), Window(8, 2.0), Window(60, 30.0), Window(1800, 3600.0))


def go(pacing: Pacing, hand: Hand, *paces: Pace) -> float:
    """Wait until it is one's turn; when it was."""
    while True:
        slot = pacing.slot(paces)
        hand.at = max(hand.at, slot.at)
        if slot.stands:
            return slot.at


def test_a_free_conversation_waits_for_nothing() -> None:
    hand = Hand()
    slot = Pacing(hand).slot((Pace("c", CHANNEL), Pace("w", (Window(10, 1.0),))))
    assert slot.stands and slot.at == hand.at
    assert Pacing(hand).slot(()).stands


@settings(deadline=None)
@given(st.lists(st.floats(0, 5), min_size=1, max_size=120))
def test_no_window_of_a_conversation_is_ever_overfull(gaps: list[float]) -> None:
    hand = Hand()
    pacing = Pacing(hand)
    sent = []
    for gap in gaps:
        hand.at += gap / 4
        sent.append(go(pacing, hand, Pace("c", TEAMS), Pace("app", (Window(50, 1.0),))))
    for most, seconds in TEAMS:
        for first, last in zip(sent, sent[most:], strict=False):
            assert last - first >= seconds - 1e-9


def test_whoever_may_send_is_not_kept_from_it() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    sent = [go(pacing, hand, Pace("c", TEAMS)) for _ in range(61)]
    assert sent[6] == 1000.0 and sent[7] == 1001.0 and sent[60] == 1030.0


def test_a_busy_conversation_takes_no_turns_from_the_others() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    workspace = Pace("w", (Window(2, 1.0),))
    assert pacing.slot((Pace("busy", CHANNEL), workspace)).stands
    for _ in range(50):
        waits = pacing.slot((Pace("busy", CHANNEL), workspace))
        assert not waits.given and waits.at == 1001.0
    assert pacing.slot((Pace("calm", CHANNEL), workspace)).at == 1000.0


def test_turns_are_given_out_in_order_and_not_too_far_ahead() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    workspace = Pace("w", (Window(1, 1.0),))
    slots = [pacing.slot((Pace(f"c{n}", CHANNEL), workspace), hold=2.0) for n in range(5)]
    assert [slot.at - 1000 for slot in slots] == [0, 1, 2, 3, 3.75], "who comes back does so one after the other"
    assert [slot.given for slot in slots] == [True, True, True, False, False]


def test_a_pause_takes_back_what_was_given_out_and_nothing_goes_before_it_ends() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    workspace = Pace("w", (Window(1, 1.0),))
    now, soon = (pacing.slot((Pace(name, CHANNEL), workspace)) for name in "ab")
    hand.at += 0.5
    pacing.pause("w", 10)
    assert not soon.stands
    pacing.give_back(soon)
    hand.at += 10
    assert go(pacing, hand, Pace("b", CHANNEL), workspace) == 1010.5
    assert now.given


def test_a_pause_of_one_conversation_leaves_the_others_alone() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    workspace = Pace("w", (Window(10, 1.0),))
    pacing.pause("a", 30)
    assert pacing.slot((Pace("a", CHANNEL), workspace)).at == 1030.0
    assert pacing.slot((Pace("b", CHANNEL), workspace)).stands


def test_a_turn_given_back_is_the_next_ones() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    slot = pacing.slot((Pace("a", CHANNEL),))
    pacing.give_back(slot)
    assert pacing.slot((Pace("a", CHANNEL),)).at == 1000.0


def test_slots_that_a_pause_takes_back_do_not_count_for_what_was_refused() -> None:
    hand = Hand()
    pacing, pace = Pacing(hand), Pace("w", (Window(1, 0.03), Window(600, 60.0)), told=False)
    for _ in range(2 * STRIKES):
        *sent, refused = [pacing.slot((pace,)) for _ in range(60)][:5]
        hand.at = refused.at
        for slot in sent:
            pacing.taken(slot)
        pacing.give_back(refused)
        pacing.refused("w", refused)
        pacing.pause("w", 1.0)
        hand.at += 1.0
    assert pacing.lessons() == {}, "each time more was taken afterwards"


def test_time_can_go_faster() -> None:
    hand = Hand()
    pacing = Pacing(hand, scale=20)
    sent = [go(pacing, hand, Pace("a", CHANNEL)) for _ in range(3)]
    assert sent == pytest.approx([1000.0, 1000.05, 1000.1])


def test_who_was_quiet_is_forgotten() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    for n in range(5000):
        hand.at += 0.01
        pacing.slot((Pace(f"c{n}", CHANNEL), Pace("w", (Window(1000, 1.0),))))
    assert len(pacing._logs) <= 1100


def test_an_hours_limit_is_not_kept_for_everybody_who_got_one_message() -> None:
    hand = Hand()
    pacing, tenant = Pacing(hand), Pace("tenant", (Window(50, 1.0),))
    busy = Pace("busy", TEAMS)
    for _ in range(60):
        go(pacing, hand, busy, tenant)
    for n in range(10_000):
        hand.at += 0.02
        pacing.slot((Pace(f"c{n}", TEAMS), tenant))
    assert len(pacing._logs) < 5000
    assert len(pacing._log(busy).taken) == 60, "who gets many is remembered"


def test_who_waits_for_their_own_conversation_keeps_nobody_waiting() -> None:
    async def work() -> list[str]:
        pacing = Pacing(asyncio.get_running_loop().time)
        line, went, tenant = Line(pacing), list[str](), Pace("tenant", (Window(50, 1.0),))
        pacing.pause("paused", 1.5)

        async def goes(name: str) -> None:
            slot = await line.last((Pace(name, TEAMS), tenant), float("inf"), nothing)
            went.append(name)
            assert slot.given

        await asyncio.gather(*(goes(name) for name in ("paused", "a", "b")))
        return went

    assert run(work()) == ["a", "b", "paused"]


async def nothing() -> None:
    """There is nothing to prepare."""


async def test_who_waits_in_line_goes_when_it_is_their_time_and_who_would_wait_long_comes_back() -> None:
    pacing = Pacing(scale=10)
    line = Line(pacing)
    channel = (Pace("c", (Window(1, 1.0),)), Pace("w", (Window(100, 1.0),)))
    until, started = time.monotonic() + 10, time.monotonic()
    assert all([(await line.wait(channel, until, nothing)).given for _ in range(4)])
    assert 0.3 <= time.monotonic() - started < 2
    too_late = await line.wait(channel, time.monotonic(), nothing)
    assert not too_late.given and too_late.at <= time.monotonic() + 0.1, "there is no time left to wait"
    pacing.pause("w", 30)
    long = await line.wait(channel, until, nothing)
    assert not long.given and 28 < long.at - time.monotonic() <= 29


async def test_who_waits_through_a_pause_goes_after_it() -> None:
    pacing = Pacing()
    line = Line(pacing)
    slow = Pace("w", (Window(10, 1.0),))
    for _ in range(10):
        await line.wait((slow,), time.monotonic() + 9, nothing)
    waits = asyncio.create_task(line.wait((slow,), time.monotonic() + 9, nothing))
    await asyncio.sleep(0)
    pacing.pause("w", 1.3)
    started = time.monotonic()
    assert (await waits).stands and time.monotonic() - started >= 1.2 and line.waiting == 0


def test_what_may_be_left_out_leaves_half_to_others() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    pace = Pace("chat.update", (Window(4, 60.0),))
    assert [pacing.spare([pace]) is not None for _ in range(3)] == [True, True, False]
    assert pacing.slot([pace]).at == hand.at  # who must send waits for nothing
    hand.at += 61
    assert pacing.spare([pace]) is not None
    pacing.pause(pace.key, 5.0)
    assert pacing.spare([pace]) is None
