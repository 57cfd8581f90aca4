"""The best rows of a block by words, without reading every row that has one of them.

Rare words come first. Once the rows that were found score more than the words that are left can give, those words,
which are common, are only looked up in these rows (MaxScore: Turtle and Flood, Query evaluation: strategies and
optimizations, 1995). What a word can give is taken to be what it gives once in a text of middling length: of many that
are found, the last few may be others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.search.column import Spans
from models.search.inverted import Having
from models.search.lexical import K1, Rows, best, damping

_MANY = 2_000
"""So many rows are read sooner than it is found out whether they have to be."""
_STEADY = 0.98
"""The average length that is reckoned with may be so far off."""
_TRIED = 4
"""So many times what is wanted is looked up first, to see what it takes to be among the best."""

Floats = NDArray[np.float32]


class Scoring:
    """Adds up what words are worth in the rows of one block. Not safe to use from several threads at once."""

    def __init__(self, lengths: Floats) -> None:
        self._lengths = lengths
        self._average, self._damping = 0.0, lengths
        self._sums = np.zeros(len(lengths), np.float32)

    def best(self, words: Sequence[Having], spans: Spans | None, average: float, most: int) -> Rows:
        """About the ``most`` best rows, of these spans alone where they are told; ``words`` by what they are worth."""
        if not _STEADY < average / max(self._average, 1e-9) < 1 / _STEADY:
            self._average, self._damping = average, damping(self._lengths, average)
        whole = rest = sum(word.worth for word in words)
        rows, left = np.zeros(0, np.int64), list(words)
        while left and (rest > whole / 2 or len(left[0].rows) <= _MANY or _least(self._sums.take(rows), most) <= rest):
            word = left.pop(0)
            rows = np.concatenate([rows, self._added(word if spans is None else word.within(spans))])
            rest -= word.worth
        sums = self._sums.take(rows)
        self._sums[rows] = 0
        if left:
            rows, sums = self._among(rows, sums, left, most)
        return rows[best(sums, most)]

    def _among(self, rows: Rows, sums: Floats, words: Sequence[Having], most: int) -> tuple[Rows, Floats]:
        """The rows that may be among the best, and their sums with ``words`` counted as well: first of those that
        are ahead, which tells what the others have to reach."""
        first = _first(sums, _TRIED * most)
        tried, scored = rows.take(first), sums.take(first)
        for word in words:
            scored = scored + self._looked_up(word, tried)
        sums[first] = -np.inf  # they are done with
        least, rest = _least(scored, most), sum(word.worth for word in words)
        for word in words:
            hopeful = np.flatnonzero(sums + np.float32(rest) >= least)
            rows, sums = rows.take(hopeful), sums.take(hopeful)
            sums = sums + self._looked_up(word, rows)
            rest -= word.worth
        return np.concatenate([tried, rows]), np.concatenate([scored, sums])

    def _looked_up(self, word: Having, rows: Rows) -> Floats:
        """What a word adds to each of ``rows``."""
        return self._scored(word.looked_up(rows.astype(np.uint32)), rows, word.worth)

    def _added(self, word: Having) -> Rows:
        """Count a word; returns the rows that are met for the first time."""
        rows = word.rows.astype(np.int64)
        before = self._sums.take(rows)  # all much quicker than [...]
        self._sums[rows] = before + self._scored(word.times, rows, word.worth)
        new: Rows = rows.compress(before == 0)
        return new

    def _scored(self, times: NDArray[np.uint8], rows: Rows, worth: float) -> Floats:
        """As ``saturated`` does, without new arrays: they are large."""
        scores: Floats = times.astype(np.float32)
        below = self._damping.take(rows)
        below += scores
        scores *= np.float32(worth * (K1 + 1))
        scores /= below
        return scores


def _first(scores: Floats, most: int) -> Rows:
    """Where the ``most`` highest are, in order of place: what is in order is looked up in half the time."""
    return np.sort(np.argpartition(-scores, most)[:most]) if len(scores) > most else np.arange(len(scores))


def _least(scores: Floats, most: int) -> float:
    """The score of the last of the ``most`` best; none is low enough where they are fewer."""
    return float(np.partition(scores, len(scores) - most)[len(scores) - most]) if len(scores) >= most else -np.inf
