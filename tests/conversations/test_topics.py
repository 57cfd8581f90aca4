"""Why somebody is asked, as they and the asker see it; and what they say to that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.texts import Reader, say
from handlers.experts import reasons
from models import base
from models.base import now, reading, transaction
from models.experts import OFFERED, Offer, live_of
from models.interests import MORE, NEVER, wishes_of
from models.knowledge import Topic
from models.people import Person
from models.questions import Question
from tests.asking import a_topic, asks, the_question
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def home(someone: Someone) -> str:
    """What their home shows, as text."""
    someone.chat.happens(someone.inbound("home"))
    return someone.chat.platforms[someone.platform].homes[someone.handle]


def wishes(someone: Someone) -> list[str]:
    with reading() as session:
        return list(wishes_of(session, session.get_one(Person, someone.person.id)).values())


def answers_once(chat: Chat, asker: Someone, expert: Someone, text: str) -> None:
    """One question, asked in the channel "help" and answered."""
    asker.says(text, in_="help")
    asker.presses("Ask an expert")
    expert.presses("Answer")
    expert.submits(text="In the vault.")
    asker.presses("This solved it")


def test_the_offer_and_the_asker_are_told_why(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = a_topic(chat, omar)
    chat.channel("help", mona, topic_id=topic.id)
    for text in ("How are VPN certificates renewed?", "Who signs VPN certificates?"):
        answers_once(chat, mona, omar, text)
    mona.says("Where are the badge printers?", in_="help")
    mona.presses("Ask an expert")
    assert omar.sees("Why you: You answered 2 questions on \u2068Security\u2069")
    card = mona.messages()[-1].text
    assert "\u2068Omar\u2069 looks after \u2068Security\u2069." in card or "answered 2 questions on" in card


YOU, THEY = "You answered", "Omar answered"
VPN = {"subject": "VPN certificates"}


@pytest.mark.parametrize(
    ("reason", "to_omar", "to_mona"),
    [
        (
            {"why": "similar", "n": 4, "last": "2025-10-12", **VPN},
            f"{YOU} 4 questions on VPN certificates, last in October.",
            f"{THEY} 4 questions on VPN certificates, last in October.",
        ),
        (
            {"why": "similar", "n": 1, "last": "2024-10-12", **VPN},
            f"{YOU} 1 question on VPN certificates, in October 2024.",
            f"{THEY} 1 question on VPN certificates, in October 2024.",
        ),
        (
            {"why": "similar", "n": 2, "last": "2026-01-12", "subject": ""},
            f"{YOU} 2 questions like this one, last in January.",
            f"{THEY} 2 questions like this one.",
        ),
        ({"why": "similar", "n": 1}, f"{YOU} a question like this one.", f"{THEY} a question like this one."),
        ({"why": "answered", "n": 3}, f"{YOU} 3 questions on Security.", f"{THEY} 3 questions on Security."),
        (
            {"why": "answered", "n": 3, "last": "rubbish"},
            f"{YOU} 3 questions on Security.",
            f"{THEY} 3 questions on Security.",
        ),
        (
            {"why": "referred", "n": 2, "by_id": 7},
            "2 colleagues said that you know this.",
            "A colleague thinks that Omar knows.",
        ),
        (
            {"why": "active", "n": 9, "last": "2026-01-12"},
            f"{YOU} 9 questions lately.",
            "Omar has answered many questions lately.",
        ),
        ({"why": "asked_for"}, "You asked for more questions on Security.", None),
        (
            {"why": "deputy"},
            "You stand in for whoever looks after this topic.",
            "Omar stands in for whoever looks after Security.",
        ),
        ({"why": "skill"}, "You said that you know about Security.", "Omar knows about Security."),
        (
            {"why": "verified", "n": 2},
            "You verified 2 entries on Security.",
            "Omar looks after what is written on Security.",
        ),
        ({"why": "something new"}, None, None),
    ],
)
def test_every_reason_has_its_words(reason: dict[str, Any], to_omar: str | None, to_mona: str | None) -> None:
    base.set_clock(lambda: MONDAY)
    topic = Topic(key="security", names={"en": "Security"})
    offer = Offer(person=Person(id=1, name="Omar", locale="en"), question=Question(topic=topic), reasons=[reason])
    said = [reasons.to_expert(reason, offer), reasons.to_asker(reason, offer)]
    plain = [say(words, Reader("en")).translate(dict.fromkeys((0x2068, 0x2069))) if words else None for words in said]
    base.set_clock(None)
    assert plain == [to_omar, to_mona]


def test_the_asker_is_not_told_who_named_whom(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    asks(chat, mona, a_topic(chat, omar))
    assert mona.sees("\u2068Omar\u2069 looks after \u2068Security\u2069.")
    omar.presses("Pass on to…")
    omar.submits(person=str(lea.person.id))
    assert lea.sees("\u2068Omar\u2069 thinks you know.")
    assert mona.sees("A colleague thinks that \u2068Lea\u2069 knows.") and not mona.sees("\u2068Omar\u2069")


@pytest.mark.parametrize("reason", ["topic", "moved"])
def test_who_declines_for_good_can_say_so(chat: Chat, reason: str) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar", skills=["security"]), chat.slack("lea")
    asks(chat, mona, a_topic(chat, lea, deputy=omar))
    lea.presses("Pass on to…")
    lea.submits(person=str(omar.person.id))
    omar.presses("Decline")
    omar.submits(reason=reason)
    assert omar.sees("Shall I ask you no more about \u2068Security\u2069?")
    omar.presses("I no longer do this")
    assert omar.sees("Questions on \u2068Security\u2069 are not offered to you.") and wishes(omar) == [NEVER]
    omar.presses("Ask me as before")
    assert wishes(omar) == []


def test_no_time_is_no_reason_for_ever(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Decline")
    omar.submits(reason="time")
    assert not omar.sees("Shall I ask you no more")


def test_who_no_longer_does_it_is_not_asked_and_loses_what_is_offered(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar", skills=["security"]), chat.slack("lea")
    topic = a_topic(chat, lea)
    asked = asks(chat, mona, topic)
    lea.presses("Pass on to…")
    lea.submits(person=str(omar.person.id))
    with reading() as session:
        assert [one.state for one in live_of(session, session.get_one(Person, omar.person.id))] == [OFFERED]
    assert omar.uses("experts.no_more", topic.id).notice is not None
    with reading() as session:
        assert live_of(session, session.get_one(Person, omar.person.id)) == []
    assert the_question().next_at is not None and asked
    assert "are not offered to you" in home(omar)


def test_nobody_is_passed_what_they_no_longer_do(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    topic = a_topic(chat, omar)
    lea.uses("experts.no_more", topic.id)
    asks(chat, mona, topic)
    omar.presses("Pass on to…")
    assert "person" in omar.submits(person=str(lea.person.id)).errors


def test_the_home_shows_what_speaks_for_me_and_takes_it_back(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = a_topic(chat, omar)
    chat.channel("help", mona, topic_id=topic.id)
    answers_once(chat, mona, omar, "How are VPN certificates renewed?")
    shown = home(omar)
    assert "What you are asked about" in shown and "You look after this topic." in shown
    assert "You answered 1 question on \u2068Security\u2069, in \u2068March\u2069." in shown
    assert "Nobody stands in for you." in shown and "What you are asked about" not in home(mona)
    assert omar.uses("experts.more", topic.id).notice is not None
    assert wishes(omar) == [MORE] and "are offered to you more often" in home(omar)
    omar.uses("experts.as_before", topic.id)
    assert wishes(omar) == [] and "more often" not in home(omar)


def test_somebody_new_asks_for_questions(chat: Chat) -> None:
    omar, lea = chat.teams("omar"), chat.slack("lea")
    topic = a_topic(chat, omar)
    lea.uses("experts.volunteer")
    assert "topic" in lea.submits(topic="9" * 30).errors
    lea.uses("experts.volunteer")
    lea.submits(topic=str(topic.id))
    assert wishes(lea) == [MORE] and "What you are asked about" in home(lea)


def test_who_looks_after_a_topic_names_a_deputy(chat: Chat) -> None:
    omar, lea, guest = chat.teams("omar"), chat.slack("lea"), chat.slack("gus", kind="guest")
    topic = a_topic(chat, omar)
    assert lea.uses("experts.deputy", topic.id).form is None
    omar.uses("experts.deputy", topic.id)
    for words in ("nobody", guest.handle, "omar"):
        assert "deputy" in omar.submits(deputy=words).errors
    omar.submits(deputy=" @Lea ")
    with reading() as session:
        assert session.get_one(Topic, topic.id).deputy_id == lea.person.id
    assert "\u2068Lea\u2069 stands in for you." in home(omar)
    omar.uses("experts.deputy", topic.id)
    omar.submits(deputy="")
    with reading() as session:
        assert session.get_one(Topic, topic.id).deputy_id is None


def test_a_topic_that_is_gone_is_refused(chat: Chat) -> None:
    omar = chat.teams("omar")
    for route in ("no_more", "more", "as_before", "deputy"):
        assert omar.uses(f"experts.{route}", 4711).notice is not None
    with transaction() as session:
        assert session.get(Topic, 4711) is None and now() == MONDAY


def test_who_no_longer_does_it_is_not_chosen_not_even_at_last(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    ada = chat.slack("ada", roles=["admin"])
    topic = a_topic(chat, omar, deputy=lea)
    omar.uses("experts.no_more", topic.id)
    asks(chat, mona, topic)
    lea.uses("experts.no_more", topic.id)
    assert ada.sees("Nobody else could be found, and you are an administrator.") and not omar.sees("has a question")


def test_who_asked_for_more_comes_before_others(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar", quota=0)
    first, second = chat.slack("first", skills=["security"]), chat.slack("second", skills=["security"])
    topic = a_topic(chat, omar)
    second.uses("experts.more", topic.id)
    asks(chat, mona, topic)
    assert second.sees("Why you: You asked for more questions on \u2068Security\u2069.") and not first.sees(
        "has a question"
    )


def test_the_deputy_is_asked_before_the_administrators_even_when_busy(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", quota=0)
    ada = chat.slack("ada", roles=["admin"])
    asks(chat, mona, a_topic(chat, omar, deputy=lea))
    omar.presses("Decline")
    omar.submits(reason="time")
    assert lea.sees("You stand in for whoever looks after this topic.") and not ada.sees("has a question")
