"""Replies in threads say who knows, in channels that let that count; no word of them is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from models import replies
from models.base import now, reading, transaction
from models.knowledge import Topic
from models.mail import Inbox
from models.people import Person
from models.places import Place
from models.privacy import export
from models.replies import Reply
from tests.alike import home
from tests.asking import KEYS, a_topic
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
SAYS = "Restart the radius server and clear the certificate cache."


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def kept() -> list[str]:
    """Who replied, as it is kept."""
    with reading() as session:
        found = select(Reply, Person).join(Person, Person.id == Reply.person_id).where(~Reply.began)
        return [person.handle for _, person in session.execute(found.order_by(Reply.id))]


def company(chat: Chat, learns: bool = True, platform: str = "slack") -> tuple[Someone, Someone, Someone, Topic]:
    """Mona and Lea talk in the channel of a topic that Omar looks after."""
    mona, lea, omar = getattr(chat, platform)("mona"), getattr(chat, platform)("lea"), chat.teams("omar", quota=0)
    topic = a_topic(chat, omar)
    chat.channel("network", mona, lea, topic_id=topic.id)
    if learns:
        switches(mona, "yes")
    return mona, lea, omar, topic


def switches(mona: Someone, learns: str) -> None:
    with reading() as session:
        place = session.scalars(select(Place).where(Place.name == "network")).one()
    mona.uses("places.settings", place.id)
    assert mona.submits(answers=place.answers, locale=place.locale, learns=learns).errors == {}


def talk(mona: Someone, lea: Someone, *, says: str = SAYS) -> str:
    """Mona begins a thread among people, Lea replies; the reply."""
    thread = mona.says("The wireless is down again on the third floor.", in_="network", mention=False)
    return lea.says(says, in_="network", thread=thread, mention=False)


@pytest.mark.parametrize("platform", ["slack", "teams"])
def test_who_replies_in_threads_of_a_topic_is_asked_about_it_and_told_why(chat: Chat, platform: str) -> None:
    mona, lea, _, _ = company(chat, platform=platform)
    assert lea.sees("From now on I remember who replies in threads here")
    talk(mona, lea)
    talk(mona, lea)
    mona.says(KEYS, in_="network")
    mona.presses("Ask an expert")
    assert lea.sees("Why you: You replied in 2 threads on \u2068Security\u2069.")
    assert mona.sees("\u2068Lea\u2069 replied in 2 threads on \u2068Security\u2069.")
    assert "You replied in 2 threads in \u2068network\u2069." in home(chat, lea)


def test_no_word_is_kept(chat: Chat) -> None:
    mona, lea, _, _ = company(chat)
    talk(mona, lea)
    assert kept() == ["lea"]
    with reading() as session:
        assert all(row.payload is None for row in session.scalars(select(Inbox).where(Inbox.kind == "message")))
        assert "radius" not in str(session.execute(text("select * from reply")).all())


def test_where_it_is_not_switched_on_nothing_is_kept(chat: Chat) -> None:
    mona, lea, _, _ = company(chat, learns=False)
    talk(mona, lea)
    assert kept() == []


def test_what_does_not_count(chat: Chat) -> None:
    mona, lea, _, _ = company(chat)
    gus = chat.slack("gus", kind="guest")
    thread = mona.says("The wireless is down again on the third floor.", in_="network", mention=False)
    mona.says(SAYS, in_="network", thread=thread, mention=False)  # their own thread
    lea.says("Thanks, done!", in_="network", thread=thread, mention=False)
    gus.says(SAYS, in_="network", thread=thread, mention=False)
    chat.channel("canteen", mona, lea)
    with transaction() as session:
        session.scalars(select(Place).where(Place.name == "canteen")).one().learns = True
    lunch = mona.says("Lentils today?", in_="canteen", mention=False)
    lea.says(SAYS, in_="canteen", thread=lunch, mention=False)  # on no subject
    assert kept() == []
    lea.says(SAYS, in_="network", thread=thread, mention=False)
    lea.says("And call the provider about the second line.", in_="network", thread=thread, mention=False)
    assert kept() == ["lea"]  # a thread counts once


def test_a_reply_below_a_question_counts_for_questions_like_it(chat: Chat) -> None:
    mona, lea, _, _ = company(chat)
    chat.channel("anything", mona, lea)
    with transaction() as session:
        session.scalars(select(Place).where(Place.name == "anything")).one().learns = True
    asked = mona.says(KEYS, in_="anything")
    lea.says("They are rotated by the job in the vault, every month.", in_="anything", thread=asked, mention=False)
    assert kept() == ["lea"] and "You replied in 1 thread in \u2068anything\u2069." in home(chat, lea)


def test_what_is_deleted_or_switched_off_or_old_is_gone(chat: Chat) -> None:
    mona, lea, _, _ = company(chat)
    said = talk(mona, lea)
    lea.deletes(said, in_="network")
    assert kept() == []
    talk(mona, lea)
    switches(lea, "no")
    assert kept() == [] and mona.sees("Replies in this channel do not count any more")
    switches(lea, "yes")
    talk(mona, lea)
    with transaction() as session:
        replies.purge(session)
    assert kept() == ["lea"]
    chat.at(now() + timedelta(days=366))
    with transaction() as session:
        replies.purge(session)
        assert session.scalars(select(Reply)).all() == []


def test_it_is_in_what_a_person_is_given_of_themselves(chat: Chat) -> None:
    mona, lea, _, _ = company(chat)
    talk(mona, lea)
    with reading() as session:
        (row,) = export(session, session.get_one(Person, lea.person.id))["reply"]
    assert "at" in row and "thread" in row
