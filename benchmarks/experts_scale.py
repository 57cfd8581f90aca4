"""Whom to ask at the size of a large company: 20,000 people who answered 1,000,000 questions, on one core.

The ranker is the product's, filled as its follower fills it: words as rare as in any language, people active as
unevenly as anywhere, a hundred topics. Choosing is measuring everybody for a question and taking the first; what
PostgreSQL adds (reasons, room, absence of the few that come first) is measured in a smaller company through
``models.candidates``. Growth is shown with fewer people, and with fewer posts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import psutil
from numpy.typing import NDArray
from sqlalchemy import insert
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, percentile
from models import base
from models.answers import Answer
from models.candidates import candidates
from models.expertise.follow import follower
from models.expertise.history import Asked
from models.expertise.ranker import Ranker
from models.knowledge import Topic
from models.people import Account, Person
from models.places import CHANNEL, Place
from models.questions import Question
from models.search import follow as search

PEOPLE, POSTS = 20_000, 1_000_000
QUESTIONS = 300
WORDS, LONG = 50_000, 14
TOPICS = 100
P99 = 50.0
STORED = 20_000
"""Questions in the database of the smaller company; a tenth as many people."""
START = datetime(2024, 1, 1, tzinfo=UTC)


def run(options: Options) -> Iterator[Row]:
    """The full size, fewer people, fewer posts; then the whole way of a smaller company."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    people, posts = options.of(PEOPLE, 200), options.of(POSTS, 2_000)
    for some, many in ((people, posts // 10), (people // 10, posts // 10), (people, posts)):
        yield _ranked(some, many, options.of(QUESTIONS, 20), goal=(some, many) == (people, posts))
    yield from _stored(options)


def _ranked(people: int, posts: int, questions: int, goal: bool) -> Row:
    began, before = time.perf_counter(), psutil.Process().memory_info().rss
    ranker, community = Ranker(), _Community(people)
    for number in range(posts):
        asked = community.asked(START + timedelta(minutes=number))
        ranker.history.ask(asked)
        ranker.history.answer(community.somebody(), asked, "", asked.at)
    built = time.perf_counter() - began
    times, cpu = [], []
    for number in range(questions):
        asked = community.asked(START + timedelta(minutes=posts + number))
        start, spent = time.perf_counter(), time.process_time()
        np.argmax(ranker.scores(asked))
        times.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.process_time() - spent))
        ranker.learn(asked, [community.somebody()])
        ranker.history.ask(asked)
        ranker.history.answer(community.somebody(), asked, "", asked.at)
    p99 = percentile(times, 0.99)
    memory = (psutil.Process().memory_info().rss - before) / 2**20
    figures = {"people": people, "posts": posts, "p50_ms": percentile(times, 0.5), "p99_ms": p99, "built_s": built,
               "cpu_p99_ms": percentile(cpu, 0.99)}  # fmt: skip
    name = f"experts scale: {people:,} people, {posts:,} posts"
    return Row(name, figures | {"memory_mb": max(memory, 1.0)}, f"p99 < {P99:g} ms" * goal, p99 < P99 if goal else None)


class _Community:
    """People who answer as unevenly as people do (Zipf), about words as uneven."""

    def __init__(self, people: int) -> None:
        chance = np.random.default_rng(7)
        self._people = _drawn(chance, _zipf(people), 1)
        self._words = _drawn(chance, _zipf(WORDS), LONG)
        self._topic = 0

    def somebody(self) -> int:
        """Who answers next."""
        return next(self._people)[0]

    def words(self) -> Sequence[str]:
        """What the next question says."""
        return [f"w{number}" for number in next(self._words)]

    def asked(self, at: datetime) -> Asked:
        """The next question."""
        self._topic = (self._topic + 1) % TOPICS
        return Asked(at, frozenset(self.words()), self._topic)


def _drawn(chance: np.random.Generator, shares: NDArray[np.float64], many: int) -> Iterator[list[int]]:
    while True:
        yield from np.searchsorted(shares, chance.random((10_000, many))).tolist()


def _zipf(many: int) -> NDArray[np.float64]:
    weights = 1.0 / np.arange(1, many + 1)
    shares: NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    return shares


def _stored(options: Options) -> Iterator[Row]:
    """The whole way: what changed, the questions like it, the ranker, and what PostgreSQL knows of the people."""
    posts = options.of(STORED, 200)
    with fresh_database():
        ids = _fill(max(20, posts // 10), posts)
        with base.transaction() as session:
            session.execute(sql("analyze"))
        times, found = [], 0
        for id in ids[: options.of(QUESTIONS, 20) + 1]:
            with Session(base.engine()) as session:  # as each turn has its own
                question = session.get_one(Question, id)
                start = time.perf_counter()
                found += len(candidates(session, question)) > 0
                times.append(1000 * (time.perf_counter() - start))
            follower().wait()
            search.follower().wait()
        figures = {"posts": posts, "p50_ms": percentile(times[1:], 0.5), "p99_ms": percentile(times[1:], 0.99)}
        yield Row(f"experts scale: the whole way, {posts:,} posts stored", figures | {"found": found / len(times)})


def _fill(people: int, posts: int) -> list[int]:
    """A company whose newest answers are of today; the numbers of its questions."""
    community = _Community(people)
    with base.transaction() as session:
        persons = [_person(number) for number in range(people)]
        topics = [Topic(key=f"t{number}", names={"en": "Topic"}) for number in range(TOPICS)]
        place = Place(platform="web", installation="here", key="c", kind=CHANNEL, name="c")
        session.add_all([*persons, *topics, place])
        session.flush()
        asker = persons[-1].id
        questions = [
            {"asker_id": asker, "text": " ".join(community.words()), "language": "en", "place_id": place.id,
             "audience": ["everyone"], "topic_id": topics[number % TOPICS].id}
            for number in range(posts)
        ]  # fmt: skip
        ids = list(session.scalars(insert(Question).returning(Question.id, sort_by_parameter_order=True), questions))
        answers = [{"question_id": id, "author_id": persons[community.somebody()].id, "text": "so"} for id in ids]
        session.execute(insert(Answer), answers)
    return ids


def _person(number: int) -> Person:
    account = Account(platform="web", installation="here", external=f"p{number}", private=f"dm{number}")
    return Person(handle=f"p{number}", name=f"Person {number}", quota=9, accounts=[account])


if __name__ == "__main__":
    main(run, description=__doc__)
