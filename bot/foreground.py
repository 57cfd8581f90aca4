"""A job worked on at once by whoever asked for it on the command line, instead of by a worker."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.jobs import Run, perform, take
from bot.router import Router
from models.base import transaction
from models.mail import FAILED, HELD, NEW, Job


class Busy(RuntimeError):
    """Another process works on the same source right now."""


def work_now(
    router: Router, kind: str, args: dict[str, Any], holder: str, watch: Callable[[Run], None]
) -> dict[str, Any]:
    """Do the job of ``args["source"]`` now, telling ``watch`` after every step; its result. An interrupted one with the
    same arguments goes on where it stood. ``Busy`` where another process is at the same source."""
    with transaction() as guard:  # held all the while, however long: who is killed frees it at once
        guard.execute(text("set local idle_in_transaction_session_timeout = 0"))
        name = {"name": f"agora {kind} {args['source']}"}
        if not guard.scalar(text("select pg_try_advisory_xact_lock(hashtext(:name))"), name):
            raise Busy
        with transaction() as session:
            run = start(session, kind, args, holder)
        run.watch = watch
        watch(run)
        return perform(router, run, kind, holder)


def start(session: Session, kind: str, args: dict[str, Any], holder: str) -> Run:
    """The job, held by this process: an interrupted one with the same arguments, else a new one."""
    earlier = session.scalars(
        select(Job)
        .where(Job.kind == kind, Job.state.in_((NEW, HELD)), Job.args["source"].astext == args["source"])
        .order_by(Job.id.desc())
        .with_for_update()
    ).all()
    job = next((each for each in earlier if each.args == args), None)
    for each in earlier:
        if each is not job:
            each.state, each.error = FAILED, "replaced by a later one"
    if job is None:
        job = Job(kind=kind, args=args, correlation=secrets.token_hex(6))
        session.add(job)
    job.state, job.lease_until = NEW, None
    session.flush()
    run = take(session, holder, [kind], id=job.id)
    assert run is not None
    return run
