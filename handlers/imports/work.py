"""The import as a job: in steps, so that a kill loses at most one, and a second run finds what the first one did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson

from bot.jobs import Run
from bot.router import Router
from handlers.imports import site_links, store
from handlers.imports.files import File
from handlers.imports.outcome import NotTaken
from handlers.imports.pages import not_a_page, survey
from handlers.imports.reader import Reader
from handlers.imports.report import Report
from handlers.imports.slack_export import read as read_slack
from handlers.imports.source import walk
from handlers.imports.store import Defaults, Store
from handlers.imports.thread_store import ThreadStore
from models.base import now
from models.knowledge import Source
from models.secrets import masked

router = Router()
PORTAL, SLACK = "imports.portal", "imports.slack_export"
STEP = 20  # pages in one transaction
Item = TypeVar("Item")


@router.job(PORTAL)
def portal(run: Run) -> dict[str, Any]:
    """Import a folder or .zip of pages. ``args``: path, source, language, audience, topic, owner."""
    root = Path(run.args["path"])
    site = survey(walk(root, not_a_page))
    total = sum(1 for _ in walk(root, not_a_page))
    report = Report.resumed(run.checkpoint.get("report", {}))
    with run.step(total=total) as session:
        source_id = store.source_named(session, run.args["source"], "portal").id
    with Reader(site, run.args.get("language", "en")) as reader:
        for batch in _batches(islice(walk(root, not_a_page), run.done, None), STEP):
            _portal_step(run, reader, batch, source_id, report)
    return _finish(run, source_id, report)


def _portal_step(run: Run, reader: Reader, batch: list[File | NotTaken], source_id: int, report: Report) -> None:
    """Read a batch outside the transaction, then store it in one."""
    read = [_read(reader, item) for item in batch]
    with run.step() as session:
        pages = Store(session, source_id, run, defaults(run))
        for item in read:
            if isinstance(item, NotTaken):
                report.leave(item)
                pages.met(item)
            else:
                report.took(pages.put(item), item.path, (*item.notes, *_secrets(item.markdown)))
        run.done += len(batch)
        run.checkpoint["report"] = report.state()


def _secrets(text: str) -> tuple[str, ...]:
    """A note where a page seems to hold a secret: search leaves it out, the page itself shows it."""
    found = masked(text).found
    return (f"seems to hold a secret ({', '.join(sorted(found))}): the search leaves it out",) if found else ()


def _read(reader: Reader, item: File | NotTaken) -> Any:
    if isinstance(item, NotTaken):
        return item
    try:
        return reader.read(item)
    except NotTaken as left_out:
        return left_out


@router.job(SLACK)
def slack_export(run: Run) -> dict[str, Any]:
    """Import the answered threads of a Slack export. ``args`` as for a portal."""
    root, language = Path(run.args["path"]), run.args.get("language", "en")
    report = Report.resumed(run.checkpoint.get("report", {}))
    with run.step(total=sum(1 for _ in read_slack(root, language))) as session:
        source_id = store.source_named(session, run.args["source"], "slack-export").id
    for batch in _batches(islice(read_slack(root, language), run.done, None), STEP):
        with run.step() as session:
            threads = ThreadStore(session, source_id, run, defaults(run))
            for item in batch:
                if isinstance(item, NotTaken):
                    report.leave(item)
                else:
                    report.took(threads.put(item, report.fresh), item.key)
            run.done += len(batch)
            run.checkpoint["report"] = report.state()
    with run.step() as session:
        session.get_one(Source, source_id).last_run_at = now()
    result: dict[str, Any] = orjson.loads(report.as_json())
    return result


def defaults(run: Run) -> Defaults:
    """What the one who imports said for everything."""
    audience = tuple(run.args.get("audience") or ("everyone",))
    return Defaults(audience, run.args.get("topic"), run.args.get("owner"))


def _finish(run: Run, source_id: int, report: Report) -> dict[str, Any]:
    """Links between pages, and what is no longer there. Nothing vanishes where nothing could be read at all."""
    with run.step() as session:
        waiting = site_links.to_resolve(session, source_id)
    for batch in _batches(waiting, STEP):
        with run.step() as session:
            site_links.resolve(session, source_id, batch)
    with run.step() as session:
        if report.taken:
            for path in store.mark_vanished(session, source_id, run):
                report.took("vanished", path)
        session.get_one(Source, source_id).last_run_at = now()
    result: dict[str, Any] = orjson.loads(report.as_json())
    return result


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
