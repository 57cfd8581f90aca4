"""The words that each person answered about: for a question, how much more they are theirs than everybody's.

A person is described by the words of the questions they answered and of their answers, each text once: the candidate
model of expert finding (Balog, Azzopardi and de Rijke, SIGIR 2006) with Dirichlet's smoothing. It does not favour who
answered more; how much somebody answers is another measure.

Words of persons are kept as sorted numbers in a few runs, which are merged as they grow.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from models.search.lexical import hashed

MOST = 24
"""Of a question, so many words are looked at: the rarest."""
_PERSON = np.uint64(32)  # a key's bits of the person; those of the word stand above
_SLOT = np.uint64(0xFFFFFFFF)

Run = tuple[NDArray[np.uint64], NDArray[np.uint32]]


class Profiles:
    """Which words people answered about, and how often."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._fresh: list[int] = []
        self._questions = 0
        self._asked_with: dict[int, int] = {}
        self._sizes = np.zeros(64)

    def ask(self, words: Collection[str]) -> None:
        """One more question: how rare its words are is told by all questions."""
        self._questions += 1
        for number in map(hashed, words):
            self._asked_with[number] = self._asked_with.get(number, 0) + 1

    def add(self, slot: int, words: Collection[str]) -> None:
        """Somebody answered a question, with these words in it or in the answer."""
        while slot >= len(self._sizes):
            self._sizes = np.concatenate([self._sizes, np.zeros_like(self._sizes)])
        self._sizes[slot] += len(words)
        self._fresh += [hashed(word) << 32 | slot for word in words]

    def forget(self, slot: int) -> None:
        """Nothing is known of somebody any more."""
        if slot >= len(self._sizes):
            return
        self._settle()
        self._sizes[slot] = 0
        others = [(keys & _SLOT) != slot for keys, _ in self._runs]
        self._runs = [(keys[kept], counts[kept]) for (keys, counts), kept in zip(self._runs, others, strict=True)]

    def fit(self, words: Collection[str], people: int) -> NDArray[np.float64]:
        """For each person the mean over the words, rare ones counting more, of how much likelier they are where that
        person answers (logarithm): 0 for who never answered."""
        sizes = (
            self._sizes[:people] if people <= len(self._sizes) else np.pad(self._sizes, (0, people - len(self._sizes)))
        )
        usual = sizes.sum() / max(1, np.count_nonzero(sizes))
        rare = self._rarest(words)
        if not rare or not usual:
            return np.zeros(people)
        found = np.zeros(people)
        weight = 0.0
        total = sizes.sum()
        for idf, (slots, times) in zip(rare.values(), self._of(list(rare)), strict=True):
            if len(slots):
                expected = usual * times.sum() / total
                found[slots] += idf * np.log1p(times / expected)
                weight += idf
        return np.log(usual / (sizes + usual)) + found / weight if weight else np.zeros(people)

    def _rarest(self, words: Collection[str]) -> dict[int, float]:
        """The rarest words that any question had, with their idf."""
        known = {number: count for number in map(hashed, words) if (count := self._asked_with.get(number))}
        rarest = sorted(known.items(), key=lambda pair: (pair[1], pair[0]))[:MOST]
        every = self._questions
        return {number: max(1e-6, float(np.log1p((every - n + 0.5) / (n + 0.5)))) for number, n in rarest}

    def _of(self, numbers: list[int]) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """For each word who has it, and how often."""
        self._settle()
        bounds = np.array(numbers, np.uint64) << _PERSON
        ends = (np.array(numbers, np.uint64) + np.uint64(1)) << _PERSON
        parts = [(run, np.searchsorted(run[0], bounds), np.searchsorted(run[0], ends)) for run in self._runs]
        found = []
        for at in range(len(numbers)):
            slots = [keys[first[at] : last[at]] for (keys, _), first, last in parts]
            times = [counts[first[at] : last[at]] for (_, counts), first, last in parts]
            keys, counts = _joined(np.concatenate(slots), np.concatenate(times))
            found.append(((keys & _SLOT).astype(np.int64), counts.astype(np.float64)))
        return found

    def _settle(self) -> None:
        """What was added is a run; runs of like size become one, so that there are few."""
        if self._fresh or not self._runs:
            keys, counts = np.unique(np.array(self._fresh, np.uint64), return_counts=True)
            self._runs.append((keys, counts.astype(np.uint32)))
            self._fresh = []
        while len(self._runs) > 1 and len(self._runs[-2][0]) < 2 * len(self._runs[-1][0]):
            (one, first), (other, second) = self._runs.pop(), self._runs.pop()
            self._runs.append(_joined(np.concatenate([one, other]), np.concatenate([first, second])))


def _joined(keys: NDArray[np.uint64], counts: NDArray[np.uint32]) -> Run:
    """Keys in order, each once."""
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    return keys[first], (np.add.reduceat(counts, first) if len(keys) else counts)
