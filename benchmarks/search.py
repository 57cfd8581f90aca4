"""Search: does the right entry come first? Beside words alone and the encoder alone, on the same passages.

The data are folders of sets, or sets: see benchmarks/retrieval.py; without any, ``retrieval`` in AGORA_DATA. Every
set is asked with one configuration, the embedded encoder and no model. ``ratio`` is our error (1 - nDCG@10) over that
of the better baseline.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.encoder import Encoder
from benchmarks.report import Options, Row, main
from benchmarks.retrieval import Set, ask, data, fewer, measures, nearest, sets, words_alone

_ALL = 10_000
_FIGURES = ("ndcg10", "recall1", "recall5", "mrr")


def run(options: Options) -> Iterator[Row]:
    """Each set, and its baselines."""
    encoder = Encoder()
    for one in sets(data(options.data, "retrieval")):
        yield from _of(fewer(one, options.of(_ALL)) if options.scale < 1 else one, encoder)


def _of(one: Set, encoder: Encoder) -> Iterator[Row]:
    plain = {
        "words alone": measures(one, ask(one, encoder, words_alone)),
        "encoder alone": measures(one, nearest(one, encoder)),
    }
    for name, figures in plain.items():
        yield Row(f"search {one.name}, {name}", {each: figures[each] for each in _FIGURES})
    figures = measures(one, ask(one, encoder))
    best = min(1 - each["ndcg10"] for each in plain.values())
    figures["ratio"] = (1 - figures["ndcg10"]) / max(best, 1e-9)
    goal, met = _goal(one, figures)
    yield Row(f"search {one.name}", figures, goal, met)


def _goal(one: Set, figures: dict[str, float]) -> tuple[str, bool]:
    stored, asked = one.languages
    if len(stored) > 1:
        return "recall@1 ≥ 0.80, recall@5 ≥ 0.95", figures["recall1"] >= 0.80 and figures["recall5"] >= 0.95
    if stored == asked:
        return "error ≤ 0.85 of the better baseline's", figures["ratio"] <= 0.85
    return "no worse than the better baseline", figures["ratio"] <= 1


if __name__ == "__main__":
    main(run, description=__doc__)
