"""The library of Standard Webhooks takes what Agora signs, and Agora what it signs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.hooks import signing
from bot.serve import application
from models import base
from tests.hooked import LOCAL, made, receiver, secret
from tests.town import populate, settle, working


@pytest.fixture
async def agora(database: str) -> AsyncIterator[TestClient[Any, Any]]:
    """Agora, which may call this machine."""
    base.connect(database)
    populate()
    async with (
        working(settle(webhook_hosts=(LOCAL,)), database) as runtime,
        TestClient(TestServer(application(runtime))) as client,
    ):
        yield client


async def test_a_task_comes_in_and_is_told(agora: TestClient[Any, Any]) -> None:
    async with receiver() as program:
        incoming, outgoing = made("mona"), made("mona", program.url)
        library = Webhook(signing.shown(secret(incoming)))
        body = orjson.dumps({"type": "task.create", "data": {"title": "Fix the door", "people": ["noa"]}}).decode()
        moment = datetime.now(UTC).replace(tzinfo=None)
        headers = {"Content-Type": "application/json", "webhook-id": "made-1",
                   "webhook-timestamp": str(int(moment.replace(tzinfo=UTC).timestamp())),
                   "webhook-signature": library.sign("made-1", moment, body)}  # fmt: skip
        answer = await agora.post(f"/hooks/{incoming.key}", data=body, headers=headers)
        assert answer.status == 200, await answer.text()
        told = (await program.got(1))[0]
        message = Webhook(signing.shown(secret(outgoing))).verify(told.body, told.headers)
        assert message["type"] == "task.made" and message["data"]["task"]["title"] == "Fix the door"
        with pytest.raises(WebhookVerificationError):
            Webhook(signing.shown(b"another secret of 32 bytes......")).verify(told.body, told.headers)
