"""Channels that are archived, or closed to Agora: what was meant for them reaches whom it concerns."""

from __future__ import annotations

from sqlalchemy import select

from models.base import reading
from models.mail import FAILED, Outbox
from models.questions import Question
from tests.chat import Chat

MOVED = "I could not post this in"


def failed() -> list[str | None]:
    with reading() as session:
        return list(session.scalars(select(Outbox.error).where(Outbox.state == FAILED).order_by(Outbox.id)))


def test_an_answer_for_an_archived_channel_reaches_who_asked(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("general", mona, omar)
    mona.says("Who repairs the espresso machine on floor nine?", in_="general")
    with reading() as session:
        number = session.scalars(select(Question.id)).one()
    chat.platforms["slack"].closed.add("general")
    omar.uses("answers.write", number)
    omar.submits(text="Gino from facilities.", private="")
    chat.work()
    (told,) = [message for message in mona.messages() if MOVED in message.text]
    assert told.conversation == mona.own_chat and "Gino from facilities." in told.text and "general" in told.text
    assert set(failed()) == {"the channel is archived (is_archived)"}, "an administrator sees it, too"
    assert not any(MOVED in message.text for message in omar.messages())


def test_what_one_person_was_to_see_in_a_closed_channel_they_see_in_their_own_chat(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("general", mona, answers="off")
    chat.platforms["slack"].closed.add("general")
    mona.says("How do I reset the VPN?", in_="general")
    chat.work()
    (told,) = mona.messages()
    assert told.conversation == mona.own_chat and MOVED in told.text


def test_what_concerns_nobody_and_ones_own_chat_only_fail_visibly(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("general", mona)
    chat.platforms["slack"].closed |= {"general", mona.own_chat}
    chat.happens(mona.inbound("joined", "general"))
    mona.says("help")
    chat.work()
    assert mona.messages() == [] and len(failed()) == 2
