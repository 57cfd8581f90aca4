"""How sure it is that an answer answers: a probability, and what a company's own votes make of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GOOD_ENOUGH = 0.5
"""From this probability on it is shown as the answer,"""
MAYBE = 0.35
"""from this on with doubt."""

_BASE, _SCORE, _LEAD = -3.0, 3.7, 10.4
"""Of a logistic regression over half of the questions of the retrieval sets of docs/benchmarks.md, each set weighing as
much, half of their entries gone: what a score of 0 says, what each point adds, and each point ahead of the next."""
_MOST_LEAD = 0.3  # further ahead says no more
_TRUST = 10.0
"""How firmly the default stands against votes: the precision of the prior on slope and shift."""
_ROUNDS = 30
_EDGE = 1e-4


def likely(score: NDArray[np.float64], lead: NDArray[np.float64]) -> NDArray[np.float64]:
    """The default probability for scores of ``rank`` and how far each is ahead of the best other one."""
    found: NDArray[np.float64] = 1 / (
        1 + np.exp(-(_BASE + _SCORE * score + _LEAD * lead.clip(-_MOST_LEAD, _MOST_LEAD)))
    )
    return found


@dataclass(frozen=True)
class Calibration:
    """A company's correction of the default probabilities (Platt scaling): the log-odds times ``slope``, plus
    ``shift``. As it is made it corrects nothing."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, confidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """The corrected probabilities: in the same order."""
        found: NDArray[np.float64] = 1 / (1 + np.exp(-(self.slope * _logit(confidence) + self.shift)))
        return found

    @classmethod
    def learned(cls, pairs: Sequence[tuple[float, bool]]) -> Calibration:
        """From uncorrected confidences of answers that were shown, and whether each helped. With few it stays near no
        correction; what is no probability is left out."""
        kept = [(sure, helped) for sure, helped in pairs if math.isfinite(sure) and 0 <= sure <= 1]
        if not kept:
            return cls()
        x = _logit(np.array([sure for sure, _ in kept], np.float64))
        y = np.array([helped for _, helped in kept], np.float64)
        inputs, prior = np.stack([x, np.ones_like(x)], axis=1), np.array([1.0, 0.0])
        weights = prior.copy()
        for _ in range(_ROUNDS):
            p = 1 / (1 + np.exp(-(inputs @ weights)))
            gradient = inputs.T @ (y - p) - _TRUST * (weights - prior)
            curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + _TRUST * np.eye(2)
            step = np.linalg.solve(curvature, gradient)
            weights += step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        return cls(max(0.05, float(weights[0])), float(weights[1]))


def _logit(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(confidence, _EDGE, 1 - _EDGE)
    found: NDArray[np.float64] = np.log(inside / (1 - inside))
    return found
