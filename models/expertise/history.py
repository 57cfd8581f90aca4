"""What is remembered of the questions that people answered, and what it says of each of them for a new question.

It knows no database: ``models.expertise.follow`` fills it from PostgreSQL, benchmarks from files.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from models.expertise.clocks import Clocks
from models.expertise.profiles import Profiles
from models.search.near import words_of

MEASURES = ("share", "days10", "days100", "questions40", "questions400", "hour", "words", "topic")
USUAL = np.array((1.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.4, 0.8))
"""What each counts before anything is learned: people answer as they did, at their hours, what they know."""
_SPREAD = 2.5  # hours: about so far from their usual hour people still answer
_HOURS = np.arange(24)
_BETWEEN = np.minimum((_HOURS[:, None] - _HOURS) % 24, (_HOURS - _HOURS[:, None]) % 24)
_NEAR = np.exp(-(_BETWEEN**2) / (2 * _SPREAD**2))
_NEAR *= 24 / _NEAR.sum(axis=1, keepdims=True)
# Pseudo-counts: what is said of who answered little stays near to what is said of all.
_EVEN, _FEW_DAYS, _FEW_QUESTIONS, _FEW_HOURS = 3.0, 0.1, 0.05, 3.0
_TOPIC_DAYS = 365.0

Person = Hashable
Values = NDArray[np.float64]


@dataclass
class OnTopic:
    """What somebody answered of a topic: how many questions, when last, and what is left of it by then."""

    n: int = 0
    last: float = 0.0
    left: float = 0.0

    def at(self, day: float) -> float:
        """What counts of it on that day."""
        return float(self.left * 0.5 ** (max(0.0, day - self.last) / _TOPIC_DAYS))


@dataclass(frozen=True)
class Asked:
    """A question as it is measured: when it was asked, its words, and its topic if it has one."""

    at: datetime
    words: Collection[str]
    topic: Hashable = None

    @classmethod
    def of(cls, text: str, at: datetime, topic: Hashable = None) -> Asked:
        """A question with this text."""
        return cls(at, words_of(text), topic)


@dataclass
class History:
    """Who answered what, as a few numbers a person."""

    people: list[Person] = field(default_factory=list)
    slots: dict[Person, int] = field(default_factory=dict)
    answered: list[int] = field(default_factory=list)
    """How many questions each answered."""
    last: list[float] = field(default_factory=list)
    """When each answered last: days since 1970."""
    topics: dict[Hashable, dict[int, OnTopic]] = field(default_factory=dict)
    questions: int = 0

    def __post_init__(self) -> None:
        self._clocks, self._profiles = Clocks(), Profiles()
        self._hours: Values = np.zeros((64, 24))

    def ask(self, question: Asked) -> None:
        """A question that somebody answered: to be told before its answers."""
        self.questions += 1
        self._profiles.ask(question.words)

    def answer(self, person: Person, question: Asked, text: str, at: datetime, number: int | None = None) -> None:
        """``person`` answered the newest question that was told, or an older one: the ``number``-th."""
        slot = self._slot(person)
        self.answered[slot] += 1
        day = _day(at)
        self.last[slot] = max(day, self.last[slot])
        self._clocks.add(slot, day, self.questions if number is None else number)
        self._profiles.add(slot, {*question.words, *words_of(text)})
        self._hours[slot, at.astimezone(UTC).hour] += 1
        if question.topic is not None:
            known = self.topics.setdefault(question.topic, {}).setdefault(slot, OnTopic())
            known.left, known.last = known.at(day) + 1, max(day, known.last)
            known.n += 1

    def credit(self, person: Person, at: datetime, weight: float, number: int | None = None) -> None:
        """Somebody found an answer of ``person`` good: it counts as so much of another one."""
        self._clocks.add(self._slot(person), _day(at), self.questions if number is None else number, weight)

    def forget(self, person: Person) -> None:
        """Nothing is known of ``person`` any more: what still holds is told anew."""
        slot = self.slots.get(person)
        if slot is None:
            return
        self.answered[slot], self.last[slot], self._hours[slot] = 0, 0.0, 0.0
        self._clocks.forget(slot)
        self._profiles.forget(slot)
        for known in self.topics.values():
            known.pop(slot, None)

    def measures(self, question: Asked) -> Values:
        """What speaks for each person: a row a person, a column for each of ``MEASURES``."""
        many = len(self.people)
        day = _day(question.at)
        left = self._clocks.at(day, self.questions, many)
        totals = left.sum(axis=0)
        share = ((left + _EVEN / max(1, many)) / (totals + _EVEN)).mean(axis=1)
        found = np.empty((many, len(MEASURES)))
        found[:, 0] = np.log(share * max(1, many))
        found[:, 1:3] = np.log(left[:, :2] + _FEW_DAYS)
        found[:, 3:5] = np.log(left[:, 2:] + _FEW_QUESTIONS)
        hour = question.at.astimezone(UTC).hour
        counts = np.array(self.answered, float)
        found[:, 5] = np.log((self._hours[:many] @ _NEAR[hour] + _FEW_HOURS) / (counts + _FEW_HOURS))
        found[:, 6] = self._profiles.fit(question.words, many)
        found[:, 7] = 0.0
        for slot, known in self.topics.get(question.topic, {}).items():
            found[slot, 7] = np.log1p(known.at(day))
        return found

    def measures_of_nobody(self, question: Asked) -> Values:
        """The same of somebody who never answered anything: one row."""
        totals = self._clocks.at(_day(question.at), self.questions, len(self.people)).sum(axis=0)
        found = np.zeros(len(MEASURES))
        found[0] = np.log((_EVEN / (totals + _EVEN)).mean())
        found[1:5] = np.log([_FEW_DAYS, _FEW_DAYS, _FEW_QUESTIONS, _FEW_QUESTIONS])
        return found

    def _slot(self, person: Person) -> int:
        slot = self.slots.get(person)
        if slot is None:
            slot = self.slots[person] = len(self.people)
            self.people.append(person)
            self.answered.append(0)
            self.last.append(0.0)
            while slot >= len(self._hours):
                self._hours = np.concatenate([self._hours, np.zeros_like(self._hours)])
        return slot


def _day(moment: datetime) -> float:
    return moment.timestamp() / 86_400
