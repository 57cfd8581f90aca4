"""The client of ``capture`` and ``slack``: a process of its own that keeps connections busy with prepared requests."""

from __future__ import annotations

import contextlib
import multiprocessing
import selectors
import socket
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
    waiting, latencies = iter(requests), list[float]()
    with selectors.DefaultSelector() as ready, contextlib.ExitStack() as closing:
        lines = [
            _Line(closing.enter_context(socket.create_connection(("127.0.0.1", port)))) for _ in range(connections)
        ]
        for line in lines:
            ready.register(line.connection, selectors.EVENT_READ, line)
        started = time.perf_counter()
        busy = sum(line.next(waiting) for line in lines)
        while busy:
            for key, _ in ready.select():
                if key.data.is_answered(ending):
                    latencies.append(time.perf_counter() - key.data.sent_at)
                    busy -= not key.data.next(waiting)
        return Round(time.perf_counter() - started, latencies)


class _Line:
    """One connection: the next request is sent when the last one was answered. Its sockets are used as they are: an
    event loop would take twice the CPU, which the server and the database share with it."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.sent_at = 0.0
        self._answer = b""

    def next(self, waiting: Iterator[bytes]) -> bool:
        """Send the next request, if there is one."""
        request = next(waiting, None)
        if request is None:
            return False
        self._answer = b""
        self.sent_at = time.perf_counter()
        self.connection.sendall(request)
        return True

    def is_answered(self, ending: bytes) -> bool:
        """Read what has come: whether that was the rest of the answer."""
        came = self.connection.recv(65536)
        self._answer += came
        if not came or self._answer[9:12] not in (b"", b"200"):
            raise RuntimeError(f"not taken: {self._answer!r}")
        return self._answer.endswith(ending)
