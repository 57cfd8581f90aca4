"""Long work: it goes on where it stood, ends once, and tells so."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from bot import jobs
from bot.jobs import MOST_ATTEMPTS, MOST_TAKEN, JobLost, JobWorker, Run, perform, take
from bot.router import Router
from bot.turn import Turn
from models import base
from models.base import now, transaction
from models.facts import Fact
from models.mail import Job
from tests.bot.queues import cut_connections, inbox, patiently, run_sql, until
from tests.chat import Chat


@pytest.fixture
def router(db: str) -> Router:
    return Router()


def job() -> Job:
    return patiently(lambda session: session.query(Job).one())


def begin(holder: str = "test") -> Run:
    with transaction() as session:
        run = take(session, holder, ["count"])
    assert run is not None
    return run


def planned(**args: Any) -> None:
    with transaction() as session:
        session.add(Job(kind="count", args=args, correlation="x"))


def steps() -> int:
    return patiently(lambda session: session.query(Fact).count())


def count(run: Run, upto: int = 10, fault: int | None = None) -> dict[str, Any]:
    """Write a fact a step, and go on where it stood."""
    for n in range(run.checkpoint.get("next", 0), upto):
        with run.step(done=n + 1, total=upto, next=n + 1) as session:
            session.add(Fact(verb="counted", entity="job", entity_id=n, correlation="x"))
            if n == fault:
                raise ZeroDivisionError
    return {"counted": upto}


def passes(**time: float) -> None:
    moment = now() + timedelta(**time)
    base.set_clock(lambda: moment)


@asynccontextmanager
async def job_worker(router: Router, holder: str = "test") -> AsyncIterator[JobWorker]:
    worker = JobWorker(router, holder)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_job_is_done_once_and_its_end_calls_its_route(chat: Chat, router: Router) -> None:
    results: list[Any] = []
    chat.runtime.router.job("count")(count)
    chat.runtime.router.result("count")(lambda turn, id, result: results.append((id, result)))
    planned()
    async with job_worker(chat.runtime.router), job_worker(chat.runtime.router, "another"):
        await until(lambda: job().state == "done")
    await asyncio.to_thread(chat.work)
    assert (steps(), job().done, job().total, results) == (10, 10, 10, [(job().id, {"counted": 10})])


def test_whoever_waits_for_work_is_woken(chat: Chat) -> None:
    chat.runtime.router.message(lambda turn: bool(turn.job("count")))
    url = base.engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as listening:
        listening.execute("listen agora_job")
        chat.slack("mona").says("go")
        assert [notice.channel for notice in listening.notifies(timeout=60, stop_after=1)] == ["agora_job"]


def test_what_was_started_in_a_turn_that_failed_never_was(chat: Chat) -> None:
    def start(turn: Turn) -> bool:
        turn.job("count")
        raise ZeroDivisionError

    chat.runtime.router.message(start)
    chat.slack("mona").says("go")
    assert run_sql("select count(*) from job") == [(0,)]


async def test_a_job_that_fails_goes_on_at_its_checkpoint_and_is_given_up_after_the_third_time(
    router: Router,
) -> None:
    router.job("count")(lambda run: count(run, fault=4))
    planned()
    async with job_worker(router) as worker:
        for attempt in range(1, MOST_ATTEMPTS + 1):
            await until(lambda attempt=attempt: job().attempts == attempt and job().state != "held")
            assert (job().state, steps()) == ("new" if attempt < MOST_ATTEMPTS else "failed", 4)
            passes(minutes=1)
            worker.wake()
    assert "ZeroDivisionError" in str(job().error) and inbox() == []


def test_a_step_that_fails_leaves_neither_writing_nor_progress(router: Router) -> None:
    planned()
    with pytest.raises(ZeroDivisionError):
        count(begin(), fault=2)
    assert (steps(), job().done, job().checkpoint) == (2, 2, {"next": 2})


def test_who_died_is_followed_by_another_where_it_stood(router: Router) -> None:
    planned()
    count(begin("dead"), upto=3)
    with transaction() as session:
        assert take(session, "heir", ["count"]) is None
    passes(minutes=3)
    count(heir := begin("heir"))
    assert (heir.checkpoint, steps(), job().attempts) == ({"next": 10}, 10, 2)


def test_who_lost_the_job_writes_nothing_more(router: Router) -> None:
    planned()
    late = begin("late")
    passes(minutes=3)
    begin("heir")
    with pytest.raises(JobLost):
        count(late)
    router.job("count")(lambda run: {"counted": 0})
    with pytest.raises(JobLost):
        perform(router, late, "count", "late")
    assert (steps(), inbox(), job().state, job().holder) == (0, [], "held", "heir")


def test_a_failure_of_who_lost_the_job_is_not_the_jobs(router: Router) -> None:
    router.job("count")(lambda run: 1 / 0)
    planned()
    late = begin("late")
    passes(minutes=3)
    begin("heir")
    with pytest.raises(ZeroDivisionError):
        perform(router, late, "count", "late")
    assert (job().state, job().holder, job().error) == ("held", "heir", None)


def test_every_step_prolongs_the_lease(router: Router) -> None:
    planned()
    run = begin()
    for n in range(5):
        passes(minutes=1)
        with run.step(done=n):
            pass
    with transaction() as session:
        assert take(session, "another", ["count"]) is None


def test_what_kills_whoever_takes_it_is_given_up_in_the_end(router: Router) -> None:
    planned()
    for _ in range(MOST_TAKEN):
        begin()
        passes(minutes=3)
    with transaction() as session:
        assert take(session, "next", ["count"]) is None
    assert job().state == "failed" and "died" in str(job().error)


@pytest.mark.parametrize("result", [{"it": object()}, {"it": "\0"}, {"it": "\ud800"}], ids=repr)
async def test_an_end_that_cannot_be_kept_is_a_failure(router: Router, result: dict[str, Any]) -> None:
    router.job("count")(lambda run: result)
    planned()
    async with job_worker(router):
        await until(lambda: job().error)
    assert job().state == "new" and job().result is None


async def test_a_connection_lost_on_the_way_costs_an_attempt_and_nothing_else(router: Router) -> None:
    cuts: list[int] = []

    @router.job("count")
    def work(run: Run) -> dict[str, Any]:
        if not cuts:
            count(run, upto=5)
            with run.step(next=6) as session:
                session.connection()  # the one that is cut
                cuts.append(1)
                cut_connections()
        return count(run)

    planned()
    async with job_worker(router) as worker:
        await until(lambda: job().error)
        assert (job().state, steps(), job().checkpoint) == ("new", 5, {"next": 5})
        passes(minutes=1)
        worker.wake()
        await until(lambda: job().state == "done")
    assert steps() == 10


async def test_who_stops_ends_with_the_step_and_another_goes_on(router: Router) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @router.job("count")
    def work(run: Run) -> dict[str, Any]:
        for n in range(run.checkpoint.get("next", 0), 10):
            with run.step(done=n + 1, next=n + 1) as session:
                session.add(Fact(verb="counted", entity="job", entity_id=n, correlation="x"))
                begun.set()
                go_on.wait(20)
        return {}

    planned()
    async with job_worker(router):
        await until(begun.is_set)
    go_on.set()
    await until(lambda: job().state == "new")
    assert (steps(), job().attempts, job().checkpoint) == (1, 0, {"next": 1})
    async with job_worker(router, "another"):
        await until(lambda: job().state == "done")
    assert steps() == 10


async def test_a_job_of_a_kind_that_nobody_knows_waits(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "POLL", 0.05)
    planned()
    done = threading.Event()
    router.job("other")(lambda run: done.set())
    with transaction() as session:
        session.add(Job(kind="other", args={}, correlation="x"))
    async with job_worker(router):
        await until(done.is_set)
    assert run_sql("select state from job where kind = 'count'") == [("new",)]
