"""Long work: claimed by one process, checkpointed, with progress; taken over where it stood when its holder dies."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot import metrics
from bot.inbox import from_system, insert_events
from bot.redaction import error_text
from bot.router import Router
from bot.wake import Sleeper
from models.base import now, transaction
from models.mail import DONE, FAILED, HELD, NEW, Job

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=2)
POLL = 2.0
MOST_ATTEMPTS = 3
MOST_TAKEN = 10  # a restart of the process is no fault of the job, but there is an end to it


class JobLost(Exception):
    """Another process took the job over."""


class JobStopped(Exception):
    """This process ends: another goes on where the job stands."""


class Run:
    """A job being worked on: its arguments, where it stood, and how it goes on."""

    def __init__(self, job: Job, holder: str) -> None:
        self.id = job.id
        self.args: dict[str, Any] = dict(job.args)
        self.checkpoint: dict[str, Any] = dict(job.checkpoint)
        self.correlation = job.correlation
        self.done, self.total = job.done, job.total
        self.watch: Callable[[Run], None] | None = None
        """Told after every step: a progress bar."""
        self.stopping: Callable[[], bool] = lambda: False
        """Asked before every step: whether this process ends."""
        self._holder, self._attempts = holder, job.attempts

    @contextmanager
    def step(self, done: int | None = None, total: int | None = None, **checkpoint: Any) -> Iterator[Session]:
        """A transaction of the job: what is written in it, its progress and its checkpoint hold together or not at all.
        ``JobLost`` where the lease was lost, ``JobStopped`` where this process ends."""
        if self.stopping():
            raise JobStopped
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        self.checkpoint.update(checkpoint)
        with transaction() as session:
            yield session
            self._save(session, done=self.done, total=self.total, checkpoint=dict(self.checkpoint),
                       lease_until=now() + LEASE)  # fmt: skip
        if self.watch is not None:
            self.watch(self)

    def end(self, session: Session, state: str, result: dict[str, Any] | None, error: str | None) -> None:
        """Record the end, and call the result route."""
        self._save(session, state=state, result=result, error=error, done_at=now(), holder=None, lease_until=None)

    def give_back(self) -> None:
        """Leave it to another process, as if this one had not begun."""
        with transaction() as session:
            self._save(session, state=NEW, holder=None, lease_until=None, attempts=self._attempts - 1)

    def _save(self, session: Session, **values: Any) -> None:
        session.flush()
        saved = session.execute(
            update(Job)
            .where(Job.id == self.id, Job.holder == self._holder, Job.attempts == self._attempts, Job.state == HELD)
            .values(**values)
            .returning(Job.id)
        ).one_or_none()
        if saved is None:
            raise JobLost


def take(session: Session, holder: str, kinds: list[str], id: int | None = None) -> Run | None:
    """Claim the oldest free job of these kinds, or the one named; ``None`` where there is none. One whose holders died
    again and again is given up."""
    moment = now()
    free = or_(Job.state == NEW, (Job.state == HELD) & (Job.lease_until <= moment))
    query = select(Job).where(free, Job.kind.in_(kinds), Job.not_before <= moment).order_by(Job.id).limit(1)
    if id is not None:
        query = query.where(Job.id == id)
    job = session.scalars(query.with_for_update(skip_locked=True)).first()
    if job is None:
        return None
    if job.attempts >= MOST_TAKEN:
        job.state, job.holder, job.done_at = FAILED, None, moment
        job.error = "whoever worked on it died, again and again"
        return None
    job.state, job.holder, job.lease_until, job.attempts = HELD, holder, moment + LEASE, job.attempts + 1
    session.flush()
    return Run(job, holder)


def perform(router: Router, run: Run, kind: str, holder: str) -> dict[str, Any]:
    """Do the work of a claimed job and record its end; raises what the work raised, after recording it."""
    try:
        result: dict[str, Any] = router.jobs[kind](run) or {}
        with transaction() as session:
            run.end(session, DONE, result, None)
            event = from_system("result", f"job:{run.id}", f"job:{run.id}", kind, run.id, result)
            insert_events(session, [event], holder)
    except JobLost:
        raise
    except JobStopped:
        run.give_back()
        raise
    except Exception as error:
        metrics.job_ended(kind, _failed(run, error))
        raise
    metrics.job_ended(kind, DONE)
    return result


def _failed(run: Run, error: Exception) -> str:
    """Put the job back, or give it up; says which."""
    again = run._attempts < MOST_ATTEMPTS
    with transaction() as session:
        job = session.get(Job, run.id, with_for_update=True)
        if job is None or (job.state, job.attempts) != (HELD, run._attempts):
            return "lost"
        job.state, job.holder, job.lease_until = (NEW if again else FAILED), None, None
        job.error = f"{type(error).__name__}: {error_text(error)}"[:500]
        job.not_before = now() + timedelta(seconds=5 * run._attempts)
    return "again" if again else FAILED


def workers(router: Router, holder: str, quick: int) -> list[JobWorker]:
    """One for what takes long, and so many for what must be quick; where that is none, one for everything."""
    if not quick:
        return [JobWorker(router, holder)]
    long = JobWorker(router, holder, router.jobs.keys() - router.quick)
    return [long, *(JobWorker(router, holder, router.quick) for _ in range(quick))]


class JobWorker(Sleeper):
    """Works on one job at a time, in a thread of its own: of ``kinds``, or of all."""

    def __init__(self, router: Router, holder: str, kinds: Iterable[str] | None = None) -> None:
        super().__init__()
        self._router = router
        self._holder = holder
        self._kinds = sorted(router.jobs if kinds is None else kinds)
        self._stopping = threading.Event()

    async def run(self) -> None:
        """Work until cancelled; a job in hand then ends with its step."""
        try:
            while True:
                self.arise()
                if not await asyncio.to_thread(self._try_one):
                    await self.sleep(POLL)
        finally:
            self._stopping.set()

    def _try_one(self) -> bool:
        try:
            return self._one()
        except JobStopped:
            log.info("job goes on elsewhere")
        except JobLost:
            log.warning("job lost")
        except Exception as error:
            log.error("job failed", exc_info=error)
        return False

    def _one(self) -> bool:
        with transaction() as session:
            run = take(session, self._holder, self._kinds)
            kind = session.get_one(Job, run.id).kind if run else ""
        if run is None:
            return False
        run.stopping = self._stopping.is_set
        with structlog.contextvars.bound_contextvars(correlation=run.correlation):
            log.info("job begins", kind=kind, job=run.id)
            perform(self._router, run, kind, self._holder)
            log.info("job ended", kind=kind, job=run.id)
        return True
