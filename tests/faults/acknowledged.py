"""Whoever sends events to a process that is killed again and again, and what was acknowledged of them."""

from __future__ import annotations

import itertools
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException

from sqlalchemy import text

from models import base
from models.base import reading
from tests.faults.running import Agora, free_port, wait_until

KILLS = 4
SENDERS = 4
_BETWEEN = 20  # events that are acknowledged between two kills


class Sender(ABC, threading.Thread):
    """Sends events, one after another, each until it is acknowledged, and notes which were."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.ending = False
        self.number = number
        self._port = port

    @abstractmethod
    def event(self, each: int) -> tuple[str, str, bytes, Mapping[str, str]]:
        """The key of an event, and the path, body and headers that it is posted with."""

    def run(self) -> None:
        """Send."""
        for each in itertools.count():
            key, path, body, headers = self.event(each)
            while not self._sends(path, body, headers):
                if self.ending:
                    return
                time.sleep(0.05)
            self.acknowledged.append(key)
            if self.ending:
                return

    def _sends(self, path: str, body: bytes, headers: Mapping[str, str]) -> bool:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def nothing_is_lost(database: str, platform: str, sender: Callable[[int, int], Sender], **settings: str) -> None:
    """Kill a process, with ``settings``, while it is sent events: what it acknowledged is kept, and each once."""
    base.connect(database)
    port = free_port()
    senders = [sender(port, number) for number in range(SENDERS)]
    for kill in range(KILLS):
        with Agora("run", port, DATABASE_URL=database, **settings) as agora:
            agora.ready()
            if kill == 0:
                for each in senders:
                    each.start()
            wait_until(partial(_more, senders, len(_acknowledged(senders))), "more was acknowledged")
            agora.kill()
    for each in senders:
        each.ending = True
        each.join(20)
    found = _kept(platform)
    assert len(_acknowledged(senders)) > KILLS * _BETWEEN
    assert set(_acknowledged(senders)) - set(found) == set()
    assert len(found) == len(set(found)), "what was sent again is the same event"
    base.disconnect()


def _acknowledged(senders: Sequence[Sender]) -> list[str]:
    return [key for sender in senders for key in sender.acknowledged]


def _more(senders: Sequence[Sender], before: int) -> bool:
    return len(_acknowledged(senders)) > before + _BETWEEN


def _kept(platform: str) -> list[str]:
    with reading() as session:
        return list(session.scalars(text("select key from inbox where platform = :platform"), {"platform": platform}))
