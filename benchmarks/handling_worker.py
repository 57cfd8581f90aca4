"""Processes of ``handling`` that work as ``app.py worker`` does: each claims and handles until it is told to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.place import connected
from bot import garbage, log
from bot.dispatcher import Dispatcher, Handled
from bot.held import Held
from bot.holder import new_holder
from bot.inbound import Inbound
from bot.router import Router
from bot.runtime import Runtime
from bot.waiting import SOMEBODY, Waiting
from bot.web.lookup import PLATFORM
from bot.worker import InboxWorker
from handlers import all_routes

_PATIENCE = 120.0  # seconds


class Watched(Dispatcher):
    """The dispatcher, and how long it took over each event."""

    def __init__(self, router: Router, handled: Any) -> None:
        runtime = Runtime(None, router, "benchmark", gateways={PLATFORM: Heard()})  # type: ignore[arg-type,dict-item]
        super().__init__(runtime)
        self._handled = handled
        self.seconds: list[float] = []

    def handle(self, row: Held, waiting: Waiting = SOMEBODY) -> Handled:
        """Handle a held row; what was not handled well has no place in a benchmark."""
        started = time.perf_counter()
        handled = super().handle(row, waiting)
        if handled.outcome != "done":
            raise RuntimeError(f"{handled.outcome}: {handled.reply} of {row.payload}")
        self.seconds.append(time.perf_counter() - started)
        with self._handled.get_lock():
            self._handled.value += 1
        return handled


class Heard:
    """A platform whose events are kept in the one shape."""

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """As it was kept."""
        return Inbound.from_json(payload)


class Workers:
    """Processes that wait until there is something to do."""

    def __init__(self, pipes: Sequence[Connection], handled: Any) -> None:
        self._pipes = pipes
        self._handled = handled

    def handle(self, count: int) -> tuple[float, list[float]]:
        """Have ``count`` events handled that were captured: how long it took in all, and each of them; in seconds."""
        self._handled.value = 0
        started = time.perf_counter()
        for pipe in self._pipes:
            pipe.send("begin")
        while self._handled.value < count and time.perf_counter() - started < _PATIENCE:
            time.sleep(0.002)
        seconds = time.perf_counter() - started
        for pipe in self._pipes:
            pipe.send("stop")
        each = [one for pipe in self._pipes for one in pipe.recv()]
        if len(each) < count:
            raise RuntimeError(f"{len(each)} of {count} events were handled")
        return seconds, each


@contextmanager
def workers(url: str, processes: int, threads: int) -> Iterator[Workers]:
    """So many processes, each with so many threads, on the database at ``url``."""
    context = get_context("spawn")
    handled = context.Value("i", 0)
    ends = [context.Pipe() for _ in range(processes)]
    started = [context.Process(target=_serve, args=(url, threads, theirs, handled), daemon=True) for _, theirs in ends]
    for process in started:
        process.start()
    try:
        for ours, _ in ends:
            ours.recv()
        yield Workers([ours for ours, _ in ends], handled)
    finally:
        for process in started:
            process.terminate()
            process.join()


def _serve(url: str, threads: int, pipe: Connection, handled: Any) -> None:
    log.configure(log_level="error")
    dispatcher = Watched(all_routes(), handled)
    garbage.seldom()  # as a process does that serves
    with connected(url):
        pipe.send("ready")
        while pipe.recv() == "begin":
            dispatcher.seconds.clear()
            asyncio.run(_work(dispatcher, threads, pipe))
            pipe.send(dispatcher.seconds)


async def _work(dispatcher: Watched, threads: int, pipe: Connection) -> None:
    running = asyncio.create_task(InboxWorker(dispatcher, new_holder(), threads).run())
    while not pipe.poll():
        await asyncio.sleep(0.005)
    pipe.recv()
    running.cancel()
    with suppress(asyncio.CancelledError, CancelledError):
        await running
