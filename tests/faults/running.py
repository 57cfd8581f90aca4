"""Agora as real processes, and people who write to it over HTTP."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_OURS = ("AGORA_", "DATABASE_URL", "HOST", "PORT", "PUBLIC_URL", "FAULT", "COMPANY_", "SLACK_", "TEAMS_", "OPENAI_")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """Wait until ``condition()`` is true, and return it; an AssertionError that names ``what`` is awaited."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.05)
    return found


class Agora:
    """A process: ``with Agora("run", DATABASE_URL=...) as agora``. It ends with the block, if not before."""

    def __init__(self, command: str, port: int | None = None, **settings: str) -> None:
        self.port = port or free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        ours = {"AGORA_PLAYGROUND": "1", "AGORA_LOG": "json", "PORT": str(self.port)}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.process", command],
            cwd=ROOT, env={**environment, **ours, **settings}, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def __enter__(self) -> Agora:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.signal(signal.SIGCONT)
            self.kill()
        self._log.close()

    @property
    def ended(self) -> bool:
        """Whether it is no more."""
        return self._process.poll() is not None

    def ready(self) -> Agora:
        """Wait until it takes requests."""
        wait_until(lambda: self.ended or _answers(self.port), "Agora is ready")
        assert not self.ended, self.log()
        return self

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, wherever it is."""
        self._process.kill()
        self._process.wait(20)

    def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        self.signal(signal.SIGTERM)
        return self._process.wait(20)

    def died(self) -> None:
        """Wait until it has killed itself."""
        assert self._process.wait(60) == -signal.SIGKILL, self.log()

    def log(self) -> str:
        """What it said."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-5000:]


def post(port: int, handle: str, place: str, text: str, key: str, installation: str = "slack") -> bool:
    """Write a message; whether it was acknowledged."""
    body = {"place": place, "thread": None, "text": text, "key": key, "files": []}
    try:
        status, _ = request(port, "POST", f"/as/{handle}/{installation}/messages", body)
    except (OSError, HTTPException):
        return False
    assert status in (200, 500), f"{status} for {text}"
    return status == 200


class Feeder:
    """Writes one message after another, each again until it is acknowledged, as a browser does."""

    def __init__(self, port: Callable[[], int], messages: list[tuple[str, str, str]]) -> None:
        self._port, self._messages = port, messages
        self.acknowledged = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for handle, place, text in self._messages:
            key = secrets.token_urlsafe(12)
            while not post(self._port(), handle, place, text, key):
                time.sleep(0.05)
            self.acknowledged += 1

    def done(self) -> bool:
        """Whether all are acknowledged."""
        return not self._thread.is_alive()


def _answers(port: int) -> bool:
    try:
        return request(port, "GET", "/readyz")[0] == 200
    except (OSError, HTTPException):
        return False


def request(port: int, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
    """What Agora answers: status and body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
