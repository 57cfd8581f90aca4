"""Whom the benchmark of experts would have asked: only the past is known, and the figures are what they are called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks.experts import gini, measured, run
from benchmarks.experts_baselines import Active, Agora, Within, Words
from benchmarks.experts_replay import Outcome, Post, Ranks, read, replay
from benchmarks.report import Options

PEOPLE = ("ann", "bob", "cyd", "dan")
ABOUT = {"ann": "vpn certificate", "bob": "hotel journey", "cyd": "printer paper", "dan": "salary slip"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """240 questions, each answered by who knows its subject; the asker adds something, which is no answer."""
    at, chance = datetime(2026, 1, 1, 9, tzinfo=UTC), np.random.default_rng(3)
    lines = []
    for number, who in enumerate(chance.choice(PEOPLE, 240)):
        answers = [
            {"user": person, "time": (at + timedelta(hours=5 * number + 1)).isoformat(), "text": "see page", "votes": 0,
             "accepted": False} for person in (str(who), "asker")
        ]  # fmt: skip
        lines.append({"id": str(number), "time": (at + timedelta(hours=5 * number)).isoformat(), "asker": "asker",
                      "text": f"{ABOUT[str(who)]} number {number}", "answers": answers})  # fmt: skip
    path = tmp_path / "made-up.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def test_each_row_has_its_figures_and_words_tell_who_knows(file: Path) -> None:
    rows = {row.name: row.figures for row in run(Options((file,)))}
    ours, active = rows["experts made-up"], rows["experts made-up, most active"]
    assert ours["posts"] == 120 and ours["mrr"] > 0.95 > active["mrr"]
    assert ours["mrr_low"] <= ours["mrr"] <= ours["mrr_high"] and ours["ratio"] >= 1
    assert {"success1", "success3", "success5", "busiest10", "gini"} <= active.keys()
    assert rows["experts made-up, fair"]["gini"] <= ours["gini"] + 0.05
    assert rows["experts, mean of the sets"].keys() == {"ratio", "ratio5"}


@pytest.mark.parametrize("kind", [Agora, Active, Within, Words])
def test_nothing_of_a_block_is_known_while_it_is_ranked(file: Path, kind: type[Ranks]) -> None:
    """Whoever answers the last block differently changes nothing for it."""
    posts = read(file)
    others = [*posts[:220], *(post._replace(answers=[(PEOPLE[0], "x")]) for post in posts[220:])]
    first, second = replay(posts, kind()).firsts, replay(others, kind()).firsts
    assert len(first) == 120 and first == second


def test_candidates_answered_twice_before_and_are_never_the_asker(file: Path) -> None:
    posts = read(file)
    asked: list[tuple[Post, Sequence[str]]] = []

    class Watching(Active):
        def score(self, post: Post, candidates: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            asked.append((post, candidates))
            return np.asarray(super().score(post, candidates))

    new = posts[200]._replace(answers=[("new", "here")])
    mine = posts[201]._replace(asker="ann", answers=[("ann", "mine"), ("bob", "yours")])
    found = replay([*posts[:200], new, mine, *posts[202:]], Watching())
    assert len(found.ranks) == 119  # nobody of the candidates answered the new one's
    assert all(post.asker not in candidates for post, candidates in asked)
    assert all("new" not in candidates and "asker" not in candidates for _, candidates in asked)


def test_the_figures_are_what_they_are_called() -> None:
    found = Outcome([0, 1, 5], ["ann", "ann", "bob"], [True, True, False], 4)
    figures = measured(found)
    assert figures["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 6) / 3)
    assert (figures["success1"], figures["success5"]) == pytest.approx((1 / 3, 2 / 3))
    assert figures["busiest10"] == pytest.approx(2 / 3)
    assert gini(["ann", "bob"], 2) == pytest.approx(0) and gini(["ann"] * 9, 100) == pytest.approx(0.99)
