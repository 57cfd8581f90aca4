"""The one ranker: what is known of each candidate makes one score, with one configuration for every store.

The score is near a cosine: *meaning* is how near title or text come to the question, on average over the encoders that
know the document, and is comparable across languages since each is seen from its own middle. *Words* count by how rare
they are, less what the right entry in the asker's own language has of them: so any entry in that language that shares a
common word does not come before the right one in another, which cannot share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from models.search.calibrate import Calibration, Floats, likely
from models.search.pool import Pool, Query

WORDS = 0.13
"""What a word is worth that one document alone has; commoner ones are worth less."""
EXPECTED = 0.38
"""What the words of the right entry are worth, in the asker's own language: what has less of them is behind the right
entry in another language, what has more is ahead of it."""
UNSEEN = 0.5
"""What meaning is taken for where no encoder has seen the document yet and all words are there: about what right
answers have."""
EXACT = 0.5
"""What it costs to lack what was quoted, or a code: more than any meaning makes up for."""
VERIFIED, UNCONFIRMED, OLD, VOTES = 0.02, 0.06, 0.02, 0.05
"""What an entry's standing can add or take: it settles what is about as near, no more."""
_AGES = timedelta(days=730)
_EARLY_VOTES = 5.0

NO_CORRECTION = Calibration()


class Standing(NamedTuple):
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
    lacks = EXACT * (1 - pool.exact)
    if not query.vectors:
        return Judged(WORDS * pool.bm25 - lacks, pool.coverage.clip(0.0, 1.0) * (1 - lacks))
    score = _meaning(pool) + _words(query, pool) - lacks
    sure = likely(score, pool.parents)
    return Judged(score, calibration(sure), NO_CORRECTION(sure))


def _words(query: Query, pool: Pool) -> Floats:
    """What words add. Nothing to questions asked before: the same words often ask for something else."""
    ahead = WORDS * pool.bm25 - EXPECTED
    found: Floats = np.where(pool.languages == query.language, ahead, np.maximum(ahead, 0.0))
    return np.where(pool.kinds == "question", 0.0, found)


def _meaning(pool: Pool) -> Floats:
    """How near each candidate is in meaning: the better of text and title, the mean of all spaces that have it. What
    no encoder has seen yet, which after a large import takes hours, is guessed by its words."""
    near = [np.fmax(pool.cosine[space], pool.title_cosine[space]) for space in pool.cosine]
    known = np.array([np.isfinite(one) for one in near]).reshape(len(near), len(pool))
    total = np.where(known, np.array(near).reshape(known.shape), 0.0).sum(axis=0)
    guessed = UNSEEN * pool.coverage
    found: Floats = np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), guessed)
    return found
