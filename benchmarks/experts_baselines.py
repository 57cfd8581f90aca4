"""What the ranker of experts is measured against, and that ranker in the same clothes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.experts_replay import EARLIER, Post, Ranks
from models.expertise.ranker import Ranker
from models.search.analysis import Term, terms
from models.search.lexical import K1, B

Scores = NDArray[np.float64]


class Agora:
    """The ranker of the product: it learns of each block before it knows it."""

    def __init__(self) -> None:
        self._ranker = Ranker()

    def know(self, posts: Sequence[Post]) -> None:
        """See ``Ranks``."""
        history = self._ranker.history
        among = {person: slot for person, slot in history.slots.items() if history.answered[slot] >= EARLIER}
        for post in posts:
            others = [slot for person, slot in among.items() if person != post.asker]
            self._ranker.learn(post.asked, {person for person, _ in post.answers}, others)
        for post in posts:
            history.ask(post.asked)
            for person, text in post.answers:
                history.answer(person, post.asked, text, post.asked.at)

    def score(self, post: Post, candidates: Sequence[str]) -> Scores:
        """See ``Ranks``."""
        return self._ranker.scores(post.asked)[[self._ranker.history.slots[person] for person in candidates]]


class Active:
    """Who answered most; with ``half``, who did lately: an answer counts half after so many days."""

    def __init__(self, half: float = 1e9) -> None:
        self._half = half
        self._sums: dict[str, float] = defaultdict(float)
        self._last: datetime | None = None

    def know(self, posts: Sequence[Post]) -> None:
        """See ``Ranks``."""
        for post in posts:
            if self._last is not None:
                faded = 0.5 ** ((post.asked.at - self._last).total_seconds() / 86_400 / self._half)
                self._sums = defaultdict(float, {person: left * faded for person, left in self._sums.items()})
            self._last = post.asked.at
            for person, _ in post.answers:
                self._sums[person] += 1

    def score(self, post: Post, candidates: Sequence[str]) -> Scores:
        """See ``Ranks``."""
        return np.array([self._sums[person] for person in candidates])


class Within:
    """Who answered most in the last ``days``, then ever."""

    def __init__(self, days: float = 14) -> None:
        self._days = days
        self._answers: list[tuple[datetime, str]] = []

    def know(self, posts: Sequence[Post]) -> None:
        """See ``Ranks``."""
        self._answers += [(post.asked.at, person) for post in posts for person, _ in post.answers]

    def score(self, post: Post, candidates: Sequence[str]) -> Scores:
        """See ``Ranks``."""
        now = post.asked.at
        lately = Counter(person for at, person in self._answers if (now - at).total_seconds() < self._days * 86_400)
        ever = Counter(person for _, person in self._answers)
        return np.array([lately[person] + 1e-6 * ever[person] for person in candidates])


class Words:
    """BM25 of the question in each past post (a question with one answer to it), summed over those of a person."""

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._lengths: list[int] = []
        self._authors: list[str] = []

    def know(self, posts: Sequence[Post]) -> None:
        """See ``Ranks``."""
        for post in posts:
            for person, text in post.answers:
                words = Counter(map(_shortest, terms(f"{post.text}\n{text}")))
                for word, times in words.items():
                    self._found[word].append((len(self._lengths), times))
                self._lengths.append(words.total())
                self._authors.append(person)

    def score(self, post: Post, candidates: Sequence[str]) -> Scores:
        """See ``Ranks``."""
        every = len(self._lengths)
        average = sum(self._lengths) / max(1, every)
        sums: dict[str, float] = defaultdict(float)
        for word in {_shortest(term) for term in terms(post.text)}:
            there = self._found.get(word, ())
            idf = float(np.log1p((every - len(there) + 0.5) / (len(there) + 0.5)))
            for at, times in there:
                norm = K1 * (1 - B + B * self._lengths[at] / average)
                sums[self._authors[at]] += idf * times * (K1 + 1) / (times + norm)
        return np.array([sums[person] for person in candidates])


class Once:
    """A ranker that several replays of one set share: what it was asked once it knows."""

    def __init__(self, ranker: Ranks) -> None:
        self._ranker = ranker
        self._known: set[int] = set()
        self._scores: dict[int, Scores] = {}

    def know(self, posts: Sequence[Post]) -> None:
        """See ``Ranks``."""
        if id(posts[0]) not in self._known:
            self._known.add(id(posts[0]))
            self._ranker.know(posts)

    def score(self, post: Post, candidates: Sequence[str]) -> Scores:
        """See ``Ranks``."""
        if id(post) not in self._scores:
            self._scores[id(post)] = self._ranker.score(post, candidates)
        return self._scores[id(post)]


class Mixed:
    """A mix of baselines: each one's scores as a share of its highest, by a fixed weight."""

    def __init__(self, parts: Sequence[tuple[Ranks, float]]) -> None:
        self._parts = parts

    def know(self, posts: Sequence[Post]) -> None:
        """See ``Ranks``."""
        for part, _ in self._parts:
            part.know(posts)

    def score(self, post: Post, candidates: Sequence[str]) -> Scores:
        """See ``Ranks``."""
        found = np.zeros(len(candidates))
        for part, weight in self._parts:
            scores = part.score(post, candidates)
            found += weight * scores / max(float(scores.max()), 1e-9)
        return found


def mixes() -> dict[str, Mixed]:
    """All mixes that are tried: the best of them is known only afterwards."""
    found = {}
    words = Once(Words())
    for half in (14.0, 30.0, 90.0, 1e9):
        active = Once(Active(half))
        for weight in (0.25, 0.5, 1.0):
            of_all = "most active" if half > 1e6 else f"half in {half:g} days"
            found[f"{of_all} + {weight:g} words"] = Mixed([(active, 1.0), (words, weight)])
    return found


def _shortest(term: Term) -> str:
    return min(term, key=lambda form: (len(form), form))
