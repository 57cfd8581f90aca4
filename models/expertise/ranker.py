"""Who is likely to answer a question: the one ranker, of what people did and of what this company taught it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from models.expertise.history import USUAL, Asked, History, Person
from models.expertise.weights import Weights

COMPARED = 200
"""A lesson compares who answered with so many others: those who seemed likeliest."""
FAIR_DAYS = 90
"""So far back it counts how often somebody was asked."""


class Ranker:
    """The history of a company, and what it taught."""

    def __init__(self) -> None:
        self.history = History()
        self.weights = Weights(USUAL)

    def scores(self, question: Asked) -> NDArray[np.float64]:
        """How likely each person of the history answers: a logarithm, comparable for one question."""
        return self.weights.scores(self.history.measures(question))

    def score_of_nobody(self, question: Asked) -> float:
        """The same of somebody who never answered anything."""
        return float(self.weights.scores(self.history.measures_of_nobody(question)[None])[0])

    def learn(self, question: Asked, answered: Collection[Person], among: Collection[int] | None = None) -> None:
        """These people answered; to be told while the history does not know it yet. ``among``: the slots of those who
        might have, where not all might."""
        measures = self.history.measures(question)
        slots = np.fromiter(range(len(measures)) if among is None else among, np.int64)
        right = np.isin(slots, [self.history.slots.get(person, -1) for person in answered])
        measures = measures[slots]
        if len(slots) > COMPARED:
            first = np.argpartition(-self.weights.scores(measures), COMPARED)[:COMPARED]
            kept = np.union1d(first, np.flatnonzero(right))
            measures, right = measures[kept], right[kept]
        self.weights.learn(measures, right)


def in_turn(scores: NDArray[np.float64], lately: NDArray[np.float64], fairness: float) -> NDArray[np.intp]:
    """The order in which to ask. The first is the likeliest when it counts how often each was asked lately, by
    ``fairness`` (0: not at all); the others follow as likely as they are, since they are asked only after a "no"."""
    order = np.argsort(-scores, kind="stable")
    if fairness <= 0 or len(order) < 2:
        return order
    first = int(np.argmax(scores - fairness * np.log1p(lately)))
    return np.concatenate([[first], order[order != first]])
