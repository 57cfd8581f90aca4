"""A whole import into the tables: taken once, again, changed, vanished, interrupted; and what people then find."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from rich.console import Console
from sqlalchemy import func, select

from bot.foreground import Busy, start, work_now
from bot.jobs import Run
from handlers import all_routes
from handlers.imports import work as job
from handlers.imports.command import work
from models import base
from models.knowledge import CURRENT, MERGED, VANISHED, Entry, Passage, Revision
from models.mail import Job
from models.people import Person
from models.search.find import find
from models.search.follow import follower
from tests.models.following import caught_up


class Killed(BaseException):
    """As sudden as kill -9: nothing of ours may catch it."""


@pytest.fixture
def portal(tmp_path: Path, database: str) -> Iterator[Path]:
    """A portal of three pages on a fresh database."""
    base.connect(database, pool=4)
    folder = tmp_path / "portal"
    (folder / "hr").mkdir(parents=True)
    (folder / "hr" / "leave.md").write_text(
        "---\ntitle: Annual leave\nowner: mona@acme.example\nlast_reviewed_on: 2026-05-04\n---\n"
        "Ask your manager first. See [sick leave](sick.md#doctor).\n\n## Carrying over\n\nFive days move on.\n"
    )
    (folder / "hr" / "sick.md").write_text("# Sick leave\n\nCall before nine.\n\n## Doctor\n\nA note from day three.\n")
    (folder / "index.html").write_text(
        "<html><title>Home</title><body><main><p>Welcome to Acme.</p></main></body></html>"
    )
    yield folder
    base.disconnect()


def run(folder: Path, **more: object) -> dict[str, int]:
    """Import the folder; the counts of the report."""
    args = {"path": str(folder), "source": "portal", "language": "en", **more}
    counts: dict[str, int] = work(all_routes(), job.PORTAL, args, "test", Console(quiet=True))["counts"]
    return counts


def entry(path: str) -> Entry:
    """The entry of a page."""
    with base.reading() as session:
        return session.scalars(select(Entry).where(Entry.source_path == path)).one()


def test_a_page_becomes_an_entry_with_its_owner_and_its_links(portal: Path) -> None:
    with base.transaction() as session:
        session.add(Person(handle="mona", name="Mona", email="mona@acme.example"))
    counts = run(portal)
    assert (counts["new"], counts["refused"]) == (3, 0)
    with base.reading() as session:
        leave = session.scalars(select(Entry).where(Entry.source_path == "hr/leave.md")).one()
        assert leave.title == "Annual leave"
        assert leave.owner is not None and leave.owner.handle == "mona"
        assert leave.verified_at is not None and leave.verified_at.date().isoformat() == "2026-05-04"
    assert f"(/entries/{entry('hr/sick.md').id}#doctor)" in leave.body


def test_a_second_run_changes_nothing_and_a_changed_page_gets_a_revision(portal: Path) -> None:
    run(portal)
    assert run(portal)["unchanged"] == 3
    (portal / "hr" / "sick.md").write_text("# Sick leave\n\nCall before ten.\n")
    counts = run(portal)
    assert (counts["changed"], counts["unchanged"], counts["new"]) == (1, 2, 0)
    with base.reading() as session:
        changed = entry("hr/sick.md")
        bodies = session.scalars(select(Revision.body).where(Revision.entry_id == changed.id).order_by(Revision.number))
        assert ["nine" in body for body in bodies] == [True, False]
        assert session.scalar(select(func.count()).select_from(Entry)) == 3


def test_a_vanished_page_is_marked_and_no_longer_found_until_it_comes_back(portal: Path) -> None:
    run(portal)
    kept = (portal / "hr" / "sick.md").read_text()
    (portal / "hr" / "sick.md").unlink()
    assert run(portal)["vanished"] == 1
    assert entry("hr/sick.md").state == VANISHED
    with base.reading() as session:
        assert not [hit for hit in find(session, "doctor note", "en", ["everyone"]) if hit.entry.title == "Sick leave"]
    (portal / "hr" / "sick.md").write_text(kept)
    run(portal)
    assert entry("hr/sick.md").state == CURRENT


def test_a_merged_page_that_changes_stands_for_itself_again(portal: Path) -> None:
    run(portal)
    with base.transaction() as session:
        sick = session.get_one(Entry, entry("hr/sick.md").id)
        sick.state, sick.merged_into_id = MERGED, entry("hr/leave.md").id
    run(portal)
    assert (entry("hr/sick.md").state, entry("hr/sick.md").merged_into_id) == (MERGED, entry("hr/leave.md").id)
    (portal / "hr" / "sick.md").write_text("# Sick leave\n\nCall before ten.\n")
    run(portal)
    assert (entry("hr/sick.md").state, entry("hr/sick.md").merged_into_id) == (CURRENT, None)


def test_nothing_vanishes_when_the_folder_is_suddenly_empty(portal: Path) -> None:
    run(portal)
    for page in portal.rglob("*.*"):
        page.unlink()
    assert run(portal)["vanished"] == 0
    assert entry("hr/leave.md").state == CURRENT


def test_a_page_that_cannot_be_read_any_more_has_not_vanished(portal: Path) -> None:
    run(portal)
    (portal / "hr" / "sick.md").write_bytes(b"# Sick leave\n\x00\x00\x00\x00")
    counts = run(portal)
    assert (counts["refused"], counts["vanished"]) == (1, 0)
    assert entry("hr/sick.md").state == CURRENT


def test_an_interrupted_import_goes_on_where_it_stood(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "STEP", 1)

    def stop(run: Run) -> None:
        if run.done == 2:
            raise Killed

    args = {"path": str(portal), "source": "portal", "language": "en"}
    with pytest.raises(Killed), base.transaction() as session:
        first = start(session, job.PORTAL, args, "gone")
        session.commit()
        first.watch = stop
        job.portal(first)
    counts = run(portal)
    assert counts["new"] == 3
    with base.reading() as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 3
        assert session.scalar(select(func.count()).select_from(Job)) == 1
        assert session.scalar(select(func.count()).select_from(Passage)) >= 3


def test_two_imports_of_one_source_do_not_run_at_once(portal: Path) -> None:
    with base.transaction() as guard:
        guard.execute(select(func.pg_advisory_xact_lock(func.hashtext("agora imports.portal portal"))))
        with pytest.raises(Busy):
            run(portal)


def test_an_import_may_take_longer_than_a_transaction_may_rest(portal: Path) -> None:
    url = base.engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    resting = "select pid from pg_stat_activity where state = 'idle in transaction' and datname = current_database()"

    def waits(run: Run) -> None:
        """Until whoever may rest for a moment alone was ended."""
        with psycopg.connect(url, autocommit=True) as looking:
            until = time.monotonic() + 0.6
            while looking.execute(resting).fetchall() and time.monotonic() < until:
                time.sleep(0.05)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(base._CONNECTION, "options", "-c timezone=UTC -c idle_in_transaction_session_timeout=300")
        base.connect(url.replace("postgresql:", "postgresql+psycopg:", 1), pool=4)
        args = {"path": str(portal), "source": "portal", "language": "en"}
        work_now(all_routes(), job.PORTAL, args, "test", waits)
    assert entry("hr/leave.md").state == CURRENT


def test_an_audience_is_kept(portal: Path) -> None:
    run(portal, audience=["department:hr"])
    with base.reading() as session:
        assert not find(session, "annual leave carry over", "en", ["everyone"])
        assert find(session, "annual leave carry over", "en", ["department:hr"])


ASKED = {
    "What are code freezes and why avoid them?": "Avoid code freezes",
    "how do I report a security incident": "Security incidents",
    "which licence should we use for our code?": "Licensing software or code",
    "what is the process for booking travel in Concur?": "Book travel in Concur and secure approvals",
}


@pytest.mark.needs("data")
def test_the_real_portals_answer(imported: None) -> None:
    with base.reading() as session:
        best = {question: find(session, question, "en", ["everyone"])[0] for question in ASKED}
    assert {question: hit.entry.title for question, hit in best.items()} == ASKED
    assert all(hit.confidence > 0.5 for hit in best.values())


@pytest.fixture
def imported(database: str) -> Iterator[None]:
    """Both real portals, imported."""
    base.connect(database, pool=4)
    for name in ("handbook-18f", "guidance-moj"):
        args = {"path": str(Path(os.environ["AGORA_DATA"]) / "portal" / name), "source": name, "language": "en"}
        work(all_routes(), job.PORTAL, args, "test", Console(quiet=True))
    caught_up(follower())  # so many passages are indexed in the background
    yield
    base.disconnect()


def test_a_secret_in_a_page_is_named_in_the_report_and_not_found(portal: Path) -> None:
    (portal / "wifi.md").write_text("# Guests' network\n\nThe guests' network is Acme-Guest, password: Kayitz2026!\n")
    args = {"path": str(portal), "source": "portal", "language": "en"}
    report = work(all_routes(), job.PORTAL, args, "test", Console(quiet=True))
    assert {"path": "wifi.md", "why": "seems to hold a secret (password): the search leaves it out"} in report["notes"]
    assert "Kayitz2026" in entry("wifi.md").body
    with base.reading() as session:
        passages = session.scalars(select(Passage).where(Passage.entry_id == entry("wifi.md").id)).all()
    assert passages and all("Kayitz2026" not in each.text + each.heading for each in passages)
