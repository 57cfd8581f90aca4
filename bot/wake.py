"""Being woken: one connection that listens to PostgreSQL's notifications and calls back into the event loop.

A wake-up is a hint, never the truth: everything that is woken also looks by itself now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from psycopg import sql

log = structlog.get_logger(__name__)
_RECONNECT = 1.0


class Sleeper:
    """Sleeps between two looks, and looks at once where it is woken. Before a look it must ``arise``, so that what
    wakes it meanwhile is not lost."""

    def __init__(self) -> None:
        self._awake = asyncio.Event()

    def wake(self, _: str = "") -> None:
        """Look now."""
        self._awake.set()

    def arise(self) -> None:
        """Begin a look."""
        self._awake.clear()

    async def sleep(self, seconds: float) -> None:
        """Until woken, at most ``seconds``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for would swallow a cancellation that meets a wake-up
                await self._awake.wait()


class Wake:
    """Calls of ``on`` are made before ``start``; they run in the event loop."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._calls: dict[str, list[Callable[[str], Any]]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wake", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    def on(self, channel: str, call: Callable[[str], Any]) -> None:
        """Call ``call(payload)`` whenever ``channel`` is notified, and with ``""`` after a reconnection."""
        self._calls.setdefault(channel, []).append(call)

    def start(self) -> None:
        """Begin to listen; call from the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End within half a second."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg.Error, OSError) as error:
                log.warning("listening interrupted", error=type(error).__name__)
                self._stopping.wait(_RECONNECT)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="agora wake") as connection:
            for channel in self._calls:
                connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                self._call(channel, "")
            while not self._stopping.is_set():
                for notice in connection.notifies(timeout=0.5, stop_after=1):
                    self._call(notice.channel, notice.payload)

    def _call(self, channel: str, payload: str) -> None:
        assert self._loop is not None
        for call in self._calls.get(channel, ()):
            try:
                self._loop.call_soon_threadsafe(call, payload)
            except RuntimeError:  # the loop has closed
                self._stopping.set()
