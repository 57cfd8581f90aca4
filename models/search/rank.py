"""The one ranker: what is known of each candidate makes one score, with one configuration for every store.

The score is near a cosine: *meaning* is how near title or text come to the question, on average over the encoders that
know the document, and is comparable across languages since each is seen from its own middle. *Words* count in the
asker's own language: against what lacks them, and for what stands out among its neighbours by them. Were they simply
counted, any entry in the asker's language would come before the right one in another, which cannot share its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from models.search.calibrate import Calibration, likely
from models.search.pool import Pool, Query

WORDS = 0.3
"""What it costs to have none of the question's words,"""
ENOUGH = 0.8
"""and to have this much of them costs nothing: who asks seldom chooses all words of an entry."""
AHEAD = 0.5
"""What it is worth to be ahead, by words, of all others in the asker's language."""
TITLED = 0.3
"""What words in the title count on top, as a share of words anywhere."""
UNSEEN = 0.5
"""What meaning is taken for where no encoder has seen the document yet and all words are there: about what right
answers have."""
EXACT = 0.5
"""What it costs to lack what was quoted, or a code: more than any meaning makes up for."""
VERIFIED, UNCONFIRMED, OLD, VOTES = 0.02, 0.06, 0.02, 0.05
"""What an entry's standing can add or take: it settles what is about as near, no more."""
_AGES = timedelta(days=730)
_EARLY_VOTES = 5.0

Floats = NDArray[np.float64]
NO_CORRECTION = Calibration()


@dataclass(frozen=True)
class Standing:
    """What people made of an entry: verified, not confirmed when that was due, its age since it last changed, and how
    often it helped or did not where it was shown."""

    verified: bool = False
    unconfirmed: bool = False
    age: timedelta = timedelta(0)
    helped: int = 0
    missed: int = 0

    @property
    def worth(self) -> float:
        """What it adds to the score of the entry's passages."""
        age = min(max(self.age / _AGES, 0.0), 1.0)
        votes = (self.helped - self.missed) / (self.helped + self.missed + _EARLY_VOTES)
        return VERIFIED * self.verified - UNCONFIRMED * self.unconfirmed - OLD * age + VOTES * votes


@dataclass(frozen=True)
class Judged:
    """Score (higher is better; comparable within one pool) and confidence (0 to 1) of each candidate. ``likely`` is the
    confidence before the company's votes corrected it: none where words decide alone, which they do not correct."""

    score: Floats
    confidence: Floats
    likely: Floats | None = None


def judge(query: Query, pool: Pool, calibration: Calibration = NO_CORRECTION) -> Judged:
    """Judge every candidate of a pool. Without vectors words decide alone, and the confidence is their coverage."""
    met, has = 0.5 + 0.5 * pool.exact, words(pool)
    if not query.vectors:
        score = WORDS * has - EXACT * (1 - pool.exact)
        return Judged(score, pool.coverage.clip(0.0, 1.0) * met)
    score = _meaning(pool, has) + _counted(query, pool, has) - EXACT * (1 - pool.exact)
    sure = likely(score, lead(score, pool.parents))
    return Judged(score, calibration(sure) * met, NO_CORRECTION(sure) * met)


def _meaning(pool: Pool, has: Floats) -> Floats:
    """How near each candidate is in meaning: the better of text and title, the mean of all spaces that have it. What
    no encoder has seen yet, which after a large import takes hours, is guessed by its words."""
    near = [np.fmax(pool.cosine[space], pool.title_cosine[space]) for space in pool.cosine]
    known = np.array([np.isfinite(one) for one in near]).reshape(len(near), len(pool))
    total = np.where(known, np.array(near).reshape(known.shape), 0.0).sum(axis=0)
    guessed = UNSEEN * has.clip(max=1.0)
    found: Floats = np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), guessed)
    return found


def words(pool: Pool) -> Floats:
    """How much of the question's words each candidate has: about 1 for all; more where they are in the title. Half is
    whether they are there, half how much of the text they are."""
    most = float(pool.bm25.max(initial=0.0))
    weight = pool.bm25 / most * float(pool.coverage.max(initial=0.0)) if most > 0 else np.zeros(len(pool))
    found: Floats = 0.5 * pool.coverage + 0.5 * weight + TITLED * pool.titled
    return found


def lead(score: Floats, parents: NDArray[np.int64]) -> Floats:
    """How far each is ahead of the best of other parents; as far as its own score where there is no other."""
    if not len(score):
        return score
    best, second = int(np.argmax(score)), _second(score, parents)
    ahead: Floats = score - np.where(parents == parents[best], second, score[best])
    return ahead


def _counted(query: Query, pool: Pool, has: Floats) -> Floats:
    """What words add to the score: in the asker's language as they lack or stand out, elsewhere only for what has more
    than all."""
    elsewhere = WORDS * np.maximum(has - 1.0, 0.0)
    own = pool.languages == query.language
    if not own.any():
        return elsewhere
    lacking = np.minimum(has / ENOUGH - 1.0, 0.0)
    ahead = np.maximum(has - _second(has[own], pool.parents[own]), 0.0)
    return np.where(own, WORDS * lacking + AHEAD * ahead, elsewhere)


def _second(values: Floats, parents: NDArray[np.int64]) -> float:
    """The most that another parent has than that of the best; 0 where there is no other."""
    others = values[parents != parents[np.argmax(values)]]
    return float(others.max()) if len(others) else 0.0
