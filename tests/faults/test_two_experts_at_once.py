"""Two experts press in the same moment: one has it, the other hears who; nobody waits for a deadlock to be broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.dispatcher import Handled
from bot.held import Held
from bot.inbox import Event, insert_events
from models import base
from models.base import reading, transaction
from models.experts import ACCEPTED, TAKEN, Offer
from models.mail import Inbox
from tests.asking import a_topic, asks
from tests.chat import Chat, Someone


@pytest.fixture
def chat(database: str) -> Iterator[Chat]:
    """A company of nobody yet, on a Monday morning, with connections for several at once."""
    base.connect(database, pool=8)
    chat = Chat()
    chat.at(datetime(2026, 3, 2, 10, tzinfo=UTC))
    yield chat
    base.set_clock(None)
    base.disconnect()


def captured(chat: Chat, someone: Someone, label: str) -> Held:
    """The press, held but not yet handled."""
    button = next(b for m in someone.messages()[::-1] for b in m.buttons if b.label.text == label)
    inbound = someone.inbound("button", route=button.route, id=button.id)
    event = Event(inbound.platform, inbound.installation, inbound.conversation, inbound.kind, chat.new_id(),
                  inbound.to_json(), now=True)  # fmt: skip
    with transaction() as session:
        id = insert_events(session, [event], "test")[0].id
        row = session.scalars(select(Inbox).where(Inbox.id == id)).one()
        return Held(row.lane, row.id, row.platform, row.payload or {}, row.attempts, row.correlation, "test")


def at_once(chat: Chat, presses: list[Held]) -> list[Handled]:
    """Handle them in as many threads, released together."""
    gate = threading.Barrier(len(presses))

    def handle(held: Held) -> Handled:
        gate.wait()
        return chat.runtime.dispatcher.handle(held)

    with ThreadPoolExecutor(len(presses)) as threads:
        return list(threads.map(handle, presses))


@pytest.mark.parametrize("attempt", range(5))
def test_one_has_it_and_the_others_hear_who(chat: Chat, attempt: int) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    tom = chat.slack("tom", skills=["security"])
    asks(chat, mona, a_topic(chat, omar, "group", deputy=lea))
    presses = [captured(chat, one, "Accept") for one in (omar, lea, tom)]
    assert sorted(handled.outcome for handled in at_once(chat, presses)) == ["done", "refused", "refused"]
    chat.work()
    with reading() as session:
        offers = session.scalars(select(Offer)).all()
    assert sorted(offer.state for offer in offers) == [ACCEPTED, TAKEN, TAKEN]
    assert mona.screen().count("has your question and answers by") == 1


def test_the_asker_withdraws_while_an_expert_accepts(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    at_once(chat, [captured(chat, omar, "Accept"), captured(chat, mona, "Withdraw the question")])
    chat.work()
    assert mona.sees("has withdrawn the question") and omar.sees("This question is settled.")
