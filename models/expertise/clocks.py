"""How much people answer lately, by several clocks: whoever answers soon again is known by the right one.

Two clocks go by time and two by questions answered: where little is asked, a month says nothing, and where much is
asked it says all. Each forgets half in its half-life, and is kept as one number a person.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DAYS = (10.0, 100.0)
QUESTIONS = (40.0, 400.0)
_HALVES = np.array((*DAYS, *QUESTIONS))
_FAR = 500.0
"""So many half-lives are counted on from one beginning: more would be more than a number holds."""

Matrix = NDArray[np.float64]


class Clocks:
    """Decayed counts: a row a person, a column a clock."""

    def __init__(self) -> None:
        self._sums: Matrix = np.zeros((64, len(_HALVES)))
        self._began = np.zeros(len(_HALVES))

    def add(self, slot: int, day: float, question: int, weight: float = 1.0) -> None:
        """Somebody answered the ``question``-th question, on that day (days since any beginning)."""
        since = self._since(day, question)
        while slot >= len(self._sums):
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
        self._sums[slot] += weight * 2.0**since

    def forget(self, slot: int) -> None:
        """Nothing is known of somebody any more."""
        if slot < len(self._sums):
            self._sums[slot] = 0.0

    def at(self, day: float, question: int, people: int) -> Matrix:
        """What is left of each person's answers, then."""
        left: Matrix = np.exp2(-self._since(day, question)) * self._sums[:people]
        return left

    def _since(self, day: float, question: int) -> NDArray[np.float64]:
        """How many half-lives it is since the beginning of each clock, which goes along."""
        moment = np.array((day, day, question, question))
        since: NDArray[np.float64] = (moment - self._began) / _HALVES
        far = since > _FAR
        if far.any():
            self._sums *= np.exp2(-np.where(far, since, 0.0))
            self._began = np.where(far, moment, self._began)
            since = np.where(far, 0.0, since)
        return since.clip(-_FAR, _FAR)
