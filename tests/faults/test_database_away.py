"""The database is gone for ten seconds, and for two minutes, of real time: what was acknowledged is answered, and who
writes meanwhile is told so at once, in a sentence, each time they try."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models import base
from models.data_home import server_account
from models.embedded import EmbeddedServer
from models.postgres import Postgres
from tests.faults.running import Agora, Feeder, request, wait_until
from tests.faults.test_processes import answered, questions, quiet
from tests.homes import new_home

PATIENCE = 5.0  # seconds within which whoever tries is told


@dataclass
class Knocking:
    """What people got who came while it was away: how long each waited, and what they were told."""

    port: int
    waits: list[float] = field(default_factory=list)
    told: set[tuple[str, int, str]] = field(default_factory=set)

    def knock(self) -> None:
        """Open a page, write, press, and ask whether Agora is ready."""
        key = secrets.token_urlsafe(12)
        own = {"place": "dm:tom", "key": key}
        self._try("page", "GET", "/as/tom/slack/in/general")
        self._try("message", "POST", "/as/tom/slack/messages", {**own, "thread": None, "text": "unheard", "files": []})
        self._try("press", "POST", "/as/tom/slack/press", {**own, "route": "questions.new", "id": 0, "message": None})
        self._try("ready", "GET", "/readyz")
        self._try("alive", "GET", "/healthz")

    def _try(self, what: str, method: str, path: str, body: dict[str, object] | None = None) -> None:
        began = time.monotonic()
        status, answer = request(self.port, method, path, body)
        self.waits.append(time.monotonic() - began)
        text = re.sub(r"[0-9a-f]{8}\b", "…", " ".join(re.sub(r"<[^>]*>", " ", answer.decode()).split()))
        self.told.add((what, status, text))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seconds", [10, 120])
def test_nothing_acknowledged_is_lost_and_nobody_is_left_in_silence(seconds: int) -> None:
    with new_home() as home, Agora("run", AGORA_HOME=str(home), AGORA_DEMO="1") as agora:
        agora.ready()
        with EmbeddedServer.join(home) as server:
            base.connect(server.url, pool=2)
            asked = questions(40, seconds)
            feeder = Feeder(lambda: agora.port, asked)
            wait_until(lambda: feeder.acknowledged > 5, "some are asked")
            knocking, back = away(home, seconds, agora.port)
            wait_until(feeder.done, "all are asked")
            wait_until(quiet, "all are answered")
            print(f"away for {seconds} s: told after {max(knocking.waits):.2f} s at most; all that waited was answered "
                  f"{time.monotonic() - back:.1f} s after it came back")  # fmt: skip
            answered(asked)
            base.disconnect()
        assert not agora.ended, agora.log()
    assert {(what, status) for what, status, _ in knocking.told} == {
        ("page", 500), ("message", 500), ("press", 500), ("ready", 503), ("alive", 200)}  # fmt: skip
    assert all("nothing was lost" in text for what, _, text in knocking.told if what == "page"), knocking.told
    assert not any("Traceback" in text or "psycopg" in text for _, _, text in knocking.told)
    assert max(knocking.waits) < PATIENCE


def away(home: Path, seconds: float, port: int) -> tuple[Knocking, float]:
    """Take the database away for so long; what people got meanwhile, and when it was back."""
    postgres, knocking = Postgres(home, server_account(home)), Knocking(port)
    postgres.stop()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        knocking.knock()
        time.sleep(0.5)  # it is the time that matters here
    postgres.start({})
    return knocking, time.monotonic()
