"""One ranker: what makes a candidate better, across languages, with and without vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.search import background, centre
from models.search.calibrate import GOOD_ENOUGH, MAYBE
from models.search.centre import Spread, cosines, shrunk, unit
from models.search.index import Index
from models.search.pool import Document, Pool, Query
from models.search.rank import Standing, judge

SPACE = "e"
ALL = ["everyone"]
QUERY = Query("q", "it", {SPACE: np.full(4, 0.5, np.float32)})
shares = st.floats(0, 1)


def pool(*rows: tuple[str, float, float], parents: Sequence[int] = (), exact: Sequence[float] = ()) -> Pool:
    """Of (language, cosine, coverage)."""
    count = len(rows)
    coverage = np.array([row[2] for row in rows])
    return Pool(
        kinds=np.full(count, "passage"),
        ids=np.arange(count),
        parents=np.array(parents or range(count), np.int64),
        languages=np.array([row[0] for row in rows]),
        bm25=6 * coverage,  # of six rare words
        coverage=coverage,
        exact=np.array(exact or [1.0] * count),
        cosine={SPACE: np.array([row[1] for row in rows])},
        title_cosine={SPACE: np.full(count, np.nan)},
    )


def scores(found: Pool, query: Query = QUERY) -> NDArray[np.float64]:
    return judge(query, found).score


def test_what_is_nearer_in_meaning_comes_first() -> None:
    assert scores(pool(("it", 0.6, 0.5), ("it", 0.5, 0.5))).argmax() == 0


def test_what_shares_the_words_comes_first() -> None:
    assert scores(pool(("it", 0.5, 0.1), ("it", 0.5, 0.9))).argmax() == 1


def test_who_leaves_words_out_still_finds_the_entry_in_their_own_language() -> None:
    right, other, foreign = ("it", 0.5, 0.5), ("it", 0.3, 0.1), ("en", 0.48, 0.0)
    assert scores(pool(right, other, foreign)).argmax() == 0


def test_the_right_entry_in_another_language_is_not_held_back_by_words_that_it_cannot_have() -> None:
    right, crowd = ("he", 0.5, 0.0), ("it", 0.4, 0.4)
    assert scores(pool(right, *[crowd] * 40)).argmax() == 0


def test_what_was_quoted_outweighs_meaning() -> None:
    assert scores(pool(("it", 0.9, 1), ("it", 0.5, 1), exact=[0.0, 1.0])).argmax() == 1


def test_what_no_encoder_has_seen_is_found_by_its_words() -> None:
    found = judge(QUERY, pool(("it", np.nan, 0.9), ("it", 0.3, 0.3), ("it", np.nan, 0.1)))
    assert found.score.argmax() == 0
    assert found.confidence[0] >= GOOD_ENOUGH > found.confidence[2]
    assert np.isfinite(found.score).all()


def test_without_vectors_words_decide_and_the_confidence_is_their_share() -> None:
    found = judge(Query("q", "it"), pool(("it", np.nan, 0.3), ("he", np.nan, 0.8)))
    assert found.score.argmax() == 1
    assert found.confidence.tolist() == pytest.approx([0.3, 0.8])


def test_two_passages_of_one_entry_do_not_cast_doubt_on_each_other() -> None:
    rows = [("it", 0.7, 0.9), ("it", 0.69, 0.9), ("it", 0.2, 0.1)]
    together = judge(QUERY, pool(*rows, parents=[7, 7, 8])).confidence
    apart = judge(QUERY, pool(*rows, parents=[7, 9, 8])).confidence
    assert together[0] > apart[0]


def test_another_entry_that_is_as_near_casts_doubt() -> None:
    alone, beside = ([("it", 0.7, 0.9), ("it", second, 0.9)] for second in (0.1, 0.69))
    assert judge(QUERY, pool(*alone)).confidence[0] > judge(QUERY, pool(*beside)).confidence[0]


def test_nothing_found_is_judged_as_nothing() -> None:
    found = judge(QUERY, pool())
    assert len(found.score) == len(found.confidence) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["it", "he"]), st.floats(-1, 1), shares), min_size=1, max_size=20))
def test_more_never_counts_less(rows: list[tuple[str, float, float]]) -> None:
    found, rest = pool(*rows), [0.0] * (len(rows) - 1)
    for better in (
        replace(found, cosine={SPACE: found.cosine[SPACE] + np.array([0.1, *rest])}),
        replace(found, bm25=found.bm25 + np.array([0.2, *rest])),
        replace(found, title_cosine={SPACE: np.array([1.0] + [np.nan] * len(rest))}),
    ):
        assert judge(QUERY, better).score[0] >= judge(QUERY, found).score[0]
        assert judge(QUERY, better).confidence[0] >= judge(QUERY, found).confidence[0] - 1e-12
    assert ((judge(QUERY, found).confidence >= 0) & (judge(QUERY, found).confidence <= 1)).all()


@settings(deadline=None)
@given(st.booleans(), st.booleans(), st.integers(-10, 9000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_better_standing_is_worth_more(sound: bool, doubted: bool, days: int, helped: int, missed: int) -> None:
    standing = Standing(sound, doubted, timedelta(days=days), helped, missed)
    assert standing._replace(verified=True).worth >= standing.worth >= standing._replace(unconfirmed=True).worth
    assert standing._replace(helped=helped + 1).worth > standing.worth > standing._replace(missed=missed + 1).worth
    assert standing.worth >= standing._replace(age=timedelta(days=days + 30)).worth
    assert abs(standing.worth) <= 0.15  # it settles what is about as near, no more


# -- seen from the middle


def drawn(count: int, seed: int, towards: int) -> NDArray[np.float32]:
    """Vectors that have most in common, as an encoder's of one language do."""
    vectors = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    vectors[:, towards] += 9
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def test_cosines_are_those_of_moved_vectors() -> None:
    sample = drawn(30, 1, 0)
    spread = Spread({"it": sample}, 16)
    query, middle = unit(drawn(1, 2, 3)[0]), spread.centre("it")
    moved = sample - middle
    expected = (moved @ query) / np.linalg.norm(moved, axis=1)
    to_query, to_itself = (np.full(30, float(vector @ middle)) for vector in (query, middle))
    found = cosines((sample @ query).astype(float), (sample @ middle).astype(float), to_query, to_itself)
    assert found == pytest.approx(expected, abs=1e-4)


