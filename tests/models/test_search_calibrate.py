"""A confidence is a probability, and a company's votes correct it: few move little, many decide."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.search.calibrate import GOOD_ENOUGH, MAYBE, Calibration, likely


def corrected(calibration: Calibration, confidence: float) -> float:
    return float(calibration(np.array([confidence]))[0])


def test_without_votes_nothing_is_corrected() -> None:
    for confidence in (0.01, MAYBE, GOOD_ENOUGH, 0.99):
        assert corrected(Calibration.learned([]), confidence) == pytest.approx(confidence, abs=1e-3)


def test_few_votes_move_little() -> None:
    assert abs(corrected(Calibration.learned([(0.8, False)]), 0.8) - 0.8) < 0.06
    assert abs(corrected(Calibration.learned([(0.8, False)] * 3), 0.8) - 0.8) < 0.15


def test_many_votes_decide() -> None:
    chance = random.Random(3)
    pairs = [(sure, chance.random() < sure / 2) for sure in (chance.uniform(0.2, 0.95) for _ in range(3_000))]
    learned = Calibration.learned(pairs)
    for sure in (0.4, 0.6, 0.8):
        assert corrected(learned, sure) == pytest.approx(sure / 2, abs=0.07)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.floats(0, 1), st.floats(0, 1))
def test_the_order_stays(pairs: list[tuple[float, bool]], one: float, other: float) -> None:
    learned = Calibration.learned(pairs)
    low, high = sorted((one, other))
    assert 0 <= corrected(learned, low) <= corrected(learned, high) <= 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 0.95), st.booleans()), max_size=40), st.floats(0.05, 0.95))
def test_a_vote_moves_towards_itself(pairs: list[tuple[float, bool]], sure: float) -> None:
    now = corrected(Calibration.learned(pairs), sure)
    assert corrected(Calibration.learned([*pairs, (sure, True)]), sure) >= now - 1e-3
    assert corrected(Calibration.learned([*pairs, (sure, False)]), sure) <= now + 1e-3


def test_what_is_no_probability_is_left_out() -> None:
    assert Calibration.learned([(math.nan, True), (-1.0, False), (7.0, True)]) == Calibration()


@settings(deadline=None)
@given(st.lists(st.floats(-1, 1.5), min_size=1, max_size=60), st.floats(0.001, 0.2))
def test_a_better_score_and_less_of_others_are_likelier(scores: list[float], more: float) -> None:
    def first(*scores: float) -> float:
        found = likely(np.array(scores), np.arange(len(scores)))
        assert ((found >= 0) & (found <= 1)).all()
        return float(found[0])

    assert first(scores[0] + more, *scores[1:]) > first(*scores)
    assert first(*scores, scores[0]) < first(*scores) + 1e-12


def test_what_comes_after_many_is_not_taken_for_one_of_few() -> None:
    many = likely(np.linspace(0.5, 0.4, 60), np.arange(60))
    assert (np.diff(many) < 0).all()
    assert many[0] < likely(np.array([0.5, 0.4]), np.arange(2))[0]


def test_the_thresholds_are_in_order() -> None:
    assert 0 < MAYBE < GOOD_ENOUGH < 1
