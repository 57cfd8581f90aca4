"""The report of an import: numbers, and a reason for everything that was not taken."""

import io

import orjson
from rich.console import Console

from handlers.imports.outcome import Refused, Skipped
from handlers.imports.report import Report


def report() -> Report:
    report = Report()
    report.took("new", "a.md")
    report.took("changed", "b.md", ("read as cp1255",))
    report.took("vanished", "c.md")
    for number in range(5):
        report.leave(Skipped(f"{number}.png", "not a page (.png)"))
    report.leave(Refused("[red]bomb[/red].md", "it looks like a zip bomb"))
    return report


def test_programs_get_every_path_with_its_reason() -> None:
    read = orjson.loads(report().as_json())
    assert read["counts"] == {"new": 1, "changed": 1, "unchanged": 0, "vanished": 1, "skipped": 5, "refused": 1}
    assert (read["new"], read["vanished"]) == (["a.md"], ["c.md"])
    assert read["refused"] == [{"path": "[red]bomb[/red].md", "why": "it looks like a zip bomb"}]
    assert read["notes"] == [{"path": "b.md", "why": "read as cp1255"}]
    assert len(read["skipped"]) == 5


def test_people_get_what_matters_and_names_to_the_letter() -> None:
    console = Console(file=io.StringIO(), width=100)
    console.print(report().as_text())
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "[red]bomb[/red].md" in shown and "it looks like a zip bomb" in shown
    assert "0.png, 1.png, 2.png and 2 more" in shown
    assert "changed since last time" in shown and "read as cp1255" in shown
