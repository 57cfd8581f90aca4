"""``python app.py import``: the job of an import, worked on at once, with a progress bar and a report."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.holder import new_holder
from bot.jobs import Run, perform, take
from bot.router import Router
from handlers.imports.outcome import Refused
from handlers.imports.report import Report
from handlers.imports.work import PORTAL, SLACK
from models import base
from models.base import transaction
from models.mail import FAILED, HELD, NEW, Job

KINDS = {"portal": PORTAL, "slack-export": SLACK}


class Busy(RuntimeError):
    """Another process is importing the same source right now."""


def start(session: Session, kind: str, args: dict[str, Any], holder: str) -> Run:
    """A job for this import, held by this process; it goes on where an interrupted one of the same source stood."""
    earlier = session.scalars(
        select(Job)
        .where(Job.kind == kind, Job.state.in_((NEW, HELD)), Job.args["source"].astext == args["source"])
        .order_by(Job.id.desc())
        .with_for_update()
    ).all()
    job = next((each for each in earlier if each.args == args), None)
    for each in earlier:
        if each is not job:
            each.state, each.error = FAILED, "replaced by a later import"
    if job is None:
        job = Job(kind=kind, args=args, correlation=secrets.token_hex(6))
        session.add(job)
    job.state, job.lease_until = NEW, None
    session.flush()
    run = take(session, holder, [kind], id=job.id)
    assert run is not None
    return run


def work(router: Router, kind: str, args: dict[str, Any], holder: str, console: Console) -> dict[str, Any]:
    """Import now; the result for the report. ``Busy`` where another process is at the same source."""
    with transaction() as guard:  # held for the whole import: who is killed frees it at once
        name = {"name": f"agora import {args['source']}"}
        if not guard.scalar(text("select pg_try_advisory_xact_lock(hashtext(:name))"), name):
            raise Busy
        with transaction() as session:
            run = start(session, kind, args, holder)
        if run.done:
            console.print(f"An interrupted import goes on after {run.done:,} files.")
        with _bar(console) as progress:
            task = progress.add_task(Path(args["path"]).name, total=run.total, completed=run.done)
            run.watch = lambda now: progress.update(task, total=now.total, completed=now.done)
            return perform(router, run, kind, holder)


def import_now(url: str, format: str, args: dict[str, Any], as_json: bool) -> str | None:
    """Import into the database at ``url`` and print the report; what went wrong, if something did."""
    from handlers import all_routes

    console = Console(stderr=as_json)
    base.connect(url, pool=4)
    try:
        result = work(all_routes(), KINDS[format], args, new_holder(), console)
    except Busy:
        return f"“{args['source']}” is being imported by another process right now."
    except Refused as refused:
        return str(refused)
    finally:
        base.disconnect()
    if as_json:
        print(orjson.dumps(result).decode())
    else:
        console.print(Report.of_result(result).as_text())
    return None


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
