"""A community's questions, asked again in time order: who would have been asked, and who really answered.

A set is a file of lines ``{id, time, asker, text, answers: [{user, time, text, votes, accepted}]}`` in time order. The
first half is history only. Then, in blocks of 20, everything before the block is known, and each question is ranked
over the people with at least two earlier answers, never its asker. Right is whoever really answered; a question counts
if one of them is a candidate. An answer is dated by its question: one that was written after the block began must not
tell when.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.expertise.history import Asked
from models.expertise.ranker import FAIR_DAYS, in_turn

BLOCK = 20
EARLIER = 2  # answers make a candidate


class Post(NamedTuple):
    """A question, and who answered it with what."""

    asked: Asked
    asker: str
    text: str
    answers: list[tuple[str, str]]


class Ranks(Protocol):
    """What is measured: it is told what became known, and scores the candidates of a question."""

    def know(self, posts: Sequence[Post]) -> None:
        """These were asked and answered."""

    def score(self, post: Post, candidates: Sequence[str]) -> NDArray[np.float64]:
        """How likely each candidate answers ``post``; any scale."""


@dataclass
class Outcome:
    """What became of every question that counts, for one ranker."""

    ranks: list[int] = field(default_factory=list)
    """Where the first who really answered stood, from 0 on."""
    firsts: list[str] = field(default_factory=list)
    busiest: list[bool] = field(default_factory=list)
    """Whether the first choice was of the tenth of the candidates who had answered most."""
    candidates: int = 0


def files(given: Sequence[Path]) -> list[Path]:
    """The sets to run: the files given, those in the folders given, else ``experts`` in AGORA_DATA."""
    places = given or ([Path(os.environ["AGORA_DATA"]) / "experts"] if os.environ.get("AGORA_DATA") else ())
    found = [file for place in places for file in (sorted(place.glob("*.jsonl")) if place.is_dir() else [place])]
    if not found:
        raise SystemExit("name files of questions with their answers, or set AGORA_DATA")
    return found


def read(file: Path) -> list[Post]:
    """The posts of a set."""
    with file.open(encoding="utf-8") as lines:
        return [_post(json.loads(line)) for line in lines if line.strip()]


def _post(row: dict[str, Any]) -> Post:
    at = datetime.fromisoformat(row["time"])
    asked = Asked.of(row["text"], at if at.tzinfo else at.replace(tzinfo=UTC))
    answers = [(one["user"], one["text"]) for one in row["answers"] if one["user"] != row["asker"]]
    return Post(asked, row["asker"], row["text"], answers)


def blocks(posts: Sequence[Post]) -> Iterator[tuple[int, Sequence[Post]]]:
    """The posts in blocks, the second half's beginning where it begins; each with the number of its first post."""
    half = len(posts) // 2
    starts = [0, *range(half % BLOCK or BLOCK, len(posts), BLOCK)]
    for start, end in zip(starts, [*starts[1:], len(posts)], strict=True):
        yield start, posts[start:end]


def replay(posts: Sequence[Post], ranker: Ranks, fairness: float = 0.0) -> Outcome:
    """Ask everything again."""
    times: Counter[str] = Counter()
    asked: list[tuple[datetime, str]] = []
    found = Outcome()
    for start, block in blocks(posts):
        candidates = sorted(person for person, count in times.items() if count >= EARLIER)
        busiest = {person for person, _ in times.most_common(max(1, len(candidates) // 10))}
        for post in block if start >= len(posts) // 2 else ():
            among = [person for person in candidates if person != post.asker]
            right = {person for person, _ in post.answers}
            if right.isdisjoint(among):
                continue
            order = in_turn(ranker.score(post, among), _lately(asked, post, among), fairness)
            found.ranks.append(next(rank for rank, at in enumerate(order) if among[at] in right))
            found.firsts.append(among[order[0]])
            found.busiest.append(among[order[0]] in busiest)
            asked.append((post.asked.at, among[order[0]]))
        found.candidates = len(candidates)
        ranker.know(block)
        times.update(person for post in block for person, _ in post.answers)
    return found


def _lately(asked: Sequence[tuple[datetime, str]], post: Post, among: Sequence[str]) -> NDArray[np.float64]:
    """How often each was the first choice lately."""
    recent = Counter(person for at, person in asked if (post.asked.at - at).days < FAIR_DAYS)
    return np.array([recent[person] for person in among], float)
