"""The documentation leads where it says, and names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import app
import bot.slack.store  # brings the tables of installations
import bot.teams.store  # brings the conversations of Teams
import bot.web.store  # noqa: F401 brings the playground's tables
import handlers
from models.base import Base

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LARGEST = 250_000  # bytes of a picture


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    found = re.findall(r'\]\(([^)\s]+)\)|src="([^"]+)"', page.read_text())
    targets = [(link or source).partition("#")[0] for link, source in found]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_pictures_are_small() -> None:
    pictures = {name(path): path.stat().st_size for path in (ROOT / "docs" / "images").iterdir()}
    assert pictures and {path: size for path, size in pictures.items() if size > LARGEST} == {}


def test_every_table_is_in_the_architecture() -> None:
    handlers.all_routes()  # features bring theirs
    said = (ROOT / "ARCHITECTURE.md").read_text()
    assert [table for table in Base.metadata.tables if f"`{table}`" not in said] == []


def test_every_feature_is_in_the_architecture() -> None:
    said = (ROOT / "ARCHITECTURE.md").read_text()
    folders = [path.parent.name for path in (ROOT / "handlers").glob("*/__init__.py")]
    assert [folder for folder in folders if f"handlers/{folder}" not in said] == []


def test_every_command_is_described() -> None:
    said = "\n".join(page.read_text() for page in PAGES)
    names = [
        command.name or str(command.callback and command.callback.__name__) for command in app.cli.registered_commands
    ]
    assert len(names) > 5 and [each for each in names if f"app.py {each}" not in said] == []
