"""What Slack was told has arrived outlives a process that is killed."""

from __future__ import annotations

import itertools
import threading
import time
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest
from sqlalchemy import text

from bot.slack.http import PATH
from models import base
from models.base import reading
from tests.faults.running import Agora, free_port, wait_until
from tests.gateways.slack.sent import SECRET, encoded, payload, signed

KILLS = 4
SENDERS = 4


class Sender(threading.Thread):
    """Sends events and buttons, one after another, and notes what was acknowledged."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.ending = False
        self._port, self._number = port, number

    def run(self) -> None:
        for each in itertools.count():
            if self.ending:
                return
            key, sent = self._made(each)
            if self._sends(sent):
                self.acknowledged.append(key)
            else:
                time.sleep(0.05)

    def _made(self, each: int) -> tuple[str, dict[str, Any]]:
        key = f"17638{self._number}{each:04d}.000100"
        if each % 2:
            return key, payload("message_im", ts=key, event_ts=key)
        return key, {**payload("block_actions_message"), "trigger_id": key}

    def _sends(self, sent: dict[str, Any]) -> bool:
        kind, body = encoded(sent)
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", PATH, body, {**signed(body), "Content-Type": kind})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def kept() -> set[str]:
    with reading() as session:
        return set(session.scalars(text("select key from inbox where platform = 'slack'")))


@pytest.mark.timeout(300)
def test_nothing_that_was_acknowledged_is_lost(database: str) -> None:
    base.connect(database)
    port = free_port()
    settings = {"DATABASE_URL": database, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": "http://127.0.0.1:9/api"}  # fmt: skip
    senders = [Sender(port, number) for number in range(SENDERS)]
    for kill in range(KILLS):
        with Agora("run", port, **settings) as agora:
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
    assert len(acknowledged) > KILLS * 20 and acknowledged - kept() == set()
    base.disconnect()


def _more(senders: list[Sender], before: int) -> bool:
    return sum(len(sender.acknowledged) for sender in senders) > before + 20
