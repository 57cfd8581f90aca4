"""A running process: the web server, the workers, or both, from the first connection to the last."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.orm import Session

from bot import broadcast, garbage, health, masses, streams
from bot.ai import choosing, encoders, model
from bot.clock import Clock, blank_payloads
from bot.encoding import EncodingWorker
from bot.inbox import WAKE as INBOX
from bot.jobs import workers
from bot.masses import CHANNEL as ALLOWANCES
from bot.outbox import OutboxWorker
from bot.patience import PatienceWorker
from bot.runtime import Runtime
from bot.searching import SearchWorker
from bot.wake import Wake
from bot.worker import InboxWorker
from models import budgets, derived, homes, joins, likeness, masks, replies, sessions, steps, written
from models.announcements import retrying
from models.base import now
from models.data_home import data_home
from models.decisions import steps as decision_steps
from models.expertise import tables as unlearning
from models.search import follow, tables
from models.search.tables import CHANNEL as SEARCH
from models.tasks import sleepers
from models.tasks import steps as task_steps

log = structlog.get_logger(__name__)
OUTBOX, JOBS = "agora_outbox", "agora_job"
_BODY = 2 * 1024 * 1024
_MODEL_JOBS = 4  # calls of a model at once
_QUICK_JOBS = 1  # without a model: what is announced does not wait for an import either


class PortTaken(RuntimeError):
    """Somebody else listens there."""


async def serve(runtime: Runtime, wake: Wake, *, web_too: bool, work: bool, ready: Callable[[], None]) -> None:
    """Run until asked to stop (SIGINT, SIGTERM). Raises ``PortTaken``."""
    stopping = _on_signals()
    runtime.inbox.start()
    try:
        for gateway in runtime.gateways.values():
            await gateway.start()
        await _run(runtime, wake, stopping, web_too=web_too, work=work, ready=ready)
    finally:
        for gateway in runtime.gateways.values():  # those of the web server were closed, and used by workers since
            await gateway.close()
        await runtime.inbox.stop()


async def _run(
    runtime: Runtime, wake: Wake, stopping: asyncio.Event, *, web_too: bool, work: bool, ready: Callable[[], None]
) -> None:
    runner = await _web(runtime, only_health=not web_too)
    workers = [asyncio.create_task(worker, name=name) for name, worker in _workers(runtime, wake, work)]
    workers.append(asyncio.create_task(_search(runtime, wake), name="search"))
    workers.append(asyncio.create_task(_encoding(runtime, wake, work), name="encoding"))
    clock = Clock(runtime.holder, lambda session: _keep_house(session, runtime.settings.retention_days))
    streams.use(runtime.gateways, asyncio.get_running_loop(), runtime.pacing)
    wake.start()
    if work:
        clock.start()
    garbage.seldom()
    ready()
    try:
        await _until(stopping, workers)
    finally:
        log.info("stopping")
        streams.use(None)
        await _stop(runner, workers, clock if work else None)
        await asyncio.to_thread(wake.stop)


def _search(runtime: Runtime, wake: Wake) -> Coroutine[Any, Any, None]:
    follow.keep_in(data_home(runtime.settings.home) / "search")
    search = SearchWorker()
    wake.on(SEARCH, search.wake)
    return search.run()


def _encoding(runtime: Runtime, wake: Wake, work: bool) -> Coroutine[Any, Any, None]:
    """Whoever handles events encodes what people look for; a worker also what they write."""
    ours = choosing.encoders(runtime.settings)
    encoders.use(ours)
    encoding = EncodingWorker(ours, work=work)
    wake.on(SEARCH, encoding.wake)
    return encoding.run()


def _workers(runtime: Runtime, wake: Wake, work: bool) -> list[tuple[str, Coroutine[Any, Any, None]]]:
    if not work:
        return []
    inbox = InboxWorker(runtime.dispatcher, runtime.holder, runtime.settings.workers)
    outbox = OutboxWorker(runtime.gateways, runtime.holder, runtime.pacing)
    jobs = workers(runtime.router, runtime.holder, _MODEL_JOBS if model.current() else _QUICK_JOBS)
    wake.on(INBOX, inbox.wake)
    wake.on(OUTBOX, outbox.wake)
    wake.on(ALLOWANCES, outbox.masses.hear)
    for each in jobs:
        wake.on(JOBS, each.wake)
    patience = PatienceWorker(runtime)
    return [("inbox", inbox.run()), ("outbox", outbox.run()), ("patience", patience.run()),
            *(("jobs", each.run()) for each in jobs)]  # fmt: skip


async def _web(runtime: Runtime, only_health: bool) -> web.AppRunner:
    app = application(runtime, only_health)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
    await runner.setup()
    settings = runtime.settings
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        await runner.cleanup()
        raise PortTaken(f"{settings.host}:{settings.port} cannot be used: {error.strerror}") from error
    return runner


def application(runtime: Runtime, only_health: bool = False) -> web.Application:
    """Everything that is served over HTTP."""
    app = web.Application(client_max_size=_BODY)
    app.add_routes(health.routes())
    if not only_health:
        for gateway in runtime.gateways.values():
            app.add_routes(gateway.routes())
            app.on_shutdown.append(_closing(gateway))
    return app


def _closing(gateway: Any) -> Callable[[web.Application], Coroutine[Any, Any, None]]:
    async def close(_: web.Application) -> None:
        await gateway.close()

    return close


def _on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    return stopping


async def _until(stopping: asyncio.Event, workers: list[asyncio.Task[None]]) -> None:
    """Wait for a signal; a worker that ends by itself is a fault that must not go unseen."""
    waiting = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait([waiting, *workers], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done - {waiting}:
        task.result()


async def _stop(runner: web.AppRunner, workers: list[asyncio.Task[None]], clock: Clock | None) -> None:
    if clock is not None:
        clock.stop()
    await runner.cleanup()
    for worker in workers:
        worker.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            await asyncio.gather(*workers, return_exceptions=True)


def _keep_house(session: Session, retention_days: int) -> None:
    blank_payloads(session, timedelta(days=retention_days))
    broadcast.purge(session, timedelta(days=retention_days))
    masses.purge(session)
    sessions.purge(session)
    homes.purge(session)
    tables.trim(session)
    joins.purge(session)
    masks.forget(session)
    budgets.purge(session)
    written.purge(session)
    derived.purge(session)
    replies.purge(session)
    unlearning.purge(session)
    steps.wake_sleepers(session, now())
    task_steps.wake_sleepers(session, now())
    sleepers.wake_sleepers(session, now())
    decision_steps.wake_sleepers(session, now())
    retrying.retry(session, now())
    likeness.plan_look(session, timedelta())
