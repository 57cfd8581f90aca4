"""Questions asked of a store of entries through Agora's own path: documents, the index, the ranker.

A set is a folder with ``entries.jsonl`` ({id, language, title, text}) and ``questions.jsonl`` ({id, language, text,
relevant: [entry id]}). Every question joins the questions asked before when it is answered, as in a running company.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.encoder import Encoder
from models.markdown.passages import split
from models.search.index import Index
from models.search.pool import Document, Pool, Query
from models.search.rank import judge
from models.vectors import passage_text

EVERYBODY = ["everyone"]
_TOP = 10
Score = Callable[[Query, Pool], tuple[NDArray[np.float64], NDArray[np.float64]]]


class Entry(NamedTuple):
    """An entry of a set."""

    id: str
    language: str
    title: str
    text: str


class Question(NamedTuple):
    """A question, and the ids of the entries that answer it."""

    id: str
    language: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class Set:
    """A store and what is asked of it."""

    name: str
    entries: Sequence[Entry]
    questions: Sequence[Question]

    @classmethod
    def read(cls, folder: Path) -> Set:
        """The set in ``folder``."""
        entries = [
            Entry(row["id"], row["language"], row.get("title", ""), row["text"])
            for row in lines(folder / "entries.jsonl")
        ]
        questions = [
            Question(row["id"], row["language"], row["text"], frozenset(row["relevant"]))
            for row in lines(folder / "questions.jsonl")
        ]
        return cls(folder.name, entries, questions)

    @property
    def languages(self) -> tuple[frozenset[str], frozenset[str]]:
        """Those of the entries and those of the questions."""
        return frozenset(one.language for one in self.entries), frozenset(one.language for one in self.questions)


class Found(NamedTuple):
    """The entries that a question found, best first, and the confidence of the first."""

    ids: list[str]
    confidence: float


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file, one a line."""
    with file.open(encoding="utf-8") as opened:
        yield from (json.loads(line) for line in opened if line.strip())


def data(given: Sequence[Path], folder: str) -> list[Path]:
    """What was given, else the folder of that name in ``AGORA_DATA``."""
    if given:
        return list(given)
    home = os.environ.get("AGORA_DATA")
    if not home:
        raise SystemExit("Name the data, or set AGORA_DATA to the folder with the data sets.")
    return [Path(home) / folder]


def sets(given: Sequence[Path]) -> list[Set]:
    """The sets in these folders, or in the folders below them, in alphabetical order."""
    folders = [one for path in given for one in sorted({file.parent for file in path.rglob("entries.jsonl")})]
    return [Set.read(folder) for folder in folders]


def documents(entries: Iterable[Entry], encoder: Encoder) -> Iterator[Document]:
    """The passages of entries as the index takes them; ``parent`` counts the entries."""
    number = 0
    for parent, entry in enumerate(entries):
        titles = encoder.question(entry.title) if entry.title else {}
        parts = [(" › ".join(part.headings), part.text) for part in split(entry.text)] or [("", "")]
        for heading, text in parts:
            number += 1
            vectors = encoder.passage(passage_text(entry.title, heading, text))
            whole = f"{heading}\n{text}" if heading else text
            yield Document(
                "passage", number, parent, entry.language, entry.title, whole, EVERYBODY, vectors, titles
            )  # fmt: skip


