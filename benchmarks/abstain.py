"""Abstaining: does Agora know when it does not know?

From each retrieval set (a folder with ``entries.jsonl`` and ``questions.jsonl``) the entries are removed whose
``sha1("gone" + id)`` is even; everything is asked. ``auroc``: the confidence of the first answer where the right
entry is there against where it is not. ``coverage_at_95``: of the questions whose answer is there, the share answered
before one answer in twenty is wrong. Sets of intents (``X-entries.jsonl`` {text, intent}, ``X-questions.jsonl``,
intent ``oos`` for what nobody can answer): an intent is an entry, its phrasings are its passages; ``accuracy`` and
``oos_recall`` at the threshold that is best on the other half of the questions. Baseline: words alone, by the share
of the question they cover.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.encoder import Encoder
from benchmarks.report import Options, Row, main
from benchmarks.retrieval import (
    EVERYBODY,
    Score,
    Set,
    ask,
    auroc,
    data,
    fewer,
    interval,
    judged,
    lines,
    sets,
    words_alone,
)
from models.search.index import Index
from models.search.pool import Document, Query

_ALL = 10_000
_PRECISION = 0.95
_COVERED = {"stackfaq-en": 0.85, "faq-cross-he-en": 0.50, "faq-mixed": 0.45}
"""Goals."""
_KNOWN = 0.97
Floats = NDArray[np.float64]


def run(options: Options) -> Iterator[Row]:
    """Each set of intents, then each retrieval set, and words alone."""
    encoder = Encoder()
    given = options.data or (data((), "abstain")[0], data((), "retrieval")[0])
    for file in (file for path in given for file in sorted(path.rglob("*-entries.jsonl"))):
        yield from _intents(file, encoder, options.of(_ALL))
    for one in sets(given):
        yield from _retrieval(fewer(one, options.of(_ALL)) if options.scale < 1 else one, encoder)


def _retrieval(one: Set, encoder: Encoder) -> Iterator[Row]:
    gone = frozenset(entry.id for entry in one.entries if _is_gone(entry.id))
    there = np.array([bool(question.relevant - gone) for question in one.questions])
    for name, score in ((f"abstain {one.name}, words alone", words_alone), (f"abstain {one.name}", judged)):
        found = ask(one, encoder, score, gone)
        sure = np.array([each.confidence for each in found])
        pairs = zip(found, one.questions, strict=True)
        right = np.array([bool(each.ids) and each.ids[0] in question.relevant for each, question in pairs])
        figures = {"auroc": auroc(sure, there), "coverage_at_95": coverage(sure, right, there)}
        if score is judged:
            _, low, high = _between(np.stack([sure, there], axis=1))
            yield _row(name, {**figures, "auroc_low": low, "auroc_high": high}, one.name)
        else:
            yield Row(name, figures)


def _row(name: str, figures: dict[str, float], of: str) -> Row:
    if of not in _COVERED:
        return Row(name, figures)
    return Row(name, figures, f"coverage ≥ {_COVERED[of]:.2f}", figures["coverage_at_95"] >= _COVERED[of])


def _is_gone(id: str) -> bool:
    return int(hashlib.sha1(f"gone{id}".encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0


def coverage(sure: Floats, right: NDArray[np.bool_], there: NDArray[np.bool_]) -> float:
    """Of the questions that have an answer, how many are answered when as many as possible are, the surest first, so
    that 95% of the answers are right."""
    order = np.argsort(-sure, kind="stable")
    precise = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= _PRECISION)
    return float(min(1.0, (precise[-1] + 1) / max(1, there.sum()))) if len(precise) else 0.0


def _between(pairs: NDArray[Any]) -> tuple[float, float, float]:
    def of(some: NDArray[Any]) -> float:
        return auroc(some[:, 0], some[:, 1] > 0)

    return of(pairs), *interval(pairs, of, 200)


def _intents(file: Path, encoder: Encoder, most: int) -> Iterator[Row]:
    entries = list(lines(file))
    questions = list(lines(file.with_name(file.name.replace("-entries", "-questions"))))
    questions = questions[:: max(1, -(-len(questions) // most))]
    name = file.name.removesuffix("-entries.jsonl")
    known = np.array([question["intent"] != "oos" for question in questions])
    for title, score in ((f"abstain {name}, words alone", words_alone), (f"abstain {name}", judged)):
        sure, right = _asked(entries, questions, encoder, score)
        figures = {"auroc": auroc(sure, known), **_at_threshold(sure, right, known)}
        if score is judged:
            _, low, high = _between(np.stack([sure, known], axis=1))
            figures |= {"auroc_low": low, "auroc_high": high}
            yield Row(title, figures, f"auroc ≥ {_KNOWN}", figures["auroc"] >= _KNOWN)
        else:
            yield Row(title, figures)


def _asked(
    entries: Sequence[dict[str, Any]], questions: Sequence[dict[str, Any]], encoder: Encoder, score: Score
) -> tuple[Floats, NDArray[np.bool_]]:
    """How sure the first answer to each question is, and whether it is the right intent."""
    intents = sorted({entry["intent"] for entry in entries})
    numbers = {intent: number for number, intent in enumerate(intents)}
    index = Index()
    for id, entry in enumerate(entries):
        text, parent = entry["text"], numbers[entry["intent"]]
        index.put([Document("passage", id, parent, "en", "", text, EVERYBODY, encoder.question(text))])
    sure, right = np.zeros(len(questions)), np.zeros(len(questions), bool)
    for at, question in enumerate(questions):
        vectors = encoder.question(question["text"])
        query = Query(question["text"], "en", vectors if score is judged else {})
        pool = index.pool(query, EVERYBODY)
        if len(pool):
            scores, confidence = score(query, pool)
            first = int(np.argmax(scores))
            sure[at], right[at] = confidence[first], intents[pool.parents[first]] == question["intent"]
        index.put([Document("question", at, at, "en", "", question["text"], EVERYBODY, vectors)])
    return sure, right


def _at_threshold(sure: Floats, right: NDArray[np.bool_], known: NDArray[np.bool_]) -> dict[str, float]:
    """In-scope accuracy and out-of-scope recall, each half at the threshold that is best on the other."""
    answered = np.zeros(len(sure), bool)
    for half in (0, 1):
        other = slice(1 - half, None, 2)
        levels = np.unique(sure[other])
        good = [np.mean(np.where(known[other], right[other] & (sure[other] >= x), sure[other] < x)) for x in levels]
        answered[half::2] = sure[half::2] >= levels[int(np.argmax(good))]
    return {"accuracy": float((right & answered)[known].mean()), "oos_recall": float((~answered)[~known].mean())}


if __name__ == "__main__":
    main(run, description=__doc__)
