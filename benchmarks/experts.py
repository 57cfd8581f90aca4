"""Who knows: would the people who really answered have been asked first? Beside simple ways to choose them.

The data are files, or folders of them: see benchmarks/experts_replay.py; without any, ``experts`` in AGORA_DATA. Every
set is run with one configuration, which learns from that set as it goes. ``ratio`` is our mean reciprocal rank over
that of the best baseline of the set, ``ratio5`` the same of success at 5; the best mix is chosen of twelve when the
answers are known, so nobody could have chosen it. ``busiest10`` is the share of the first choices that go to the tenth
of the candidates who had answered most, ``gini`` how unevenly first choices are spread over all candidates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.experts_baselines import Active, Agora, Within, Words, mixes
from benchmarks.experts_replay import Outcome, Post, Ranks, files, read, replay
from benchmarks.report import Options, Row, main
from benchmarks.retrieval import interval
from models.candidates import FAIREST

FAIR = FAIREST
"""The fairness of the row that is to be fair: see ``models.expertise.ranker.in_turn``."""
GAIN, GAIN5, ENOUGH5 = 1.15, 1.10, 0.80
COST5, HALF = 0.03, 0.5


def run(options: Options) -> Iterator[Row]:
    """Each set, its baselines, and the means over all sets."""
    ours: list[dict[str, float]] = []
    for file in files(options.data):
        posts = read(file)
        posts = posts[: options.of(len(posts), least=min(len(posts), 200))]
        rows = list(_of(file, posts))
        ours.append(rows[-2].figures)
        yield from rows
    ratio = float(np.mean([figures["ratio"] for figures in ours]))
    ratio5 = float(np.mean([figures["ratio5"] for figures in ours]))
    yield Row("experts, mean of the sets", {"ratio": ratio, "ratio5": ratio5}, f"ratio ≥ {GAIN}", ratio >= GAIN)


def _of(file: Path, posts: Sequence[Post]) -> Iterator[Row]:
    name = f"experts {file.stem}"
    plain: dict[str, Ranks] = {
        "most active": Active(),
        "active in 14 days": Within(),
        "half in 30 days": Active(30.0),
        "words": Words(),
    }
    baselines = {label: measured(replay(posts, ranker)) for label, ranker in plain.items()}
    mixed = {label: measured(replay(posts, ranker)) for label, ranker in mixes().items()}
    label = max(mixed, key=lambda each: mixed[each]["mrr"])
    baselines[f"best mix ({label})"] = mixed[label]
    for label, figures in baselines.items():
        yield Row(f"{name}, {label}", figures)
    best, best5 = (max(each[key] for each in baselines.values()) for key in ("mrr", "success5"))
    figures = measured(replay(posts, Agora()))
    figures |= {"ratio": figures["mrr"] / best, "ratio5": figures["success5"] / best5}
    goal5 = min(ENOUGH5, GAIN5 * best5)
    yield Row(name, figures, f"success5 ≥ {goal5:.3f}", figures["success5"] >= goal5)
    fair = measured(replay(posts, Agora(), FAIR))
    cost = figures["success5"] - fair["success5"]
    most = HALF * baselines["most active"]["busiest10"]
    met = cost <= COST5 and fair["busiest10"] <= most
    yield Row(f"{name}, fair", fair, f"busiest10 ≤ {most:.2f} for ≤ {COST5} of success5", met)


def measured(found: Outcome) -> dict[str, float]:
    """The figures of a replay, the reciprocal rank and success at 5 with their 95% interval."""
    ranks = np.array(found.ranks)
    figures: dict[str, float] = {"posts": len(ranks), "mrr": float((1 / (ranks + 1)).mean())}
    figures["mrr_low"], figures["mrr_high"] = interval(1 / (ranks + 1), np.mean)
    figures |= {f"success{most}": float((ranks < most).mean()) for most in (1, 3, 5)}
    figures["success5_low"], figures["success5_high"] = interval(ranks < 5, np.mean)
    return figures | {"busiest10": float(np.mean(found.busiest)), "gini": gini(found.firsts, found.candidates)}


def gini(firsts: Sequence[str], people: int) -> float:
    """How unevenly the first choices are spread: 0 where all are asked as often, near 1 where it is always the same."""
    counts = sorted(Counter(firsts).values())
    shares = np.array([0] * max(0, people - len(counts)) + counts, float)
    ranks = np.arange(1, len(shares) + 1)
    return float((2 * ranks - len(shares) - 1) @ shares / (len(shares) * shares.sum()))


if __name__ == "__main__":
    main(run, description=__doc__)
