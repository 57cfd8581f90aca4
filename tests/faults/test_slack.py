"""What Slack was told has arrived outlives a process that is killed, and so does what people were told meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import psycopg
import pytest

from bot.slack.http import PATH
from models import base
from tests.faults.acknowledged import Sender, nothing_is_lost
from tests.faults.running import Agora, free_port, wait_until
from tests.gateways.slack.conftest import TEAM, settle_in
from tests.gateways.slack.sent import SECRET, encoded, payload, signed
from tests.slack_faults import Fault
from tests.slack_server import SlackServer, serving
from tests.town import populate

GENERAL = "C0GENERAL"
SIGN = "One moment: I am working on it."


class Slack(Sender):
    """Events and buttons."""

    def event(self, each: int) -> tuple[str, str, bytes, Mapping[str, str]]:
        key = f"17638{self.number}{each:04d}.000100"
        sent = payload("message_im", ts=key, event_ts=key)
        if each % 2 == 0:
            sent = {**payload("block_actions_message"), "trigger_id": key}
        kind, body = encoded(sent)
        return key, PATH, body, {**signed(body), "Content-Type": kind}


@contextmanager
def slack() -> Iterator[SlackServer]:
    """Slack, in a thread."""
    server, ready, done = SlackServer(), threading.Event(), threading.Event()

    async def serve() -> None:
        async with serving(server):
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield server
    finally:
        done.set()
        thread.join(20)


@contextmanager
def asking_takes_long(database: str) -> Iterator[None]:
    """No question can be kept."""
    with psycopg.connect(database.replace("postgresql+psycopg://", "postgresql://")) as connection:
        connection.execute("lock table question in access exclusive mode")
        yield


def hears(port: int, what: dict[str, Any]) -> None:
    """Slack sends this, and it is taken."""
    kind, body = encoded(what)
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", PATH, body, {**signed(body), "Content-Type": kind})
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.timeout(300)
def test_nothing_that_was_acknowledged_is_lost(database: str) -> None:
    nothing_is_lost(database, "slack", Slack, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET=SECRET,
                    SLACK_API_URL="http://127.0.0.1:9/api")  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "not recorded"])
def test_the_sign_that_agora_is_at_it_becomes_the_answer_whoever_dies(database: str, recorded: bool) -> None:
    """The process is killed when the sign stands in Slack, and knows that or not; another one goes on."""
    base.connect(database)
    populate()
    settle_in()
    with slack() as server:
        if not recorded:
            server.script["chat.postMessage"] = [Fault("slow", after=True, seconds=60.0)]
        about = {
            "SLACK_BOT_TOKEN": f"xoxb-{TEAM}",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{server.url}/api",
        }
        port = free_port()
        with Agora("run", port, DATABASE_URL=database, **about) as agora, asking_takes_long(database):
            hears(agora.ready().port, payload("app_mention"))
            (sign,) = wait_until(lambda: server.posted(TEAM, GENERAL), "the sign stands")
            assert sign["text"] == SIGN
            if recorded:
                wait_until(lambda: _reference(database) == sign["ts"], "that it stands is known")
            agora.kill()
        with Agora("run", port, DATABASE_URL=database, **about) as agora:
            agora.ready()
            wait_until(lambda: "edited" in sign, "the answer takes its place")
            (answer,) = server.posted(TEAM, GENERAL)
    assert "Connect" in str(answer["blocks"]) and answer["ts"] == sign["ts"]
    assert server.calls["chat.postMessage"] == 1 and server.wrong == []
    base.disconnect()


def _reference(database: str) -> str | None:
    with psycopg.connect(database.replace("postgresql+psycopg://", "postgresql://")) as connection:
        row = connection.execute("select reference from posted_card where about like 'sign:%'").fetchone()
    return row[0] if row else None
