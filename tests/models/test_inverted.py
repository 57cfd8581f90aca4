"""The inverted file: the rows of each word, whatever they were written from, and the best of them by words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.search import inverted
from models.search.inverted import Having, Inverted
from models.search.lexical import damping, saturated
from models.search.scoring import Scoring

Texts = list[dict[int, int]]
texts = st.lists(st.dictionaries(st.integers(0, 2**32 - 1) | st.integers(0, 9), st.integers(1, 255)), max_size=12)


def of(several: Texts) -> Inverted:
    words = [word for text in several for word in sorted(text)]
    times = [text[word] for text in several for word in sorted(text)]
    sizes = np.array([len(text) for text in several], np.int64)
    return Inverted.of(np.array(words, np.uint32), np.array(times, np.uint8), sizes)


def having(file: Inverted) -> dict[int, dict[int, int]]:
    each = dict(zip(file.words.tolist(), file.having(file.words), strict=True))
    return {word: dict(zip(one.rows.tolist(), one.times.tolist(), strict=True)) for word, one in each.items()}


def expected(rows: dict[int, dict[int, int]]) -> dict[int, dict[int, int]]:
    words = sorted({word for text in rows.values() for word in text})
    return {word: {row: text[word] for row, text in sorted(rows.items()) if word in text} for word in words}


@given(several=texts)
def test_each_word_leads_to_its_texts(several: Texts) -> None:
    file = of(several)
    assert having(file) == expected(dict(enumerate(several)))
    asked = np.array(sorted({0, 5, 2**32 - 1} | {word for text in several for word in text}), np.uint32)
    assert file.frequencies(asked).tolist() == [sum(word in text for text in several) for word in asked.tolist()]
    counts = file.counts(asked, np.arange(len(several)))
    assert counts.tolist() == [[text.get(word, 0) for text in several] for word in asked.tolist()]


@settings(deadline=None)
@given(one=texts, other=texts, gone=st.sets(st.integers(0, 23)), at_once=st.sampled_from([1, 7, 1_000]))
def test_several_become_one_without_what_went_away(
    tmp_path_factory: pytest.TempPathFactory, one: Texts, other: Texts, gone: set[int], at_once: int
) -> None:
    every = one + other
    left = [row for row in range(len(every)) if row not in gone]
    left = left[::2] + left[1::2]  # rows come to stand elsewhere
    becomes = np.full(len(every), -1)
    becomes[left] = np.arange(len(left))
    total = sum(len(every[row]) for row in left)
    folder = tmp_path_factory.mktemp("inverted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inverted, "_AT_ONCE", at_once)
        parts = [(of(one), becomes[: len(one)]), (of(other), becomes[len(one) :])]
        inverted.write(folder, parts, total)
    assert having(Inverted.open(folder)) == expected({int(becomes[row]): every[row] for row in left})


def drawn(rows: int, shares: list[float], seed: int) -> tuple[list[Having], NDArray[np.float32]]:
    chance = np.random.default_rng(seed)
    words = []
    for share in shares:
        some = np.flatnonzero(chance.random(rows) < share).astype(np.uint32)
        words.append(Having(some, chance.geometric(0.7, len(some)).astype(np.uint8), float(-np.log(share))))
    return words, chance.integers(50, 300, rows).astype(np.float32)


@pytest.mark.parametrize("shares", [[0.0004, 0.003, 0.05, 0.2, 0.5], [0.02, 0.03, 0.3], [0.4], [0.001] * 6])
def test_the_best_by_words_are_those_of_the_whole_formula(shares: list[float]) -> None:
    words, lengths = drawn(60_000, shares, seed=len(shares))
    whole = np.zeros(len(lengths))
    for word in words:
        whole[word.rows] += word.worth * saturated(word.times.astype(float), damping(lengths[word.rows], 175.0))
    scoring = Scoring(lengths)
    for _ in range(2):  # what it added up is forgotten
        found = scoring.best(words, None, 175.0, 60)
        assert len(found) == len(set(found.tolist())) == 60
        assert set(np.argsort(-whole)[:10].tolist()) <= set(found.tolist())
    start, end = 20_000, 30_000
    found = scoring.best(words, (np.array([start]), np.array([end])), 175.0, 60)
    assert ((start <= found) & (found < end)).all()
    readable = np.argsort(-whole[start:end])[:10] + start
    assert set(readable[whole[readable] > 0].tolist()) <= set(found.tolist())


def test_of_no_words_nothing_is_the_best() -> None:
    assert Scoring(np.ones(5, np.float32)).best([], None, 1.0, 3).tolist() == []
