"""The benchmarks run, and print what is promised. How fast anything is, is not a test's matter."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.report import Options, Row, main

ROOT = Path(__file__).resolve().parents[1]
_CHOSEN = {"people", "posts", "p50_ms", "p99_ms", "cpu_p99_ms", "built_s", "memory_mb"}
FIGURES = {  # what each row has besides its name
    "capture": {
        "capture": {"rate", "p50_ms", "p99_ms", "ratio"},
        "capture: bare aiohttp": {"rate", "p50_ms", "p99_ms"},
        "capture: verified, not stored": {"rate", "p50_ms", "p99_ms"},
    },
    "handling": {
        "handling": {"rate", "p50_ms", "p99_ms", "ratio"},
        "handling: the same rows, plain psycopg": {"rate"},
        "handling: the same rows, plain psycopg, one connection": {"rate"},
    },
    "outbox": {"outbox": {"rate"}},
    "search_scale": {
        "search scale: built": {"entries", "seconds", "memory_mb", "mapped_mb", "disk_mb"},
        "search scale: may read most of it": {"p50_ms", "p99_ms", "ten"},
        "search scale: may read most of it, index alone": {"p50_ms", "p99_ms"},
        "search scale: may read one in a thousand": {"p50_ms", "p99_ms", "ten"},
        "search scale: may read one in a thousand, index alone": {"p50_ms", "p99_ms"},
        "search scale: nearest ten by vector": {"recall10"},
        "search scale: changed, then found": {"p50_ms", "p99_ms"},
        "search scale: started anew": {"seconds", "entries"},
    },
    "experts_scale": {
        "experts scale: 200 people, 500 posts": _CHOSEN,
        "experts scale: 20 people, 500 posts": _CHOSEN,
        "experts scale: 200 people, 5,000 posts": _CHOSEN,
        "experts scale: the whole way, 200 posts stored": {"posts", "p50_ms", "p99_ms", "found"},
    },
    "slack": {
        "slack": {"rate", "p50_ms", "p99_ms", "ratio"},
        "slack: buttons": {"rate", "p50_ms", "p99_ms", "ratio"},
        "slack: bare Bolt, events": {"rate", "p50_ms", "p99_ms"},
        "slack: bare Bolt, buttons": {"rate", "p50_ms", "p99_ms"},
        "slack: event to answer posted": {"p50_ms", "p99_ms"},
    },
    "slack_delivery": {
        "slack delivery": {"rate", "ratio", "delivered", "attempts"},
    },
    "teams": {
        "teams": {"rate", "p50_ms", "p99_ms", "cpu_ms", "ratio"},
        "teams: CPU of a message": {"cpu_ms", "ratio"},
        "teams: bare BotFrameworkAdapter": {"rate", "p50_ms", "p99_ms", "cpu_ms"},
        "teams: bare CloudAdapter": {"rate", "p50_ms", "p99_ms", "cpu_ms"},
    },
    "encoding": {
        "search: encoding a question": {"p50_ms", "p99_ms", "ratio"},
        "search: encoding a question: the encoder alone": {"p50_ms", "p99_ms"},
        "search: encoding a question, others being encoded": {"p50_ms", "p99_ms"},
    },
    "idle": {
        "idle: first start": {"seconds"},
        "idle: start": {"seconds"},
        "idle: start, database running": {"seconds"},
        "idle: memory": {"pss_mb", "rss_mb", "database_pss_mb"},
    },
}


def run(name: str, *arguments: str) -> str:
    """What ``python -m benchmarks.NAME`` prints when it does very little."""
    command = [sys.executable, "-m", name, "--scale", "0.005", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("name", FIGURES)
def test_each_line_is_an_object_with_its_figures(name: str) -> None:
    rows: list[dict[str, Any]] = [json.loads(line) for line in run(f"benchmarks.{name}", "--json").splitlines()]
    found = {row.pop("name"): row for row in rows}
    for row, figures in FIGURES[name].items():
        assert found[row].keys() == figures
    assert all(isinstance(value, int | float) and value > 0 for row in rows for value in row.values())


def test_the_table_shows_figures_goals_and_notes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def benchmark(options: Options) -> Iterator[Row]:
        yield Row("fast", {"rate": 1234.56, "ratio": 0.7}, "ratio ≥ 0.6", True, f"{options.of(1000)} of them")
        yield Row("slow", {"rate": 0.01234}, "rate ≥ 1", False)

    monkeypatch.setattr(sys, "argv", ["benchmarks", "--scale", "0.5", "some/data"])
    main(benchmark)
    said = capsys.readouterr().out
    for words in ("1,235", "0.7", "ratio ≥ 0.6", "met", "0.0123", "MISSED", "fast: 500 of them"):
        assert words in said
