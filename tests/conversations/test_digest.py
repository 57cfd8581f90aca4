"""What is new for somebody, in one message: when they want it, if there is anything, never twice."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from bot.clock import fire_due
from models.base import now, reading, transaction
from models.digests import schedule_of
from models.knowledge import TopicFollower
from models.learning import verify
from models.mail import Timer
from models.people import Account, Person
from tests.asking import KEYS, a_topic, asks
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
NEW = "This is new for you, or waits for you."
GOOD = {"locale": "en", "timezone": "UTC", "work_days": "01234", "work_from": "8:00", "work_to": "17:00",
        "quota": "3"}  # fmt: skip


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    chat.at(MONDAY)


def wants(who: Someone, digest: str = "daily", at: str = "9:00", **more: str) -> None:
    """Choose it in one's settings."""
    who.uses("home.settings")
    who.submits(**{**GOOD, "digest": digest, "digest_at": at, **more})
    assert not who.reply.errors


def told(who: Someone) -> int:
    """How many digests they were sent."""
    return who.screen().count(NEW)


def due(who: Someone) -> datetime | None:
    """When their next one is planned."""
    with reading() as session:
        return session.scalar(
            select(Timer.due_at).where(Timer.schedule == schedule_of(who.person), Timer.fired_at.is_(None))
        )


def test_it_says_what_waits_and_who_has_what_one_asked(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    wants(mona)
    wants(omar)
    chat.passes(hours=1)
    assert told(mona) == told(omar) == 1
    digest = next(message.text for message in reversed(mona.messages()) if NEW in message.text)
    assert KEYS in digest and "waiting for \u2068Omar\u2069" in digest
    omar.presses("Accept")
    assert mona.sees("You have the question") or omar.sees("You have the question")
    chat.passes(days=1)
    assert told(mona) == 2 and omar.messages()[-1].text.count(KEYS) == 1
    assert "Waiting for your answer" in omar.messages()[-1].text


def test_what_others_published_in_topics_that_one_follows_is_told_once(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = chat.topic("security", omar)
    with transaction() as session:
        session.add(TopicFollower(topic_id=topic.id, person_id=mona.person.id))
    draft = chat.knows("Rotating keys", "Run it.", topic_id=topic.id)
    wants(mona)
    chat.passes(hours=1)
    assert told(mona) == 0, "nothing is new yet"
    chat.passes(hours=1)
    with transaction() as session:
        verify(session, session.merge(draft), session.get_one(Person, omar.person.id))
    chat.passes(days=1)
    assert told(mona) == 1 and mona.sees("Rotating keys")
    chat.passes(days=1)
    assert told(mona) == 1, "it was told once"


def test_an_empty_one_is_not_sent_and_the_next_is_planned(chat: Chat) -> None:
    mona = chat.slack("mona")
    wants(mona)
    for _ in range(3):
        chat.passes(days=1)
    assert told(mona) == 0 and due(mona) == MONDAY.replace(hour=9) + timedelta(days=3)


def test_never_twice_for_one_day_however_often_the_hour_is_changed(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    wants(mona)
    chat.passes(hours=1)
    wants(mona, at="10:00")
    wants(mona, at="11:00", timezone="America/New_York")
    for _ in range(4):
        chat.passes(hours=2)
        assert fire_due("another") == 0
    assert told(mona) == 1
    with transaction() as session:  # a fire that was captured twice would do nothing either: its row is there
        fired = session.scalar(select(func.count()).where(Timer.schedule == schedule_of(mona.person),
                                                          Timer.fired_at.is_not(None)))  # fmt: skip
    assert fired == 1


def test_only_on_working_days_and_a_weekly_one_when_the_week_begins(chat: Chat) -> None:
    mona, noa = chat.slack("mona"), chat.slack("noa")
    wants(mona)
    wants(noa, "weekly", "7:30", timezone="Asia/Jerusalem", work_days="60123")
    chat.at(MONDAY + timedelta(days=4, hours=2))
    fire_due("test")
    chat.work()
    assert due(mona) == datetime(2026, 3, 9, 9, tzinfo=UTC), "after the weekend"
    assert due(noa) == datetime(2026, 3, 8, 5, 30, tzinfo=UTC), "on Sunday, in Jerusalem"


def test_a_restart_that_comes_late_sends_one(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    wants(mona)
    chat.passes(days=2, hours=5)
    assert told(mona) == 1 and due(mona) == datetime(2026, 3, 5, 9, tzinfo=UTC)


def test_nobody_is_told_while_they_are_away(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    wants(mona)
    mona.commands("agora", "away until 2026-03-03")
    chat.passes(days=1, hours=2)
    assert told(mona) == 0
    chat.passes(days=1)
    assert told(mona) == 1


def test_who_has_no_chat_is_not_told_and_is_once_they_have_one(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    wants(mona)
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.person_id == mona.person.id)).one()
        account.private, kept = None, account.private
    chat.passes(hours=1)
    with transaction() as session:
        session.merge(account).private = kept
    chat.passes(days=1)
    assert told(mona) == 1


def test_a_button_in_it_ends_it_and_another_brings_it_back(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    wants(mona)
    chat.passes(hours=1)
    mona.presses("Send me no more of these")
    assert mona.sees("I send you no more of these.") and due(mona) is None
    mona.presses("Undo")
    assert due(mona) == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_who_leaves_gets_none(chat: Chat) -> None:
    mona = chat.slack("mona")
    wants(mona)
    with transaction() as session:
        session.get_one(Person, mona.person.id).active = False
    assert due(mona) is None


def test_what_was_asked_without_a_name_is_in_no_digest(chat: Chat) -> None:
    from models.company import set_setting

    mona, omar = chat.slack("mona"), chat.teams("omar")
    chat.topic("pay", omar)
    with transaction() as session:
        set_setting(session, "anonymous", True)
    mona.commands("ask")
    mona.submits(text="Why was my bonus cut?", anonymous="yes")
    wants(mona)
    chat.passes(hours=1)
    assert told(mona) == 0


@pytest.mark.parametrize(("field", "wrong"), [("digest", "hourly"), ("digest_at", "25:00"), ("digest_at", "")])
def test_what_cannot_be_is_refused_in_the_form(chat: Chat, field: str, wrong: str) -> None:
    mona = chat.slack("mona")
    mona.uses("home.settings")
    assert field in mona.submits(**{**GOOD, "digest": "daily", "digest_at": "9:00", field: wrong}).errors


def test_the_settings_say_it(chat: Chat) -> None:
    from bot.cards import Fields
    from handlers.home.availability import my_settings

    mona = chat.slack("mona", digest="weekly", digest_at=time(7, 30))
    with reading() as session:
        shown = my_settings(session, session.get_one(Person, mona.person.id))
    assert any(isinstance(each, Fields) and "07:30" in repr(each) for each in shown)
    assert due(mona) is not None and due(mona) > now()
