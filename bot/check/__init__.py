"""``python app.py check``: each setting and dependency, what was found, and how to fix what is wrong."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.check import machine
from bot.check.database import check_embedded, check_url
from bot.check.encoder import check_encoder
from bot.check.found import Check
from bot.check.models import check_models
from bot.check.network import check_playground, check_port
from bot.check.slack import check_slack
from bot.check.teams import check_teams
from bot.config import Settings

__all__ = ["Check", "checks", "print_checks"]
PAGE_WIDTH = 200  # where nobody looks through a terminal's window


def checks(settings: Settings) -> list[Check]:
    """Everything that Agora stands on. Starts the embedded database, and stops it if nobody else uses it."""
    return [
        machine.check_python(),
        machine.check_packages(),
        machine.check_settings(),
        *machine.check_home(settings),
        *(check_embedded(settings) if settings.database_url is None else check_url(settings)),
        check_encoder(settings),
        check_port(settings),
        check_playground(settings),
        *check_slack(settings),
        *check_teams(settings),
        *check_models(settings),
        machine.check_catalogues(),
        machine.check_time_zones(),
    ]


def print_checks(found: list[Check], console: Console | None = None) -> bool:
    """Show ``found`` as a table; whether everything is ok."""
    console = console or Console(width=None if sys.stdout.isatty() else PAGE_WIDTH)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("", "What", "Found", "How to fix it"):
        table.add_column(title, overflow="fold", no_wrap=title in ("", "What"))
    for each in found:
        table.add_row(_mark(each), Text(each.name), Text(each.found), Text(each.fix))
    console.print(table)
    wrong = sum(not each.ok for each in found)
    console.print(Text(f"\n{wrong} of {len(found)} wrong." if wrong else "\nNothing is wrong.", style="bold"))
    return not wrong


def _mark(check: Check) -> Text:
    if not check.ok:
        return Text("WRONG", "bold red")
    return Text("advice", "yellow") if check.fix else Text("ok", "green")
