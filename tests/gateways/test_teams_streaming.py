"""What is being written grows in somebody's own chat in Teams: in the card that stands, and only while it stands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from aiohttp import web
from sqlalchemy import select

from bot import streams
from bot.cards import Card, T, User, simple, to_json
from bot.gateway import EDIT, Delivery
from bot.streams import Stream
from bot.teams import streaming
from bot.teams.delivery import Deliverer
from bot.teams.streaming import STREAMED, Streams
from models.base import reading, transaction
from models.mail import HELD, NEW, SENT, Outbox, PostedCard, lane_of
from tests.teams_sending import GENERAL, TENANT, Writing, channel, delivery, sending, someone, words
from tests.teams_server import TeamsServer

PASSAGES, FIRST, SECOND, OTHER = (simple(T(text)) for text in ("Passages", "One.", "One. Two.", "Settled"))


def row(conversation: str, card: Card, state: str = SENT, operation: str = "post", **payload: object) -> int:
    """What the outbox has, or had, to send there."""
    here = {"platform": "teams", "installation": TENANT, "conversation": conversation}
    with transaction() as session:
        added = Outbox(lane=lane_of(*here.values()), operation=operation, state=state, correlation="c",
                       payload={"card": to_json(card), **payload}, **here)  # fmt: skip
        session.add(added)
        session.flush()
        return added.id


async def stands(deliverer: Deliverer, conversation: str = "aad-mona", card: Card = PASSAGES) -> Delivery:
    """A card that was posted, as a stream would change it."""
    number = row(conversation, card)
    reference = await deliverer.deliver(delivery(conversation, card, number))
    with transaction() as session:
        session.add(PostedCard(about="question:1", outbox_id=number, platform="teams", installation=TENANT,
                               conversation=conversation, reference=reference))  # fmt: skip
    return delivery(conversation, FIRST, number, operation=EDIT, reference=reference)


def change(card: Card, state: str) -> int:
    """Something else becomes of that card."""
    with reading() as session:
        posted = session.scalars(select(PostedCard.id)).one()
    return row("aad-mona", card, state, EDIT, posted=posted)


def waiting() -> list[tuple[str, str]]:
    """What is still to be sent: what is done, and the words."""
    with reading() as session:
        rows = session.scalars(select(Outbox).where(Outbox.state == NEW).order_by(Outbox.id))
        return [(each.operation, str((each.payload or {})["card"]["summary"]["text"])) for each in rows]


async def test_a_card_grows_where_it_stands(service: TeamsServer, deliverer: Deliverer) -> None:
    someone("mona", met=service.url)
    there, growing = await stands(deliverer), Streams(deliverer)
    assert await growing.show(there, PASSAGES) == STREAMED
    (message,) = service.messages.values()
    assert "One." in words(message.card) and message.id == there.reference
    assert await growing.show(replace(there, card=SECOND), FIRST) == STREAMED
    (message,) = service.messages.values()
    assert "Two." in words(message.card)
    assert [method for method, _, _ in service.requests] == ["POST", "PUT", "PUT"] and waiting() == []


async def test_what_does_not_stand_there_any_more_is_left_alone(service: TeamsServer, deliverer: Deliverer) -> None:
    someone("mona", met=service.url)
    there, growing = await stands(deliverer), Streams(deliverer)
    assert await growing.show(there, OTHER) is None
    assert await growing.show(there, PASSAGES) == STREAMED
    change(OTHER, NEW)
    assert await growing.show(replace(there, card=SECOND), FIRST) is None
    assert await growing.show(there, PASSAGES) is None
    assert [method for method, _, _ in service.requests] == ["POST", "PUT"]
    assert waiting() == [("edit", "Settled")]


class Meanwhile(TeamsServer):
    """While it changes a message, something happens."""

    happens: Callable[[], object] = staticmethod(lambda: None)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        await asyncio.to_thread(self.happens)
        return await super()._update(request)


@pytest.mark.parametrize(("state", "again"), [(SENT, True), (HELD, True), (NEW, False)])
async def test_what_was_sent_while_the_card_grew_is_sent_again(connected: str, state: str, again: bool) -> None:
    async with Meanwhile() as service, sending(service) as deliverer:
        someone("mona", met=service.url)
        there = await stands(deliverer)
        service.happens = lambda: change(OTHER, state)
        await Streams(deliverer).show(there, PASSAGES)
    assert waiting() == [("edit", "Settled")] and again is (state != NEW)


async def test_only_ones_own_chat_streams(service: TeamsServer, deliverer: Deliverer) -> None:
    channel(service.url, someone("mona", met=service.url))
    there, growing = await stands(deliverer, GENERAL), Streams(deliverer)
    assert await growing.show(there, PASSAGES) is None
    alone = replace(there, reference=f"only aad-mona {there.reference}")
    assert await growing.show(alone, PASSAGES) is None
    assert await growing.show(replace(there, reference=None), PASSAGES) is None
    assert len(service.requests) == 1


@pytest.mark.parametrize("fault", ["429", "403 MessageWritesBlocked", "412", "cut", "500"])
async def test_where_teams_does_not_take_it_the_final_card_is_enough(
    service: TeamsServer, deliverer: Deliverer, fault: str
) -> None:
    someone("mona", met=service.url)
    there, growing = await stands(deliverer), Streams(deliverer)
    service.faults["*"] = [fault] * 3  # a change that is cut off is tried again by the library
    assert await growing.show(there, PASSAGES) is None
    (message,) = service.messages.values()
    assert "Passages" in words(message.card) and waiting() == []


async def test_few_cards_grow_at_a_time(
    service: TeamsServer, deliverer: Deliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone("mona", met=service.url)
    someone("omar", met=service.url)
    monkeypatch.setattr(streaming, "MOST", 1)
    first, second, growing = await stands(deliverer), await stands(deliverer, "aad-omar"), Streams(deliverer)
    assert await growing.show(first, PASSAGES) == STREAMED
    assert await growing.show(second, PASSAGES) is None
    monkeypatch.setattr(streaming, "_OVER", 0.0)
    assert await growing.show(second, PASSAGES) == STREAMED


class Streaming(Writing):
    """What streams know of Teams."""

    def __init__(self, deliverer: Deliverer) -> None:
        super().__init__(deliverer)
        self._streams = Streams(deliverer)

    async def stream(self, delivery: Delivery, before: Card) -> float | None:
        """See ``Gateway``."""
        return await self._streams.show(delivery, before)


@pytest.fixture
def forgotten() -> Iterator[None]:
    yield
    streams.use(None)


async def test_a_stream_waits_between_two_updates(
    service: TeamsServer, deliverer: Deliverer, forgotten: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "STREAMED", 600.0)
    someone("mona", met=service.url)
    await stands(deliverer)
    streams.use({"teams": Streaming(deliverer)}, asyncio.get_running_loop())
    stream = Stream("question:1", PASSAGES)

    def write() -> None:
        for text in ("One.", "One. Two.", "One. Two. Three."):
            stream.show(simple(User(text)))

    thread = threading.Thread(target=write)
    thread.start()
    await asyncio.to_thread(thread.join)
    (message,) = service.messages.values()
    assert "One." in words(message.card) and "Two." not in words(message.card)
    assert stream.shown and len(service.requests) == 2
