"""How sure it is that an answer answers: a probability, and what a company's own votes make of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GOOD_ENOUGH = 0.5
"""From this probability on it is shown as the answer,"""
MAYBE = 0.35
"""from this on with doubt."""

NONE = 0.3
"""The score at which an entry is as likely as that there is no answer, were there no other entry."""
_SHARP = 0.06
"""By so much better a score is, it is e times as likely to be that of the answer."""
_RIVALS = 20
"""So many other entries are looked at."""
_SLOPE, _SHIFT = 0.45, -0.45
"""What makes a probability of it: of a logistic regression over the questions of the sets of docs/benchmarks.md, each
kind of set weighing as much, half of their entries gone, and a wrong answer nearly as much as two right ones. It
changes no order."""
_TRUST = 10.0
"""How firmly the default stands against votes: the precision of the prior on slope and shift."""
_ROUNDS = 30
_EDGE = 1e-4


def likely(score: Floats, parents: NDArray[np.int64]) -> Floats:
    """The default probability that each candidate answers, for scores of ``rank``: it, rather than another entry, or
    none (a softmax). Passages of one entry are no rivals of each other."""
    if not len(score):
        return score
    entries, of = np.unique(parents, return_inverse=True)
    best = np.full(len(entries), -np.inf)
    np.maximum.at(best, of, score)
    rivals = np.sort(best)[::-1][: _RIVALS + 1]
    highest = max(NONE, float(rivals[0]))  # taken away, so that nothing is too large to be counted
    weights = np.exp((rivals - highest) / _SHARP)
    others = np.where(best >= rivals[-1], weights.sum() - np.exp((best - highest) / _SHARP), weights[:_RIVALS].sum())
    against = others.clip(min=0.0)[of] + math.exp((NONE - highest) / _SHARP)
    odds = _SLOPE * ((score - highest) / _SHARP - np.log(against)) + _SHIFT
    found: Floats = 1 / (1 + np.exp(-odds))
    return found


@dataclass(frozen=True)
class Calibration:
    """A company's correction of the default probabilities (Platt scaling): the log-odds times ``slope``, plus
    ``shift``. As it is made it corrects nothing."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, confidence: Floats) -> Floats:
        """The corrected probabilities: in the same order."""
        if (self.slope, self.shift) == (1.0, 0.0):
            return np.clip(confidence, _EDGE, 1 - _EDGE)
        found: Floats = 1 / (1 + np.exp(-(self.slope * _logit(confidence) + self.shift)))
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


def _logit(confidence: Floats) -> Floats:
    inside = np.clip(confidence, _EDGE, 1 - _EDGE)
    found: Floats = np.log(inside / (1 - inside))
    return found
