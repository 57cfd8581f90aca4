"""Idle: how soon Agora is ready, and how much memory it takes while nobody does anything.

``python app.py run`` with the demo company and the playground, as ``make run`` starts it, from the start of the process
until ``/readyz`` says yes: for the first time (the database is made, migrated and filled), again, and again while
another process keeps the database running. Memory is the proportional set size (PSS), which counts what processes
share once: of Agora, and of all processes of its database.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from benchmarks.report import Options, Row, main, median
from models.embedded import EmbeddedServer
from tests.homes import new_home, sweep

ROOT = Path(__file__).resolve().parents[1]
STARTS = 5
SETTLES = 3.0  # seconds until caches and pools are what they stay
LIMIT = 120.0  # seconds
GOAL = 5.0
MB = 1024 * 1024


def run(options: Options) -> Iterator[Row]:
    """The figures of an idle Agora."""
    starts = options.of(STARTS, least=1)
    sweep()
    with new_home() as home:
        with _started(home) as (_, seconds):
            yield Row("idle: first start", {"seconds": seconds}, note="the database is made, migrated and filled")
        again = [_start_once(home) for _ in range(starts)]
        met = median(again) < GOAL
        yield Row("idle: start", {"seconds": median(again)}, f"seconds < {GOAL:g}", met, f"{starts} starts, the median")
        with EmbeddedServer.join(home):
            running = [_start_once(home) for _ in range(starts)]
            yield Row("idle: start, database running", {"seconds": median(running)})
        with _started(home) as (process, _):
            time.sleep(SETTLES * options.scale)
            yield Row("idle: memory", _memory(process, home), note="MB, of which the database's are counted apart")


def _start_once(home: Path) -> float:
    with _started(home) as (_, seconds):
        return seconds


@contextmanager
def _started(home: Path) -> Iterator[tuple[psutil.Process, float]]:
    """Agora, ready, and how long that took; stopped in the end."""
    port = _free_port()
    settings = {"AGORA_HOME": str(home), "PORT": str(port), "AGORA_DEMO": "1", "AGORA_PLAYGROUND": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGORA_", "DATABASE_URL"))}
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py", "run"], cwd=ROOT, env={**kept, **settings}, stdout=said, stderr=said
        )
        try:
            _wait_until_ready(process, port)
            yield psutil.Process(process.pid), time.perf_counter() - started
        except RuntimeError as error:
            said.seek(0)
            raise RuntimeError(f"{error}:\n{said.read().decode(errors='replace')[-2000:]}") from error
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Agora ended with {process.returncode}")
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"not ready after {LIMIT:g} s")


def _memory(process: psutil.Process, home: Path) -> dict[str, float]:
    own = process.memory_full_info()
    database = sum(each.memory_full_info().pss for each in psutil.process_iter() if _is_of(each, home))
    return {"pss_mb": own.pss / MB, "rss_mb": own.rss / MB, "database_pss_mb": database / MB}


def _is_of(process: psutil.Process, home: Path) -> bool:
    """Whether it is a process of the database in ``home``: they work in its folder."""
    try:
        return process.name() == "postgres" and Path(process.cwd()).is_relative_to(home)
    except psutil.Error:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(run, description=__doc__)
