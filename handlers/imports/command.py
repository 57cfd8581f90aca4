"""``python app.py import``: the job of an import, worked on at once, with a progress bar and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.foreground import Busy, work_now
from bot.jobs import Run
from bot.router import Router
from handlers.imports.outcome import Refused
from handlers.imports.report import Report
from handlers.imports.work import PORTAL, SLACK, STEP

KINDS = {"portal": PORTAL, "slack-export": SLACK}


def import_now(router: Router, format: str, args: dict[str, Any], holder: str, as_json: bool) -> str | None:
    """Import into the connected database and print the report; what went wrong, if something did."""
    console = Console(stderr=as_json)
    try:
        result = work(router, KINDS[format], args, holder, console)
    except Busy:
        return f"“{args['source']}” is being imported by another process right now."
    except Refused as refused:
        return str(refused)
    if as_json:
        print(orjson.dumps(result).decode())
    else:
        console.print(Report.of_result(result).as_text())
    return None


def work(router: Router, kind: str, args: dict[str, Any], holder: str, console: Console) -> dict[str, Any]:
    """Import with a progress bar; the result for the report. ``Busy`` where another process is at the same source."""
    with _bar(console) as progress:
        task = progress.add_task(Path(args["path"]).name, total=None)

        def watch(run: Run) -> None:
            if run.done > STEP and progress.tasks[0].total is None:
                console.print(f"An interrupted import goes on after {run.done:,} files.")
            progress.update(task, total=run.total, completed=run.done)

        return work_now(router, kind, args, holder, watch)


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
