"""Duplicates: is it the same question? Asked of the store of questions asked before.

The data are files, or folders of files, of pairs ({a, b, same}); without any, ``duplicates`` in AGORA_DATA. Every
``b`` was asked before; each ``a`` is asked, and how sure Agora is of its ``b``, beside all others, is looked at: what
is said to have been asked before goes by that. Where it is not among the candidates, it is none. The threshold is
chosen on one half of the pairs, F1 and AUROC are of the other, and the reverse; the mean of both. Baselines, which see
the two texts alone: the share of words that they have in common, and the raw cosine of the encoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.encoder import Encoder
from benchmarks.report import Options, Row, main
from benchmarks.retrieval import EVERYBODY, auroc, data, interval, judged, lines
from models.search.analysis import terms
from models.search.index import Index
from models.search.language import detect
from models.search.pool import Document, Query

_ALL = 10_000
_F1 = 0.85
_ABSENT = -1.0
Floats = NDArray[np.float64]
Pair = dict[str, Any]


def run(options: Options) -> Iterator[Row]:
    """Each file of pairs, and its baselines."""
    encoder = Encoder()
    for path in data(options.data, "duplicates"):
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
            pairs = list(lines(file))
            yield from _of(file, pairs[:: max(1, -(-len(pairs) // options.of(_ALL)))], encoder)


def _of(file: Path, pairs: Sequence[Pair], encoder: Encoder) -> Iterator[Row]:
    same = np.array([bool(pair["same"]) for pair in pairs])
    cosines = np.array([_cosine(encoder, pair) for pair in pairs])
    shared = np.array([_shared(pair) for pair in pairs])
    yield Row(f"duplicates {file.stem}, words alone", _figures(shared, same))
    yield Row(f"duplicates {file.stem}, encoder alone", _figures(cosines, same))
    scores = _asked(pairs, encoder)
    figures = _figures(scores, same)

    def f1(some: NDArray[Any]) -> float:
        return _figures(some[:, 0], some[:, 1] > 0)["f1"]

    figures["f1_low"], figures["f1_high"] = interval(np.stack([scores, same], axis=1), f1, 100)
    yield Row(f"duplicates {file.stem}", figures, f"F1 ≥ {_F1}", figures["f1"] >= _F1)


def _asked(pairs: Sequence[Pair], encoder: Encoder) -> Floats:
    """The confidence in each pair's ``b`` when its ``a`` is asked."""
    index = Index()
    for at, pair in enumerate(pairs):
        text, language = pair["b"], detect(pair["b"], "en")
        index.put([Document("question", at, at, language, "", text, EVERYBODY, encoder.question(text))])
    scores = np.full(len(pairs), _ABSENT)
    for at, pair in enumerate(pairs):
        query = Query(pair["a"], detect(pair["a"], "en"), encoder.question(pair["a"]))
        pool = index.pool(query, EVERYBODY, ("question",))
        here = np.flatnonzero(pool.ids == at)
        if len(here):
            scores[at] = judged(query, pool)[1][here[0]]
    return scores


def _cosine(encoder: Encoder, pair: Pair) -> float:
    one, other = (encoder.question(pair[side])[encoder.space] for side in "ab")
    return float(one @ other)


def _shared(pair: Pair) -> float:
    one, other = ({alternative for term in terms(pair[side]) for alternative in term} for side in "ab")
    return len(one & other) / max(1, len(one | other))


def _figures(scores: Floats, same: NDArray[np.bool_]) -> dict[str, float]:
    halves = [_half(scores, same, half) for half in (0, 1)]
    return {"f1": float(np.mean([f1 for f1, _ in halves])), "auroc": float(np.mean([area for _, area in halves]))}


def _half(scores: Floats, same: NDArray[np.bool_], half: int) -> tuple[float, float]:
    mine, other = slice(half, None, 2), slice(1 - half, None, 2)
    levels = np.unique(np.quantile(scores[other], np.linspace(0, 1, 201)))
    best = max(levels.tolist(), key=lambda level: _f1(scores[other] >= level, same[other]))
    return _f1(scores[mine] >= best, same[mine]), auroc(scores[mine], same[mine])


def _f1(said: NDArray[np.bool_], same: NDArray[np.bool_]) -> float:
    return float(2 * (said & same).sum() / max(1, said.sum() + same.sum()))


if __name__ == "__main__":
    main(run, description=__doc__)
