"""Vectors as seen from the middle of their own crowd.

What an encoder says of a text is for the most part what all texts of its language and of this company have in common:
two vectors in one language are near each other whatever they say, and a question comes nearer to any entry in its own
language than to the right one in another. So that common part is taken away: from documents the mean of their language,
from a question the mean of the questions asked before in its language. Of few, a mean says little: it is drawn towards
what is known otherwise, and in a small store towards what any text says (``models.search.background``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.search.background import Usual
from models.search.pool import Vector

PRIOR = 2.0
"""So many vectors weighs what is known otherwise,"""
ENOUGH = 32
"""or as many as a store lacks of so many: more of them tell without help what they have in common."""

SAME = 0.4
"""Questions nearer than that, seen from their middle, ask the same."""

Sample = NDArray[np.float32]
Numbers = NDArray[Any]


def shrunk(sample: Sample, prior: Vector, weight: float = PRIOR) -> Vector:
    """The mean of a sample, drawn towards ``prior`` where it is small."""
    mean: Vector = (sample.sum(axis=0) + np.float32(weight) * prior) / np.float32(len(sample) + weight)
    return mean


def unit(vector: Vector) -> Vector:
    """The vector at length 1; one that has none stays as it is."""
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-9))


def alike(sample: Sample, vector: Vector, middle: Vector) -> Numbers:
    """How near each of a sample is to ``vector``, both seen from ``middle``."""
    query = unit(vector - middle)
    return cosines(sample @ query, sample @ middle, middle @ query, middle @ middle)


class Spread:
    """Samples of the vectors of one space by language, and the middle of each; ``usual`` is what they would be were
    they about anything."""

    def __init__(self, samples: Mapping[str, Sample], dimensions: int, usual: Usual | None = None) -> None:
        self._samples = {language: sample for language, sample in samples.items() if len(sample)}
        self._dimensions, self._usual = dimensions, usual
        every = np.concatenate([np.zeros((0, dimensions), np.float32), *self._samples.values()])
        self._lacking = max(0, ENOUGH - len(every)) if usual is not None else 0
        self.weight = max(PRIOR, self._lacking)
        """So many vectors weighs what is known of a language, beside a sample of it."""
        self._whole = self._of_all(every)
        self._centres = {
            language: shrunk(sample, self._expected(language), self.weight)
            for language, sample in self._samples.items()
        }

    def _of_all(self, every: Sample) -> Vector:
        if self._usual is not None and self._lacking:
            return shrunk(every, self._usual.whole, self._lacking)
        whole: Vector = every.mean(axis=0) if len(every) else np.zeros(self._dimensions, np.float32)
        return whole

    def _expected(self, language: str) -> Vector:
        """The middle of a language of which nothing is there: that of all, and in a small store by so much beside it
        as the language usually is."""
        if self._usual is None or not self._lacking:
            return self._whole
        beside = self._usual.of(language) - self._usual.whole
        return self._whole + np.float32(self._lacking / ENOUGH) * beside

    def __bool__(self) -> bool:
        return bool(self._samples)

    def sample(self, language: str) -> Sample:
        """The sample of a language."""
        return self._samples.get(language, np.zeros((0, self._dimensions), np.float32))

    def centre(self, language: str) -> Vector:
        """The middle of a language; what is expected of it where it is not known."""
        return self._centres[language] if language in self._centres else self._expected(language)


def cosines(dots: Numbers, to_centre: Numbers, to_query: Numbers, to_itself: Numbers) -> Numbers:
    """The cosines with a centred query of documents seen from the middle of their languages: from the products of each
    with the query (``dots``) and with its middle, and those of its middle with the query and with itself, so that no
    document need be moved. nan stays nan."""
    found: Numbers = (dots - to_query) / np.sqrt(np.maximum(1 - 2 * to_centre + to_itself, 1e-6))
    return found
