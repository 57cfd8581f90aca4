"""Who knows what, as an admin sees it: where it hangs on one person, or on nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from bot.cards import Card
from bot.plaintext import plain
from bot.texts import Reader
from models.base import Refusal, reading, transaction
from models.files import FileContent
from models.knowledge import Topic
from models.people import Person
from tests.asking import change
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def shown(someone: Someone) -> str:
    """The page, as text without isolation."""
    found = someone.chat.runtime.router.page_at("/coverage")
    assert found is not None
    with reading() as session:
        page = found[0](session, session.get_one(Person, someone.person.id))
        text = plain(Card(page.title, page.elements), Reader("en"))
    return text.translate(dict.fromkeys((0x2068, 0x2069)))


def answers(asker: Someone, expert: Someone, channel: str, text: str) -> None:
    asker.says(text, in_=channel)
    asker.presses("Ask an expert")
    expert.presses("Answer")
    expert.submits(text="In the vault.")
    asker.presses("This solved it")


def company(chat: Chat) -> tuple[Someone, Someone, Someone]:
    """An admin who asks; two topics, of which each one is looked after."""
    ada, omar, lea = chat.slack("ada", roles=["admin"]), chat.teams("omar"), chat.slack("lea")
    for key, owner in (("keys", omar), ("travel", lea)):
        chat.channel(key, ada, topic_id=chat.topic(key, owner).id)
    return ada, omar, lea


def test_what_one_alone_knows_and_what_nobody_showed(chat: Chat) -> None:
    ada, omar, _ = company(chat)
    answers(ada, omar, "keys", "Where is the key of room 1?")
    answers(ada, omar, "keys", "Who has the spare key?")
    text = shown(ada)
    assert "One person alone knows 1 topic." in text and "Omar: 2 answers, 0 entries" in text
    assert "Only Omar knows this: when they are away, nobody does." in text
    assert "On 1 topic nobody has answered or written anything yet." in text and "Lea, as they say" in text
    assert text.index("Travel") < text.index("Only Omar")


def test_two_are_enough_and_who_left_or_no_longer_does_it_counts_no_more(chat: Chat) -> None:
    ada, omar, lea = company(chat)
    answers(ada, omar, "keys", "Where is the key of room 1?")
    keys = chat.knows("Keys", "The keys are in the vault.", owner_id=lea.person.id, verified_by_id=lea.person.id)
    with transaction() as session:
        topic = session.scalars(select(Topic).where(Topic.key == "keys")).one()
        session.merge(keys).topic_id = topic.id
    assert "2 people know this." in shown(ada) and "Lea: 0 answers, 1 entry" in shown(ada)
    lea.uses("experts.no_more", topic.id)
    assert "Only Omar knows this" in shown(ada)
    change(omar, active=False)
    assert "Nobody knows this. Name somebody who looks after it." in shown(ada)
    assert "Nobody knows 1 topic." in shown(ada)


def test_it_is_for_admins_alone(chat: Chat) -> None:
    ada, omar, _ = company(chat)
    with pytest.raises(Refusal):
        shown(omar)
    assert omar.uses("admin.export_coverage").notice is not None
    for someone in (ada, omar):
        chat.happens(someone.inbound("home"))
    assert "Who knows what" in chat.platforms["slack"].homes["ada"]
    assert "Who knows what" not in chat.platforms["teams"].homes["omar"]


def test_it_is_given_as_a_file_without_formulas(chat: Chat) -> None:
    ada, omar, _ = company(chat)
    change(omar, name="=cmd()")
    answers(ada, omar, "keys", "Where is the key of room 1?")
    ada.uses("admin.export_coverage")
    assert ada.sees("Here is who knows what")
    with reading() as session:
        content = session.scalars(select(FileContent.content)).one()
    lines = ZipFile(BytesIO(content)).read("agora-coverage.csv").decode("utf-8-sig").splitlines()
    assert lines[1:] == ["travel,Travel,said,Lea,0,Lea,0,0", "keys,Keys,one,'=cmd(),0,'=cmd(),1,0"]


def test_a_company_without_topics_is_told_so(chat: Chat) -> None:
    assert "There is no topic yet." in shown(chat.slack("ada", roles=["admin"]))
