"""Outbox: messages claimed, delivered and recorded one by one by the real worker, with a delivery that takes no time.

An announcement's worth of messages, ten in each of many people's own chats, each a card of about 2 kB that is kept to
be edited later. Afterwards every row must be recorded with its own message id, and none delivered twice.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import text as sql

from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, median
from bot.cards import Actions, Button, Card, Heading, Markdown, T, Text, User, to_json
from bot.gateway import Delivery, Gateway
from bot.outbox import OutboxWorker
from models.base import reading, transaction
from models.people import Person

ROUNDS = 3
MESSAGES = 20_000
CHATS = 2_000
GOAL = 1000.0

_FILL = sql("""
with row as (
  insert into outbox (lane, platform, installation, conversation, operation, payload, state, attempts, not_before,
    correlation, created_at)
  select hashtext(n % :chats || '')::bigint & 2147483647, 'quick', 'here', 'dm:' || n % :chats, 'post',
    cast(:payload as jsonb), 'new', 0, now(), 'c' || n, now()
  from generate_series(1, :messages) as n
  returning id, platform, installation, conversation
)
insert into posted_card (about, outbox_id, platform, installation, conversation)
select 'announcement:1', id, platform, installation, conversation from row
""")
_LEFT = sql("select count(*) from outbox where state in ('new', 'held')")
_WRONG = sql("""
select count(*) from outbox o left join posted_card p on p.outbox_id = o.id
where o.state <> 'sent' or o.reference is distinct from 'm' || o.id or p.reference is distinct from o.reference
""")


def run(options: Options) -> Iterator[Row]:
    """The outbox's figures."""
    messages = options.of(MESSAGES, least=50)
    rounds = options.of(ROUNDS, least=1)
    with fresh_database():
        person = _person()
        _round(person, options.of(1000, least=20))  # for warming up
        rates = [messages / _round(person, messages) for _ in range(rounds)]
    rate = median(rates)
    note = (
        f"{messages:,} messages a round to {min(CHATS, messages):,} chats, {rounds} rounds; each recorded, none twice"
    )
    yield Row("outbox", {"rate": rate}, f"rate ≥ {GOAL:,.0f}", rate >= GOAL, note)


class Quick(Gateway):
    """A platform that takes no time, and counts."""

    name = "quick"

    def __init__(self) -> None:
        self.delivered: Counter[int] = Counter()

    async def deliver(self, delivery: Delivery) -> str:
        """Done."""
        assert delivery.card is not None
        self.delivered[delivery.outbox_id] += 1
        return f"m{delivery.outbox_id}"


def _round(person: int, messages: int) -> float:
    """Fill the outbox and empty it; the seconds that emptying took."""
    payload = orjson.dumps({"card": to_json(_card()), "thread": None, "person_id": person}).decode()
    with transaction() as session:
        session.execute(sql("truncate outbox, posted_card"))
        session.execute(_FILL, {"messages": messages, "chats": CHATS, "payload": payload})
    platform = Quick()
    seconds = asyncio.run(_empty(platform, messages))
    with reading() as session:
        wrong = session.execute(_WRONG).scalar_one()
    if wrong or set(platform.delivered.values()) != {1} or len(platform.delivered) != messages:
        raise RuntimeError(f"{wrong} of {messages} rows are wrong; delivered: {platform.delivered.most_common(3)}")
    return seconds


async def _empty(platform: Quick, messages: int) -> float:
    worker = OutboxWorker({platform.name: platform}, "benchmark")
    started = time.perf_counter()
    running = asyncio.create_task(worker.run())
    while platform.delivered.total() < messages or await asyncio.to_thread(_left) > 0:
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - started
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return seconds


def _left() -> int:
    with reading() as session:
        return int(session.execute(_LEFT).scalar_one())


def _person() -> int:
    with transaction() as session:
        person = Person(handle="mona", name="Mona", locale="it", timezone="Europe/Rome")
        session.add(person)
        session.flush()
        return person.id


def _card() -> Card:
    body = (
        "The canteen in the north building moves to the ground floor on Monday. Until Wednesday there is only cold "
        "food, and the coffee machines on the second floor stay where they are.\n\n"
    ) * 4
    title = T("Announcement: {title}", title=User("The canteen moves"))
    elements: list[Any] = [
        Heading(title),
        Markdown(body, "en"),
        Text(T("from {name}", name=User("Facilities")), subtle=True),
        Actions((Button(T("I have read it"), "announcements.read", 1, "primary"),)),
    ]
    return Card(title, tuple(elements))


if __name__ == "__main__":
    main(run, description=__doc__)
