"""What benchmarks share: a figure with its goal, the command line, and the two ways to print."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot import log


@dataclass(frozen=True)
class Options:
    """What was asked for. ``scale`` multiplies how much is done: 1 gives figures, less a quick look."""

    data: tuple[Path, ...] = ()
    scale: float = 1.0

    def of(self, full: int, least: int = 1) -> int:
        """``full`` at this scale, but at least ``least``."""
        return max(least, round(full * self.scale))


@dataclass(frozen=True)
class Row:
    """One line: figures by name (``rate`` per second, ``p50_ms``, ``ratio``, ...), the goal in words and whether it is
    met."""

    name: str
    figures: dict[str, float]
    goal: str = ""
    met: bool | None = None
    note: str = field(default="", compare=False)

    def to_json(self) -> str:
        """The name and the figures, plain."""
        return json.dumps({"name": self.name, **{name: _rounded(value) for name, value in self.figures.items()}})


Benchmark = Callable[[Options], Iterator[Row]]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def main(*benchmarks: Benchmark, description: str | None = None) -> None:
    """Run ``benchmarks`` as the command line asks, and print what they found."""
    options, as_json = _asked(description)
    rows = []
    with open(os.devnull, "w") as nowhere:  # log lines cost what they cost in production, but for the terminal
        log.configure(stream=nowhere)
        for benchmark in benchmarks:
            for row in benchmark(options):
                rows.append(row)
                if as_json:
                    print(row.to_json(), flush=True)
                else:
                    print(f"measured: {row.name}", file=sys.stderr, flush=True)
    log.configure()
    if not as_json:
        _print_table(rows)


def _asked(description: str | None) -> tuple[Options, bool]:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", type=Path, help="folders with data, for benchmarks that read some")
    parser.add_argument("--json", action="store_true", help="one object a line instead of a table")
    parser.add_argument("--scale", type=float, default=1.0, help="how much is done; 1 is the full benchmark")
    asked = parser.parse_args()
    return Options(tuple(asked.data), asked.scale), asked.json


def _print_table(rows: Sequence[Row]) -> None:
    table = Table("benchmark", "figures", "goal", "")
    for row in rows:
        figures = "  ".join(f"{name} {_rounded(value):,}" for name, value in row.figures.items())
        table.add_row(row.name, figures, row.goal, {True: "met", False: "MISSED", None: ""}[row.met])
    console = Console()
    console.print(table)
    for row in rows:
        if row.note:
            console.print(f"{row.name}: {row.note}", highlight=False)


def _rounded(value: float) -> float:
    return round(value) if abs(value) >= 1000 else float(f"{value:.3g}")
