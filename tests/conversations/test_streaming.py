"""An answer of a model as it grows, in the playground: whatever else becomes of the message is left alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bot import streams
from bot.ai import model
from bot.ai.model import Hear, ModelFailed, Prompt, Said
from bot.cards import Card, Text, User, from_json, simple, to_json
from bot.config import Settings
from bot.gateway import EDIT, POST, Delivery
from bot.streams import Stream
from bot.texts import Reader
from bot.web.gateway import WebGateway
from bot.web.store import WebMessage
from models.base import transaction
from models.knowledge import Entry, store_parts
from models.mail import PostedCard
from tests.chat import Chat
from tests.modelled import reply, work

PARKING = "Bicycles stand in the yard. Cars stand below the hall. Guests ask the front desk for a place."


class Slow:
    """A model whose words are looked at as they come."""

    name = "slow"

    def __init__(self, look: object, text: str, ends: ModelFailed | None = None) -> None:
        self.look, self.text, self.ends = look, text, ends

    def ask(self, prompt: Prompt, hear: Hear) -> Said:
        for piece in self.text.split("|"):
            hear(piece)
            self.look()  # type: ignore[operator]
        if self.ends is not None:
            raise self.ends
        return Said(self.text.replace("|", ""), 1, 1)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs beside the test, as that of a process does."""
    beside = asyncio.new_event_loop()
    thread = threading.Thread(target=beside.run_forever)
    thread.start()
    yield beside
    streams.use(None)
    model.use(None)
    beside.call_soon_threadsafe(beside.stop)
    thread.join()
    beside.close()


@pytest.fixture
def playground(chat: Chat, loop: asyncio.AbstractEventLoop) -> Chat:
    """A chat whose Slack is the playground's store."""
    chat.runtime.settings = Settings()
    gateway = WebGateway(chat.runtime)
    chat.runtime.gateways["web"] = gateway
    chat.platforms["web"] = gateway  # type: ignore[assignment]
    streams.use(chat.runtime.gateways, loop)
    return chat


def cards() -> list[str]:
    """What stands in the store, each as text."""
    with transaction() as session:
        return [str(message.card) for message in session.query(WebMessage).order_by(WebMessage.id) if message.card]


def asked(chat: Chat) -> None:
    mona = chat._someone("mona", "web", {})
    chat.knows("Parking", PARKING)
    mona.says("Where do bicycles and cars and guests stand?")


SAID = reply(("Bicycles stand in the yard.", [1]), ("Cars fly.", [1]), ("Cars stand below the hall.", [1]))
PIECES = SAID.replace("}, ", "}, |")


def test_each_sentence_stands_there_as_soon_as_it_is_supported(
    playground: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.gateway.STREAMED", 0.0)
    seen: list[str] = []
    model.use(Slow(lambda: seen.append(cards()[-1]), PIECES))
    asked(playground)
    work(playground)
    assert ["Bicycles stand in the yard. [1]" in each for each in seen] == [True, True, True]
    assert ["Cars stand below the hall. [1]" in each for each in seen] == [False, False, True]
    assert not any("Cars fly" in each for each in [*seen, *cards()])
    assert "Cars stand below the hall. [1]" in cards()[-1]


def test_what_does_not_come_to_an_end_is_taken_back(playground: Chat) -> None:
    seen: list[str] = []
    model.use(Slow(lambda: seen.append(cards()[-1]), PIECES, ModelFailed("cut", charged=True)))
    asked(playground)
    before = cards()
    work(playground)
    assert "Bicycles stand in the yard. [1]" in seen[0] and cards() == before


def test_what_is_withdrawn_while_it_grows_is_taken_back(playground: Chat) -> None:
    def withdraw() -> None:
        with transaction() as session:
            entry = session.query(Entry).one()
            entry.state = "withdrawn"
            store_parts(session, entry, [])

    model.use(Slow(withdraw, PIECES))
    asked(playground)
    work(playground)
    assert not any("Bicycles" in each for each in cards()[-1:])


def test_only_what_still_stands_is_changed(playground: Chat) -> None:
    asked(playground)
    with transaction() as session:
        (message,) = session.query(WebMessage).filter(WebMessage.card.is_not(None))
        posted = session.query(PostedCard).filter_by(outbox_id=message.outbox_id).one()
        stood = from_json(message.card)
        message.card = to_json(simple(User("Settled")))
    assert isinstance(stood, Card)
    for before in (stood, simple(User("What stood there"))):  # the store knows better, and so does the outbox
        stream = Stream(posted.about, before)
        stream.show(Card(User("New"), (Text(User("New")),)))
        assert not stream.shown and "Settled" in cards()[-1] and "New" not in cards()[-1]


def test_where_nothing_streams_nothing_happens(chat: Chat, loop: asyncio.AbstractEventLoop) -> None:
    streams.use(chat.runtime.gateways, loop)
    model.use(Slow(lambda: None, PIECES))
    mona = chat.slack("mona")
    chat.knows("Parking", PARKING)
    mona.says("Where do bicycles and cars and guests stand?")
    work(chat)
    assert mona.sees("Bicycles stand in the yard. Cars") or mona.sees("Bicycles stand in the yard. [1] Cars")


def test_a_gateway_streams_by_its_own_message_alone(playground: Chat) -> None:
    asked(playground)
    gateway = playground.runtime.gateways["web"]
    card = simple(User("x"))
    lost = Delivery(0, "here", "dm:mona", EDIT, card, Reader("en"), reference="999999")
    assert asyncio.run(gateway.stream(lost, card)) is None
    assert lost.operation != POST
