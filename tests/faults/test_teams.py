"""What Teams was told has arrived outlives a process that is killed; what it waits for is done once."""

from __future__ import annotations

import itertools
import json
import threading
import time
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest
from sqlalchemy import text

from models import base
from models.base import reading
from tests.faults.running import Agora, free_port, wait_until
from tests.teams_service import activity, execute

KILLS = 4
SENDERS = 4


class Sender(threading.Thread):
    """Sends messages and presses, one after another: each again, as Teams does, until it is acknowledged."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.ending = False
        self._port, self._number = port, number

    def run(self) -> None:
        for each in itertools.count():
            key = f"17638{self._number}{each:06d}"
            who = f"person{self._number}"
            sent = activity(text="hello", by=who) if each % 2 else execute("nothing.such", each, by=who)
            sent["id"] = key
            while not self._sends(sent):
                if self.ending:
                    return
                time.sleep(0.05)
            self.acknowledged.append(key)
            if self.ending:
                return

    def _sends(self, sent: dict[str, Any]) -> bool:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", "/api/messages", json.dumps(sent), {"Content-Type": "application/json"})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def kept() -> list[str]:
    with reading() as session:
        return list(session.scalars(text("select key from inbox where platform = 'teams'")))


@pytest.mark.timeout(300)
def test_nothing_that_was_acknowledged_is_lost(database: str) -> None:
    base.connect(database)
    port = free_port()
    senders = [Sender(port, number) for number in range(SENDERS)]
    for kill in range(KILLS):
        with Agora("run", port, DATABASE_URL=database, TEAMS_LOCAL="1") as agora:
            agora.ready()
            if kill == 0:
                for sender in senders:
                    sender.start()
            before = sum(len(sender.acknowledged) for sender in senders)
            wait_until(partial(_more, senders, before), "more was acknowledged")
            agora.kill()
    for sender in senders:
        sender.ending = True
        sender.join(20)
    acknowledged = {key for sender in senders for key in sender.acknowledged}
    found = kept()
    assert len(acknowledged) > KILLS * 20
    assert acknowledged - set(found) == set()
    assert len(found) == len(set(found)), "what was sent again is the same event"
    base.disconnect()


def _more(senders: list[Sender], before: int) -> bool:
    return sum(len(sender.acknowledged) for sender in senders) > before + 20
