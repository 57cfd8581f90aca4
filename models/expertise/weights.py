"""What each measure counts in this company: learned from every question that somebody answered, as it goes.

Who answers a question is taken as a choice among all who might have, likelier the more their measures weigh (a
conditional logit; McFadden 1974). The weights begin at what is usual and take one Newton step a question, as long as
what was learned before is unsure: the more is known, the less one question moves them. Slowly it is forgotten again,
towards what is usual, since companies change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SURE = 10.0
"""How sure of the usual weights it is: as of what about ten clear questions say."""
KEPT = 0.998
"""What is kept of what was learned when a question more is: half is forgotten after about 350."""
_STEP = 1.0  # no weight moves further by one question


class Weights:
    """One weight a measure."""

    def __init__(self, usual: NDArray[np.float64]) -> None:
        self.values = usual.copy()
        self._usual = usual
        self._known = SURE * np.eye(len(usual))
        self.lessons = 0
        """Of how many questions it has learned."""

    def scores(self, measures: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely each would answer: the logarithm, but for what is the same for all."""
        found: NDArray[np.float64] = measures @ self.values
        return found

    def learn(self, measures: NDArray[np.float64], answered: NDArray[np.bool_]) -> None:
        """These were there, and those of them answered."""
        if not answered.any() or answered.all():
            return
        measures = measures - measures.mean(axis=0)
        scores = measures @ self.values
        chance = np.exp(scores - scores.max())
        chance /= chance.sum()
        mean = chance @ measures
        spread = (measures * chance[:, None]).T @ measures - np.outer(mean, mean)
        self._known = KEPT * self._known + (1 - KEPT) * SURE * np.eye(len(mean)) + spread
        off = mean - measures[answered].mean(axis=0)
        off += (1 - KEPT) * SURE * (self.values - self._usual)
        self.values = self.values - np.linalg.solve(self._known, off).clip(-_STEP, _STEP)
        self.lessons += 1