def test_a_mean_of_few_stays_near_what_is_known_otherwise() -> None:
    prior = np.ones(16, np.float32)
    few, many = (shrunk(drawn(count, 3, 0), prior) for count in (1, 500))
    assert np.linalg.norm(few - prior) < np.linalg.norm(many - prior)
    assert shrunk(np.zeros((0, 16), np.float32), prior) == pytest.approx(prior)


@pytest.mark.parametrize("asked_before", [0, 1, 40])
def test_the_only_entry_answers_what_it_is_about_and_nothing_else(asked_before: int) -> None:
    background.learn("few", lambda texts: drawn(len(texts), 10, 0), lambda texts: drawn(len(texts), 11, 0))
    known, others = drawn(1, 13, 0)[0], drawn(40, 14, 0)
    index = Index()
    vectors = {"few": known}
    index.put([Document("passage", 1, 1, "en", "Rotating keys", "Run the job.", ALL, vectors, vectors)])
    again = [("Rotating keys?", known), *(("Parking", other) for other in others)][:asked_before]
    index.put(Document("question", n, n, "en", "", text, ALL, {"few": one}) for n, (text, one) in enumerate(again))
    query = Query("Rotating keys?", "en", {"few": known})
    assert judge(query, index.pool(query, ALL)).confidence.max() >= GOOD_ENOUGH
    query = Query("Where is lunch?", "en", {"few": drawn(1, 15, 0)[0]})
    assert judge(query, index.pool(query, ALL)).confidence.max() < MAYBE


def test_a_store_that_is_large_enough_is_seen_as_it_is() -> None:
    usual = background.Usual(lambda texts: drawn(len(texts), 16, 5))
    samples = {"it": drawn(centre.ENOUGH - 2, 17, 0), "he": drawn(2, 18, 1)}
    large, alone = (Spread(samples, 16, known) for known in (usual, None))
    for language in ("it", "he", "fr"):
        assert large.centre(language) == pytest.approx(alone.centre(language))
    assert Spread({}, 16, usual).centre("he") == pytest.approx(usual.of("he"), abs=1e-6)


def test_a_mixed_store_finds_the_right_entry_in_another_language() -> None:
    italian, hebrew = drawn(60, 4, 0), drawn(3, 5, 1)
    asked = drawn(40, 6, 0)
    meant = hebrew[0] - hebrew.mean(axis=0) + asked.mean(axis=0)  # Italian, saying what the first Hebrew entry says
    index = Index()
    for number, (language, vector) in enumerate([("he", one) for one in hebrew] + [("it", one) for one in italian]):
        index.put([Document("passage", number, number, language, "", "x", ALL, {SPACE: vector})])
    index.put(Document("question", n, n, "it", "", "x", ALL, {SPACE: one}) for n, one in enumerate(asked))
    query = Query("domanda", "it", {SPACE: unit(meant)})
    found = index.pool(query, ALL)
    assert int(found.ids[judge(query, found).score.argmax()]) == 0
    assert int(np.concatenate([hebrew, italian]).dot(unit(meant)).argmax()) != 0  # what raw cosines say