def judged(query: Query, pool: Pool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Agora's own judgement."""
    found = judge(query, pool)
    return found.score, found.confidence


def words_alone(query: Query, pool: Pool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A baseline: BM25 and nothing else."""
    return pool.bm25, pool.coverage


def ask(of: Set, encoder: Encoder, score: Score = judged, but: frozenset[str] = frozenset()) -> list[Found]:
    """What each question finds in the store without the entries ``but``."""
    index, kept = Index(), [one for one in of.entries if one.id not in but]
    index.put(documents(kept, encoder))
    found = []
    for number, question in enumerate(of.questions):
        vectors = encoder.question(question.text)
        query = Query(question.text, question.language, vectors if score is judged else {})
        pool = index.pool(query, EVERYBODY)
        found.append(_found(*score(query, pool), pool, [one.id for one in kept]))
        index.put([Document("question", number, number, question.language, "", question.text, EVERYBODY, vectors)])
    return found


def _found(score: NDArray[np.float64], confidence: NDArray[np.float64], pool: Pool, ids: Sequence[str]) -> Found:
    order = np.argsort(-score, kind="stable")
    first = list(dict.fromkeys(pool.parents[order].tolist()))[:_TOP]
    return Found([ids[parent] for parent in first], float(confidence[order[0]]) if len(order) else 0.0)


def nearest(of: Set, encoder: Encoder) -> list[Found]:
    """A baseline: the encoder alone, the better of title and text, nothing taken away."""
    parts = list(documents(of.entries, encoder))
    texts = np.stack([part.vectors[encoder.space] for part in parts])
    titles = np.stack([part.titles.get(encoder.space, part.vectors[encoder.space]) for part in parts])
    found = []
    for question in of.questions:
        vector = encoder.question(question.text)[encoder.space]
        score = np.maximum(texts @ vector, titles @ vector)
        order = list(dict.fromkeys(parts[at].parent for at in np.argsort(-score, kind="stable").tolist()))[:_TOP]
        found.append(Found([of.entries[parent].id for parent in order], float(score.max())))
    return found


def measures(of: Set, found: Sequence[Found]) -> dict[str, float]:
    """nDCG@10, recall@1, recall@5 and MRR over all questions, the first two with their 95% interval."""
    each = np.array([_measured(one.ids, q.relevant) for one, q in zip(found, of.questions, strict=True)])
    names = ("ndcg10", "recall1", "recall5", "mrr")
    figures = dict(zip(names, each.mean(axis=0).tolist(), strict=True))
    for at, name in enumerate(names[:2]):
        figures[f"{name}_low"], figures[f"{name}_high"] = interval(each[:, at], np.mean)
    return figures


def _measured(ids: Sequence[str], relevant: frozenset[str]) -> tuple[float, float, float, float]:
    gains = [1 / math.log2(at + 2) for at, id in enumerate(ids) if id in relevant]
    best = sum(1 / math.log2(at + 2) for at in range(min(_TOP, len(relevant))))
    first = next((at for at, id in enumerate(ids, 1) if id in relevant), 0)
    some = [len(relevant & set(ids[:most])) / max(1, len(relevant)) for most in (1, 5)]
    return sum(gains) / best if best else 0.0, some[0], some[1], 1 / first if first else 0.0


def interval(values: NDArray[Any], of: Callable[[NDArray[Any]], Any], times: int = 500) -> tuple[float, float]:
    """The 95% interval of ``of(values)`` by bootstrap over the rows; the same draws always."""
    chance = np.random.default_rng(7)
    drawn = [float(of(values[chance.integers(0, len(values), len(values))])) for _ in range(times)]
    return float(np.percentile(drawn, 2.5)), float(np.percentile(drawn, 97.5))


def auroc(score: NDArray[np.float64], yes: NDArray[np.bool_]) -> float:
    """How often what is so scores above what is not so; half where they are equal."""
    if yes.all() or not yes.any():
        return math.nan
    order = np.argsort(score, kind="stable")
    values, ranks = score[order], np.arange(1, len(score) + 1, dtype=float)
    _, first, counts = np.unique(values, return_index=True, return_counts=True)
    ranks = np.repeat(first + (counts + 1) / 2, counts)
    positive = float(ranks[yes[order]].sum())
    n = int(yes.sum())
    return (positive - n * (n + 1) / 2) / (n * (len(score) - n))


def fewer(of: Set, most: int) -> Set:
    """The same store, and at most so many of its questions."""
    return replace(of, questions=of.questions[:: max(1, -(-len(of.questions) // most))])
