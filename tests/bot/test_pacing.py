"""Pacing: no window is ever overfull, nobody waits longer than needed, pauses hold, and conversations share fairly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import Pace, Pacing, Window


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
        turn = pacing.turn(paces)
        hand.at = max(hand.at, turn.at)
        if turn.stands:
            return turn.at


def test_a_free_conversation_waits_for_nothing() -> None:
    hand = Hand()
    turn = Pacing(hand).turn((Pace("c", CHANNEL), Pace("w", (Window(10, 1.0),))))
    assert turn.stands and turn.at == hand.at
    assert Pacing(hand).turn(()).stands


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
    assert pacing.turn((Pace("busy", CHANNEL), workspace)).stands
    for _ in range(50):
        waits = pacing.turn((Pace("busy", CHANNEL), workspace))
        assert not waits.given and waits.at == 1001.0
    assert pacing.turn((Pace("calm", CHANNEL), workspace)).at == 1000.0


def test_turns_are_given_out_in_order_and_not_too_far_ahead() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    workspace = Pace("w", (Window(1, 1.0),))
    turns = [pacing.turn((Pace(f"c{n}", CHANNEL), workspace), hold=2.0) for n in range(5)]
    assert [turn.at - 1000 for turn in turns] == [0, 1, 2, 3, 3]
    assert [turn.given for turn in turns] == [True, True, True, False, False]


def test_a_pause_takes_back_what_was_given_out_and_nothing_goes_before_it_ends() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    workspace = Pace("w", (Window(1, 1.0),))
    now, soon = (pacing.turn((Pace(name, CHANNEL), workspace)) for name in "ab")
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
    assert pacing.turn((Pace("a", CHANNEL), workspace)).at == 1030.0
    assert pacing.turn((Pace("b", CHANNEL), workspace)).stands


def test_a_turn_given_back_is_the_next_ones() -> None:
    hand = Hand()
    pacing = Pacing(hand)
    turn = pacing.turn((Pace("a", CHANNEL),))
    pacing.give_back(turn)
    assert pacing.turn((Pace("a", CHANNEL),)).at == 1000.0


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
        pacing.turn((Pace(f"c{n}", CHANNEL), Pace("w", (Window(1000, 1.0),))))
    assert len(pacing._logs) <= 1100
