"""Many messages to many chats at once, through the real outbox, while Teams holds to its limits and fails in every way:
each is delivered once, or is seen to have failed, or to be uncertain."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import orjson
import pytest
from sqlalchemy import text as sql

from bot.cards import Actions, Button, T, Text, User, simple, to_json
from bot.outbox import OutboxWorker
from bot.pacing import Pacing
from bot.teams.wire import executed
from models import base
from models.base import reading, transaction
from tests.teams_sending import APP, TENANT, Writing, sending
from tests.teams_server import Message, TeamsServer

MESSAGES, CHATS = 1500, 300
SCALE = 20.0  # a second of Teams' limits is a twentieth of ours
FAULTS = ["lost", "cut", "412", "502", "503", "504", "429", "400 BadSyntax", "500"]

_CHATS = sql("""
insert into teams_conversation (installation, conversation, kind, external, member, service_url, bot, seen_at)
select :tenant, 'aad-' || n, 'personal', 'a:' || n, '29:' || n, :url, '28:' || :app, now()
from generate_series(0, :chats - 1) as n
""")
_ROWS = sql("""
insert into outbox (lane, platform, installation, conversation, operation, payload, state, attempts, not_before,
  correlation, created_at)
select hashtext((n % :chats)::text)::bigint & 2147483647, 'teams', :tenant, 'aad-' || n % :chats, 'post',
  cast(:payload as jsonb), 'new', 0, now(), 'c' || n, now()
from generate_series(0, :messages - 1) as n
""")
_LEFT = sql("select count(*) from outbox where state in ('new', 'held')")
_STATES = sql("select id, state, reference, error from outbox")


def fill(url: str, messages: int, chats: int) -> None:
    card = simple(T("Hello"), Text(T("{name} answered.", name=User("Mona"))),
                  Actions((Button(T("Accept"), "experts.accept", 1, "primary"),)))  # fmt: skip
    payload = orjson.dumps({"card": to_json(card)}).decode()
    with transaction() as session:
        session.execute(_CHATS, {"tenant": TENANT, "url": url, "app": APP, "chats": chats})
        session.execute(_ROWS, {"tenant": TENANT, "payload": payload, "messages": messages, "chats": chats})


async def empty(deliverer: Any) -> None:
    """Work until nothing is left."""
    worker = OutboxWorker({"teams": Writing(deliverer)}, "test", Pacing(scale=SCALE))
    running = asyncio.create_task(worker.run())
    while await asyncio.to_thread(_left):
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def _left() -> int:
    with reading() as session:
        return int(session.execute(_LEFT).scalar_one())


def _number(message: Message) -> int:
    pressed = executed(message.card["body"][-1]["actions"][0])
    assert pressed is not None
    return pressed.outbox


@pytest.mark.timeout(240)
async def test_every_message_is_accounted_for_and_none_is_there_twice(database: str) -> None:
    chance = random.Random(5)
    base.connect(database, pool=14)
    try:
        async with TeamsServer(scale=SCALE, limited=True) as service, sending(service) as deliverer:
            await asyncio.to_thread(fill, service.url, MESSAGES, CHATS)
            for chat in range(CHATS):
                service.faults[f"a:{chat}"] = chance.choices(FAULTS, k=chance.choice([0, 0, 0, 1, 2]))
            service.faults["a:7"] = ["403 ConversationBlockedByUser"]
            await empty(deliverer)
            with reading() as session:
                rows = session.execute(_STATES).all()
            check(service, rows)
    finally:
        base.disconnect()


def check(service: TeamsServer, rows: Any) -> None:
    states = Counter(row.state for row in rows)
    assert sum(states.values()) == MESSAGES and set(states) == {"sent", "failed", "uncertain"}
    arrived = Counter(_number(message) for message in service.messages.values())
    assert set(arrived.values()) == {1}
    sent = {row.id: row.reference for row in rows if row.state == "sent"}
    assert sent == {_number(each): each.id for each in service.messages.values() if _number(each) in sent}
    doubtful = {row.id for row in rows if row.state == "uncertain"}
    assert arrived.keys() - sent.keys() <= doubtful and 0 < len(doubtful) < MESSAGES / 10
    blocked = [row for row in rows if row.state == "failed" and "BlockedByUser" in row.error]
    assert len(blocked) == MESSAGES // CHATS  # one was refused, the others were not tried
