"""Words as the index keeps them, and how well they fit: one formula (BM25), whichever part of the index a text is in.

A word is kept as the 32 bits of its CRC: a million different words have a hundred pairs that share one, and a text is
compared with a question by numbers alone. A *term* of a question is met where any of its alternatives is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.search.analysis import Term, is_stopword, terms

K1, B = 1.2, 0.75
"""BM25's usual parameters: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, section 3.2."""
MOST = 32
"""Of a question as many different terms are looked for: what stands first says what it is about."""
TIMES = 0xFF
"""A word that is there more often counts as if it were there so many times."""

Hashes = NDArray[np.uint32]
Rows = NDArray[np.int64]
_NONE = np.zeros(0, np.intp)


@lru_cache(maxsize=200_000)
def hashed(word: str) -> int:
    """The number of a word."""
    return crc32(word.encode("utf-8", "surrogatepass"))


def numbers(words: Sequence[bytes]) -> Hashes:
    """Those of words in UTF-8 that will hardly come again."""
    return np.fromiter(map(crc32, words), np.uint32, len(words))


@dataclass(frozen=True)
class Sought:
    """What a question looks for: all its words' numbers, sorted, and for each term which of them are its
    alternatives; the terms as they are ``written``, and what each counts where that is not the same for all."""

    hashes: Hashes
    terms: Sequence[NDArray[np.intp]]
    written: Sequence[Term] = ()
    sure: NDArray[np.float64] | None = None

    @cached_property
    def alternatives(self) -> NDArray[np.intp]:
        """Those of all terms, one after another."""
        return np.concatenate([_NONE, *self.terms])

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """Where each term's begin in ``alternatives``."""
        return np.array([0, *accumulate(map(len, self.terms[:-1]))])

    def of_terms(self, of: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """For each term, ``of`` the values that its alternatives have: those of words go along the first axis."""
        if not self.terms:
            return values[:0]
        found: NDArray[Any] = of.reduceat(values.take(self.alternatives, axis=0), self.first, axis=0)
        return found

    def instead(self, meant: Mapping[int, Term], sure: float) -> Sought:
        """The same with other terms in place of some, which count less."""
        every = range(len(self.written))
        other = _sought([meant.get(at, self.written[at]) for at in every])
        return replace(other, sure=np.array([sure if at in meant else 1.0 for at in every]))


@lru_cache(maxsize=256)
def sought(text: str, most: int = MOST) -> Sought:
    """What ``text`` looks for; often asked several times."""
    distinct = list(dict.fromkeys(terms(text)))[:most]
    return _sought(distinct)


@lru_cache(maxsize=256)
def literally(words: tuple[str, ...]) -> Sought:
    """What looks for these words alone, as they are written."""
    return _sought([(word,) for word in dict.fromkeys(words)])


def is_kept(word: str) -> bool:
    """Whether a word of a text is indexed."""
    return not is_stopword(word) and (len(word) > 1 or word.isdigit())


def _sought(distinct: Sequence[Term]) -> Sought:
    each = [np.array([hashed(word) for word in term], np.uint32) for term in distinct]
    hashes = np.unique(np.concatenate(each)) if each else np.zeros(0, np.uint32)
    return Sought(hashes, [np.searchsorted(hashes, term) for term in each], distinct)


@dataclass(frozen=True)
class Weights:
    """How much each term of a question says (its idf, 1 for a word that one document alone has, so that it means the
    same in a small and a large store), and how long texts are on average, in the whole store."""

    terms: NDArray[np.float64]
    words: NDArray[np.float64]
    average: float


def weights(asked: Sought, frequencies: NDArray[np.int64], documents: int, length: int) -> Weights:
    """``frequencies``: in how many of ``documents`` each word of the question is; ``length`` of all of them."""
    rarest = np.log1p(max(1, documents))
    words = np.maximum(np.log1p((documents - frequencies + 0.5) / (frequencies + 0.5)) / rarest, 1e-6)
    return Weights(asked.of_terms(np.minimum, words), words, max(1.0, length / max(1, documents)))


def even(asked: Sought) -> Weights:
    """All words count the same."""
    return Weights(np.ones(len(asked.terms)), np.ones(len(asked.hashes)), 1.0)


@dataclass(frozen=True)
class Fit:
    """How well some documents fit a question: BM25, and the share of its weight that they have; ``met`` tells for each
    which terms it has."""

    bm25: NDArray[np.float64]
    coverage: NDArray[np.float64]
    met: NDArray[np.bool_]


Counts = NDArray[np.uint8]
"""How often each word of a question (row) is in each of some texts (column)."""


def fit(asked: Sought, weigh: Weights, counts: Counts, lengths: NDArray[np.float64]) -> Fit:
    """The same of texts that have ``counts`` of the words and are so long."""
    if not len(asked.terms) or not len(lengths):
        nothing = np.zeros(len(lengths))
        return Fit(nothing, nothing, np.zeros((len(lengths), len(asked.terms)), bool))
    times = asked.of_terms(np.maximum, counts).astype(np.float64)
    worth = weigh.terms if asked.sure is None else weigh.terms * asked.sure
    there = times > 0
    return Fit(worth @ saturated(times, damping(lengths, weigh.average)), worth @ there / weigh.terms.sum(), there.T)


def damping(lengths: NDArray[Any], average: float) -> NDArray[Any]:
    """What holds a word down in texts so long."""
    found: NDArray[Any] = K1 * (1 - B + B / average * lengths)
    return found


def saturated(times: NDArray[Any], damping: NDArray[Any]) -> NDArray[Any]:
    """What a word counts that is there so many times, in texts that hold it down so much."""
    found: NDArray[Any] = times * (K1 + 1) / (times + damping)
    return found


def best(scores: NDArray[Any], most: int) -> NDArray[np.intp]:
    """Where the ``most`` highest scores are, best first, those of 0 or less left out."""
    at = np.flatnonzero(scores > 0)
    if len(at) > most:
        at = at[np.argpartition(-scores[at], most - 1)[:most]]
    return at[np.argsort(-scores[at], kind="stable")]
