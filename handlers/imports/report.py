"""What an import did, in numbers and reasons: for the person at the terminal and, as JSON, for programs."""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from rich.console import Group
from rich.table import Table
from rich.text import Text

from handlers.imports.outcome import NotTaken, Refused, Skipped

Outcome = Literal["new", "changed", "unchanged", "vanished"]
_OUTCOMES: dict[Outcome, str] = {
    "new": "taken for the first time",
    "changed": "changed since last time",
    "unchanged": "unchanged",
    "vanished": "no longer there",
}
_PATHS_SHOWN = 3


@dataclass(slots=True)
class Report:
    """Filled in as the import goes on. Paths are relative to what is imported."""

    done: dict[Outcome, list[str]] = field(default_factory=lambda: {outcome: [] for outcome in _OUTCOMES})
    left: list[NotTaken] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)
    """How many of each outcome an interrupted run had counted already; their paths are not kept."""

    def took(self, outcome: Outcome, path: str, notes: tuple[str, ...] = ()) -> None:
        """A page, or a thread, that is in the store now, or no longer in what was imported; and what was guessed or
        lost."""
        self.done[outcome].append(path)
        self.notes += [(path, note) for note in notes]

    def leave(self, why: NotTaken) -> None:
        """Something that was not taken."""
        self.left.append(why)

    @property
    def refused(self) -> list[NotTaken]:
        """What somebody should look at."""
        return [each for each in self.left if isinstance(each, Refused)]

    @property
    def skipped(self) -> list[NotTaken]:
        """What was left out as a matter of course."""
        return [each for each in self.left if not isinstance(each, Refused)]

    def as_json(self) -> bytes:
        """`counts` by outcome, and each path with its reason under `skipped`, `refused` and `notes`."""
        return orjson.dumps(
            {
                "counts": self._counts(),
                **{outcome: sorted(paths) for outcome, paths in self.done.items() if outcome != "unchanged"},
                "skipped": [_row(each.path, each.why) for each in self.skipped],
                "refused": [_row(each.path, each.why) for each in self.refused],
                "notes": [_row(path, note) for path, note in self.notes],
            }
        )

    def as_text(self) -> Group:
        """For rich: the counts; then the reasons, each refusal by its path and what was skipped by its reason."""
        counts = Table(show_header=False, box=None)
        for name, number in self._counts().items():
            counts.add_row(_OUTCOMES.get(name, name), f"{number:,}")  # type: ignore[call-overload]
        tables = [counts]
        if self.refused:
            tables.append(_table("Refused", "Why", [(each.path, each.why) for each in self.refused]))
        if self.skipped:
            tables.append(_table("Skipped", "Why", _grouped([(each.path, each.why) for each in self.skipped])))
        if self.notes:
            tables.append(_table("Taken", "But", _grouped(self.notes)))
        return Group(*tables)

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps, small however many pages there are; `resumed` reads it."""
        done = {name: self.before.get(name, 0) + len(paths) for name, paths in self.done.items()}
        left = [[type(each).__name__, each.path, each.why] for each in self.left]
        return {"done": done, "left": left, "notes": self.notes}

    @classmethod
    def resumed(cls, state: dict[str, Any]) -> "Report":
        """The report of a run that goes on where `state` was kept; a new one for an empty state."""
        kinds = {kind.__name__: kind for kind in (Skipped, Refused)}
        left: list[NotTaken] = [kinds[kind](path, why) for kind, path, why in state.get("left", [])]
        notes = [(path, note) for path, note in state.get("notes", [])]
        return cls(left=left, notes=notes, before=dict(state.get("done", {})))

    @classmethod
    def of_result(cls, result: dict[str, Any]) -> "Report":
        """The report that `as_json` wrote, to be shown as text."""
        left: list[NotTaken] = [Skipped(row["path"], row["why"]) for row in result["skipped"]]
        left += [Refused(row["path"], row["why"]) for row in result["refused"]]
        notes = [(row["path"], row["why"]) for row in result["notes"]]
        return cls(left=left, notes=notes, before={name: result["counts"][name] for name in _OUTCOMES})

    @property
    def fresh(self) -> int:
        """How many were taken for the first time."""
        return self._counts()["new"]

    @property
    def taken(self) -> int:
        """How many pages or threads were met and are in the store."""
        return sum(number for name, number in self._counts().items() if name in ("new", "changed", "unchanged"))

    def _counts(self) -> dict[str, int]:
        done: dict[str, int] = {name: self.before.get(name, 0) + len(paths) for name, paths in self.done.items()}
        return {**done, "skipped": len(self.skipped), "refused": len(self.refused)}


def _row(path: str, why: str) -> dict[str, Any]:
    return {"path": path, "why": why}


def _grouped(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One row a reason: how many, and the first paths."""
    paths: dict[str, list[str]] = {}
    for path, why in rows:
        paths.setdefault(why, []).append(path)
    shown = sorted(paths.items(), key=lambda each: -len(each[1]))
    return [(_some(each), why) for why, each in shown]


def _some(paths: list[str]) -> str:
    more = len(paths) - _PATHS_SHOWN
    return ", ".join(paths[:_PATHS_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _table(first: str, second: str, rows: list[tuple[str, str]]) -> Table:
    """Cells are Text, since a file's name may look like rich's markup."""
    table = Table(first, second, title_justify="left")
    for path, why in rows:
        table.add_row(Text(path, overflow="fold"), Text(why))
    return table
