"""What ``python app.py people`` says: who was added, who was changed in what, and which rows are refused and why."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from handlers.admin.people_file import Plan
from handlers.admin.people_rows import Row, shown

MOST = 200  # lines of a list; the counts are always whole


def show(plan: Plan, *, written: bool, dry_run: bool, console: Console) -> None:
    """Print the report. What stands in the file is shown as text, never as markup."""
    if plan.not_read:
        console.print(Text("Columns that are not read: " + ", ".join(plan.not_read)), style="yellow")
    if plan.problems:
        console.print(_refused(plan))
    if plan.added or plan.changed:
        console.print(_done(plan, written))
    console.print(_counts(plan))
    console.print(Text(_verdict(plan, written, dry_run)))


def _refused(plan: Plan) -> Grid:
    grid = _grid("Refused", "line", "column", "what is wrong", "how to fix it")
    for problem in plan.problems[:MOST]:
        grid.add_row(*map(Text, (str(problem.line), problem.column, problem.what, problem.fix)))
    return _cut(grid, len(plan.problems))


def _done(plan: Plan, written: bool) -> Grid:
    grid = _grid("Added and changed" if written else "Would be added and changed", "line", "e-mail", "what", "columns")
    rows = sorted((*plan.added, *plan.changed), key=lambda row: row.line)
    for row in rows[:MOST]:
        grid.add_row(*map(Text, (str(row.line), shown(row.email), *_what(row))))
    return _cut(grid, len(rows))


def _what(row: Row) -> tuple[str, str]:
    if row.person is None:
        return "added", f"as @{row.wanted['handle']}"
    return "changed", ", ".join(row.changed)


def _counts(plan: Plan) -> Grid:
    grid = _grid("", "added", "changed", "unchanged", "refused")
    grid.add_row(*(f"{n:,}" for n in (len(plan.added), len(plan.changed), plan.unchanged, plan.refused)))
    return grid


def _verdict(plan: Plan, written: bool, dry_run: bool) -> str:
    if plan.problems and not written:
        rest = "Mend the refused rows, or write the others with --skip-errors."
        return f"{'A dry run: nothing' if dry_run else 'Nothing'} was written. {rest}"
    if not plan.added and not plan.changed:
        return "There is nothing to change."
    if dry_run:
        return "A dry run: nothing was written. Without --dry-run it would be."
    return "Written." if not plan.problems else "Written, without the refused rows."


def _grid(title: str, *columns: str) -> Grid:
    grid = Grid(title=title or None, title_justify="left")
    for column in columns:
        grid.add_column(column, overflow="fold")
    return grid


def _cut(grid: Grid, count: int) -> Grid:
    if count > MOST:
        grid.caption = f"… and {count - MOST:,} more"
    return grid
