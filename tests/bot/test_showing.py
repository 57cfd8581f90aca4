"""The whole of a message on a page, for whom it was sent to and nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import showing
from bot.cards import Actions, Markdown
from bot.gateway import Delivery
from bot.relay import RelayGateway
from bot.texts import Reader
from models.base import Refusal, reading, transaction
from models.company import set_setting
from models.mail import Outbox
from models.masks import RELAY
from models.people import Person
from models.questions import Question
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


def test_the_whole_of_what_a_mask_was_told_is_on_the_page_of_its_question(chat: Chat) -> None:
    """Its wearer may read that, a private answer included, and nobody else that; and no link names what the mask was
    sent."""
    mona, omar, noa = chat.slack("mona"), chat.slack("omar"), chat.slack("noa")
    with transaction() as session:
        set_setting(session, "anonymous", True)
    mona.commands("ask")
    mona.submits(text="Why was my bonus cut?", anonymous="yes")
    with transaction() as session:
        question = session.scalars(select(Question)).one()
        question.audience = ["everyone"]
        number = question.id
    omar.uses("answers.write", number)
    omar.submits(text="Because of the new rule. " * 900, private="private")
    with reading() as session:
        row = session.scalars(select(Outbox).where(Outbox.platform == RELAY).order_by(Outbox.id.desc())).first()
        assert row is not None
        told = Delivery(row.id, row.installation, row.conversation, row.operation, None, Reader())
        gateway = chat.runtime.gateways[RELAY]
        assert isinstance(gateway, RelayGateway)
        _, real = gateway._behind(told)
        path = showing.page_of(session, "slack", real)
        assert path == f"/questions/{number}" and real.conversation == mona.own_chat
        found = chat.runtime.router.page_at(path)
        assert found is not None
        for someone, sees in ((mona, True), (omar, True), (noa, False)):
            reader = session.get_one(Person, someone.person.id)
            parts = found[0](session, reader, **found[1]).elements
            assert any(isinstance(part, Markdown) and "new rule" in part.text for part in parts) is sees
