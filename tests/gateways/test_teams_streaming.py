"""What is being written grows in somebody's own chat in Teams: in the card that stands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot import streams
from bot.cards import Card, T, User, simple, to_json
from bot.gateway import EDIT, POST, Delivery, Throttled
from bot.streams import Stream
from bot.teams import streaming
from bot.teams.delivery import Deliverer
from bot.teams.streaming import STREAMED, Streams
from models.base import transaction
from models.mail import SENT, Outbox, PostedCard, lane_of
from tests.teams_sending import GENERAL, TENANT, Writing, channel, delivery, someone, words
from tests.teams_server import TeamsServer

PASSAGES, FIRST, SECOND = (simple(T(text)) for text in ("Passages", "One.", "One. Two."))


def row(conversation: str) -> int:
    """What the outbox had to send there."""
    here = {"platform": "teams", "installation": TENANT, "conversation": conversation}
    with transaction() as session:
        added = Outbox(lane=lane_of(*here.values()), operation=POST, state=SENT, correlation="c",
                       payload={"card": to_json(PASSAGES)}, **here)  # fmt: skip
        session.add(added)
        session.flush()
        return added.id


async def stands(deliverer: Deliverer, conversation: str = "aad-mona") -> Delivery:
    """A card that was posted, as a stream would change it."""
    number = row(conversation)
    reference = await deliverer.deliver(delivery(conversation, PASSAGES, number))
    with transaction() as session:
        session.add(PostedCard(about="question:1", outbox_id=number, platform="teams", installation=TENANT,
                               conversation=conversation, reference=reference))  # fmt: skip
    return delivery(conversation, FIRST, number, operation=EDIT, reference=reference)


async def test_a_card_grows_where_it_stands(service: TeamsServer, deliverer: Deliverer) -> None:
    someone("mona", met=service.url)
    there, growing = await stands(deliverer), Streams(deliverer)
    assert await growing.show(there) == STREAMED
    (message,) = service.messages.values()
    assert "One." in words(message.card) and message.id == there.reference
    assert await growing.show(replace(there, card=SECOND)) == STREAMED
    (message,) = service.messages.values()
    assert "Two." in words(message.card)
    assert [method for method, _, _ in service.requests] == ["POST", "PUT", "PUT"]


async def test_only_ones_own_chat_streams(service: TeamsServer, deliverer: Deliverer) -> None:
    channel(service.url, someone("mona", met=service.url))
    there, growing = await stands(deliverer, GENERAL), Streams(deliverer)
    assert await growing.show(there) is None
    alone = replace(there, reference=f"only aad-mona {there.reference}")
    assert await growing.show(alone) is None
    assert await growing.show(replace(there, reference=None)) is None
    assert len(service.requests) == 1


@pytest.mark.parametrize("fault", ["403 MessageWritesBlocked", "cut", "500"])
async def test_where_teams_does_not_take_it_the_final_card_is_enough(
    service: TeamsServer, deliverer: Deliverer, fault: str
) -> None:
    someone("mona", met=service.url)
    there, growing = await stands(deliverer), Streams(deliverer)
    service.faults["*"] = [fault] * 3  # a change that is cut off is tried again by the library
    assert await growing.show(there) is None
    (message,) = service.messages.values()
    assert "Passages" in words(message.card)


@pytest.mark.parametrize("fault", ["429", "412"])
async def test_where_teams_asks_to_wait_it_is_heard(service: TeamsServer, deliverer: Deliverer, fault: str) -> None:
    someone("mona", met=service.url)
    there, growing = await stands(deliverer), Streams(deliverer)
    service.faults["*"] = [fault]
    with pytest.raises(Throttled):
        await growing.show(there)
    assert await growing.show(there) == STREAMED


async def test_few_cards_grow_at_a_time(
    service: TeamsServer, deliverer: Deliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone("mona", met=service.url)
    someone("omar", met=service.url)
    monkeypatch.setattr(streaming, "MOST", 1)
    first, second, growing = await stands(deliverer), await stands(deliverer, "aad-omar"), Streams(deliverer)
    assert await growing.show(first) == STREAMED
    assert await growing.show(second) is None
    monkeypatch.setattr(streaming, "_OVER", 0.0)
    assert await growing.show(second) == STREAMED


class Streaming(Writing):
    """What streams know of Teams."""

    def __init__(self, deliverer: Deliverer) -> None:
        super().__init__(deliverer)
        self._streams = Streams(deliverer)

    async def stream(self, delivery: Delivery, before: Card) -> float | None:
        """See ``Gateway``."""
        return await self._streams.show(delivery)


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
