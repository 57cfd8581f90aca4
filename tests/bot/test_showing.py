"""The whole of a message on a page, for whom it was sent to and nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import showing
from bot.cards import Actions
from models.base import Refusal, reading, transaction
from models.mail import Outbox
from models.people import Person
from tests.chat import Chat, Someone


@pytest.fixture
def chat(db: str) -> Chat:
    return Chat()


def opens(someone: Someone, row: Outbox) -> list[str]:
    """What they see of the whole of it."""
    with reading() as session:
        person = session.get(Person, someone.person.id)
        assert person is not None
        return [type(each).__name__ for each in showing.whole(session, person, row.lane, row.id).elements]


def test_the_whole_of_a_message_is_for_whom_it_was_sent_to(chat: Chat) -> None:
    mona, noa, gino = chat.slack("mona"), chat.slack("noa"), chat.slack("gino")
    chat.channel("secret", mona, noa, closed=True)
    mona.says("Where is the canteen?", in_="secret")
    mona.commands("agora", "settings")
    with reading() as session:
        rows = {row.conversation: row for row in session.scalars(select(Outbox).order_by(Outbox.id))}
    assert "Text" in opens(mona, rows["secret"]) == opens(noa, rows["secret"])
    assert Actions.__name__ not in opens(mona, rows["secret"])
    assert opens(mona, rows["dm:mona"])
    for stranger, row in ((gino, rows["secret"]), (noa, rows["dm:mona"])):
        with pytest.raises(Refusal):
            opens(stranger, row)
    with transaction() as session:
        session.query(Outbox).update({"payload": None})
        missing = Outbox(lane=2**40, id=1)
    for row in (*rows.values(), missing):
        with pytest.raises(Refusal):
            opens(mona, row)


def test_the_page_is_known_once(chat: Chat) -> None:
    router = chat.runtime.router
    showing.register(router)
    known = len(router.pages)
    showing.register(router)
    assert len(router.pages) == known and router.page_at(showing.path_of(5, 7)) == (showing.whole, {"lane": 5, "id": 7})
