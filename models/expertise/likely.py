"""Who is likely to answer a question, of all who ever answered one: what the ranker says of them, in points."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import numpy as np
from sqlalchemy.orm import Session

from models.expertise.follow import EARLIER, follower
from models.expertise.history import Asked, Values
from models.expertise.ranker import Ranker
from models.questions import Question

SURE = 50.0
"""So many answered questions make what the ranker says count half: a company that begins goes by what people state."""
CHANCE = 0.05
"""Who answers this question with such a chance, of all who might, may be asked though nothing else speaks for them."""
_ACTIVE, _ON_TOPIC = 10, 30  # so many are looked at


@dataclass(frozen=True)
class Shown:
    """What somebody answered: how many questions, and when last."""

    person: int
    n: int
    last: datetime


@dataclass(frozen=True)
class Likely:
    """What the ranker says of the people for one question."""

    points: dict[int, float] = field(default_factory=dict)
    """For everybody who ever answered: how much likelier they are than who never did, as far as that is known."""
    on_topic: Sequence[Shown] = ()
    """Who answered questions of its topic, likeliest first."""
    languages: Mapping[int, Collection[str]] = field(default_factory=dict)
    """In which languages people answered."""
    active: Sequence[Shown] = ()
    """Who answers so much lately, or so well to these words, that they may be asked."""


def likely(session: Session, question: Question) -> Likely:
    """What the ranker says now."""
    here = follower()
    here.catch_up(session)
    with here.lock:
        ranker = here.ranker
        history = ranker.history
        if not history.people:
            return Likely()
        asked = Asked.of(question.whole, question.created_at, question.topic_id)
        scores = ranker.scores(asked)
        known = history.questions / (history.questions + SURE)
        points = known * (scores - ranker.score_of_nobody(asked))
        people = cast(list[int], history.people)  # the follower gives their numbers
        topic = history.topics.get(question.topic_id, {})
        best = sorted(topic, key=lambda slot: -scores[slot])[:_ON_TOPIC]
        shown = [Shown(people[slot], topic[slot].n, _moment(topic[slot].last)) for slot in best]
        worth = dict(zip(people, points.tolist(), strict=True))
        return Likely(worth, shown, here.languages, _active(ranker, scores, people))


def _active(ranker: Ranker, scores: Values, people: list[int]) -> list[Shown]:
    history = ranker.history
    if history.questions < SURE:
        return []
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    first = np.argsort(-chances, kind="stable")[:_ACTIVE].tolist()
    good = [slot for slot in first if chances[slot] >= CHANCE and history.answered[slot] >= EARLIER]
    return [Shown(people[slot], history.answered[slot], _moment(history.last[slot])) for slot in good]


def _moment(day: float) -> datetime:
    return datetime.fromtimestamp(day * 86_400, UTC)
