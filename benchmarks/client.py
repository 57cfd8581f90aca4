"""The client of ``capture`` and ``slack``: a process of its own that keeps connections busy with prepared requests."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Round:
    """What a round of requests came to: how long it took, and each request's latency, in seconds."""

    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return len(self.latencies) / self.seconds


@contextmanager
def client_process() -> Iterator[ProcessPoolExecutor]:
    """A process to run ``send`` in; started anew, so that it shares nothing with the server."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


def send(port: int, requests: Sequence[bytes], connections: int, ending: bytes = b"\r\n\r\nok") -> Round:
    """Send ``requests`` over as many kept-alive connections, on each one after another. ``RuntimeError`` unless every
    answer is 200; ``ending`` is how each ends."""
    return asyncio.run(_send(port, requests, connections, ending))


async def _send(port: int, requests: Sequence[bytes], connections: int, ending: bytes) -> Round:
    waiting = iter(requests)
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    lines = []
    for _ in range(connections):
        _, line = await loop.create_connection(lambda: _Line(waiting, latencies, ending), "127.0.0.1", port)
        lines.append(line)
    started = time.perf_counter()
    for line in lines:
        line.next()
    await asyncio.gather(*(line.ended for line in lines))
    return Round(time.perf_counter() - started, latencies)


class _Line(asyncio.Protocol):
    """One connection: the next request is sent when the last one was answered."""

    def __init__(self, waiting: Iterator[bytes], latencies: list[float], ending: bytes) -> None:
        self._waiting, self._latencies, self._ending = waiting, latencies, ending
        self._answer = b""
        self._sent_at = 0.0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def next(self) -> None:
        request = next(self._waiting, None)
        if request is None:
            self._end(None)
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.endswith(self._ending):
            if self._answer[9:12] not in (b"", b"200"):
                self._end(RuntimeError(f"not taken: {self._answer!r}"))
            return
        self._latencies.append(time.perf_counter() - self._sent_at)
        self._answer = b""
        self.next()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or RuntimeError("the server closed the connection"))

    def _end(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error) if error else self.ended.set_result(None)
            self._transport.close()
