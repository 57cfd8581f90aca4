"""Who is likely to answer, of what people did: the ranker alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from models.expertise.history import MEASURES, USUAL, Asked
from models.expertise.profiles import Profiles
from models.expertise.ranker import Ranker, in_turn
from models.expertise.weights import Weights

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


def answered(ranker: Ranker, person: str, text: str, at: datetime, topic: str | None = None) -> None:
    question = Asked.of(text, at, topic)
    ranker.history.ask(question)
    ranker.history.answer(person, question, "See the page.", at)


def first(ranker: Ranker, text: str, at: datetime = MONDAY, topic: str | None = None) -> str:
    scores = ranker.scores(Asked.of(text, at, topic))
    return str(ranker.history.people[int(np.argmax(scores))])


def test_words_topics_and_recency_each_tell_who_knows() -> None:
    ranker = Ranker()
    for day in range(8):
        answered(ranker, "vera", "The VPN certificate is expired", MONDAY - timedelta(days=9 - day))
        answered(ranker, "trudy", "Where do I book a hotel for a journey", MONDAY - timedelta(days=9 - day), "travel")
    assert first(ranker, "How do I renew my VPN certificate?") == "vera"
    assert first(ranker, "Which hotel may I book?") == "trudy"
    assert first(ranker, "Who pays?", topic="travel") == "trudy"
    for hour in range(12):
        answered(ranker, "rosa", "Something else altogether", MONDAY - timedelta(minutes=hour))
    assert first(ranker, "Who is there?") == "rosa"


def test_whoever_never_answered_is_not_in_it_and_nobody_breaks_nothing() -> None:
    ranker = Ranker()
    assert ranker.scores(Asked.of("Anybody?", MONDAY)).shape == (0,)
    ranker.learn(Asked.of("Anybody?", MONDAY), ["new"])
    answered(ranker, "only", "", MONDAY)
    assert np.isfinite(ranker.scores(Asked.of("", MONDAY))).all()
    assert ranker.weights.values.tolist() == USUAL.tolist()


def test_answers_of_long_ago_and_far_ahead_are_numbers_too() -> None:
    ranker = Ranker()
    answered(ranker, "old", "keys", datetime(1970, 1, 2, tzinfo=UTC))
    answered(ranker, "new", "keys", MONDAY)
    answered(ranker, "ahead", "keys", datetime(2090, 1, 1, tzinfo=UTC))
    assert np.isfinite(ranker.scores(Asked.of("keys", MONDAY))).all()


def test_the_weights_follow_what_really_tells_who_answers() -> None:
    """In one company those at their hour answer, in another those whose words it is: each is learned."""
    for told in ("hour", "words"):
        at, chance = MEASURES.index(told), np.random.default_rng(3)
        weights = Weights(USUAL)
        for _ in range(200):
            measures = chance.normal(size=(20, len(MEASURES)))
            weights.learn(measures, np.arange(20) == int(np.argmax(measures[:, at])))
        assert int(np.argmax(weights.values)) == at
        assert weights.values[at] > 3 * np.abs(np.delete(weights.values, at)).max()


def test_a_lesson_in_which_all_or_none_answered_teaches_nothing() -> None:
    weights = Weights(USUAL)
    measures = np.random.default_rng(3).normal(size=(5, len(MEASURES)))
    weights.learn(measures, np.ones(5, bool))
    weights.learn(measures, np.zeros(5, bool))
    assert weights.lessons == 0 and weights.values.tolist() == USUAL.tolist()


def test_profiles_are_the_same_however_they_came_about() -> None:
    """Runs are merged as they grow: what is found must not depend on when."""
    chance = np.random.default_rng(5)
    words = [f"word{number}" for number in range(40)]
    texts = [[words[at] for at in chance.integers(0, 40, 6)] for _ in range(300)]
    at_once, bit_by_bit = Profiles(), Profiles()
    for number, text in enumerate(texts):
        for profiles in (at_once, bit_by_bit):
            profiles.ask(set(text))
            profiles.add(number % 70, set(text))
        bit_by_bit.fit(text, 70)
    assert np.allclose(at_once.fit(words[:9], 70), bit_by_bit.fit(words[:9], 70))
    assert len(bit_by_bit._runs) < 12


@pytest.mark.parametrize(("fairness", "expected"), [(0.0, [0, 1, 2]), (1.0, [1, 0, 2]), (9.0, [2, 0, 1])])
def test_who_was_asked_often_lately_lets_others_go_first(fairness: float, expected: list[int]) -> None:
    scores, lately = np.array([3.0, 2.5, 0.0]), np.array([9.0, 2.0, 0.0])
    assert in_turn(scores, lately, fairness).tolist() == expected
