"""A Slack export into drafts: answered threads only, people by their e-mail address, and nothing taken twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import select

from handlers import all_routes
from handlers.imports.command import work
from handlers.imports.work import SLACK
from models import base
from models.knowledge import DRAFT, Entry
from models.people import Person
from models.search.find import find


def said(user: str, text: str, ts: str, thread: str | None = None, **more: Any) -> dict[str, Any]:
    """A message as an export holds it."""
    return {
        "type": "message",
        "user": user,
        "text": text,
        "ts": ts,
        **({"thread_ts": thread} if thread else {}),
        **more,
    }


@pytest.fixture
def export(tmp_path: Path, database: str) -> Iterator[Path]:
    """An export with one answered thread, one that nobody answered, and a private channel."""
    base.connect(database, pool=4)
    write = {
        "users.json": [
            {"id": "U1", "name": "mona", "profile": {"real_name": "Mona", "email": "mona@acme.example"}},
            {"id": "U2", "name": "omar", "profile": {"real_name": "Omar", "email": "omar@acme.example"}},
        ],
        "channels.json": [{"id": "C1", "name": "it-help"}],
        "groups.json": [{"id": "G1", "name": "secret"}],
        "it-help/2026-01-05.json": [
            said("U1", "How do I reset the VPN?", "1767600000.000100", "1767600000.000100"),
            said("U2", "Open Connect and choose *Reset profile*.", "1767600060.000100", "1767600000.000100"),
            said("U1", "Anybody else hungry?", "1767600100.000100", "1767600100.000100"),
        ],
        "secret/2026-01-05.json": [
            said("U1", "What is the plan?", "1767600000.000200", "1767600000.000200"),
            said("U2", "We sell.", "1767600060.000200", "1767600000.000200"),
        ],
    }
    for path, content in write.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(json.dumps(content))
    yield tmp_path
    base.disconnect()


def run(folder: Path) -> dict[str, int]:
    """Import it; the counts of the report."""
    args = {"path": str(folder), "source": "acme", "language": "en"}
    counts: dict[str, int] = work(all_routes(), SLACK, args, "test", Console(quiet=True))["counts"]
    return counts


def test_an_answered_thread_becomes_a_draft_of_its_author(export: Path) -> None:
    with base.transaction() as session:
        session.add(Person(handle="omar", name="Omar", email="omar@acme.example"))
    assert run(export)["new"] == 1
    with base.reading() as session:
        (entry,) = session.scalars(select(Entry))
        assert (entry.state, entry.title) == (DRAFT, "How do I reset the VPN?")
        assert entry.author is not None and entry.author.handle == "omar"
        assert "Reset profile" in entry.body and "We sell" not in entry.body
        assert entry.next_at is not None
        assert not find(session, "reset the VPN", "en", ["everyone"])


def test_a_second_run_takes_nothing_twice_and_leaves_what_people_changed(export: Path) -> None:
    run(export)
    assert run(export)["unchanged"] == 1
    day = export / "it-help" / "2026-01-05.json"
    messages = json.loads(day.read_text())
    messages[1]["text"] = "Open Connect and choose *Reset everything*."
    day.write_text(json.dumps(messages))
    assert run(export)["changed"] == 1
    with base.reading() as session:
        (entry,) = session.scalars(select(Entry))
        assert "Reset everything" in entry.body


def test_a_folder_that_is_no_export_is_refused(export: Path) -> None:
    from handlers.imports.outcome import Refused

    (export / "channels.json").unlink()
    with pytest.raises(Refused):
        run(export)
