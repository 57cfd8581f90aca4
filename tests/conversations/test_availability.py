"""Being away, coming back, and one's own settings."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from models.base import reading
from models.people import Person
from tests.asking import KEYS, a_topic, asks, the_question
from tests.chat import Chat

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def test_who_goes_away_leaves_their_offers_to_others(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    omar.commands("agora", "away until 2026-03-13")
    assert omar.sees("You are away until") and lea.sees(KEYS) and mona.sees("I have asked \u2068Lea\u2069")


def test_what_was_accepted_stays_if_it_can_wait_and_goes_on_if_not(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")  # until Wednesday at ten
    omar.commands("agora", "away until 02.03.2026")
    assert not lea.sees(KEYS)
    omar.commands("agora", "away until 2026-03-13")
    assert lea.sees(KEYS) and omar.sees("You handed this question back.")


def test_who_is_back_is_asked_again(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    omar.commands("agora", "away")
    assert omar.reply.form is not None
    omar.submits(until="13/3/2026")
    omar.commands("agora", "back")
    asks(chat, mona, a_topic(chat, omar))
    assert omar.sees(KEYS) and not lea.sees(KEYS)


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-02-30", "2026-03-01", "9999-12-31", "2028-01-01", "٣"])
def test_a_day_that_cannot_be_is_refused_in_the_form(chat: Chat, day: str) -> None:
    omar = chat.teams("omar")
    omar.commands("agora", "away")
    assert "until" in omar.submits(until=day).errors


def test_settings_are_changed_in_a_form(chat: Chat) -> None:
    omar = chat.teams("omar", locale="he")
    good = {"locale": "it", "timezone": "asia/jerusalem", "work_days": "60123", "work_from": "8:30", "work_to": "17",
            "quota": "1"}  # fmt: skip
    for name, wrong in (("locale", "xx"), ("timezone", "../etc"), ("work_days", "9"), ("work_from", "25:00"),
                        ("work_to", "8:30"), ("quota", "-1")):  # fmt: skip
        omar._event("button", None, route="home.settings")
        assert name in omar.submits(**{**good, name: wrong}).errors
    omar._event("button", None, route="home.settings")
    omar.submits(**good)
    with reading() as session:
        person = session.get_one(Person, omar.person.id)
        assert (person.locale, person.timezone, person.quota) == ("it", "Asia/Jerusalem", 1)
        assert person.work_days == [6, 0, 1, 2, 3] and f"{person.work_from:%H:%M}" == "08:30"


def test_in_quiet_hours_others_are_asked_first_and_what_is_left_waits(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    lea = chat.slack("lea", skills=["security"])
    good = {"locale": "en", "timezone": "UTC", "work_days": "01234", "work_from": "9:00", "work_to": "17:00",
            "quota": "3"}  # fmt: skip
    omar.uses("home.settings")
    for begins, ends in (("9:30", ""), ("", "12:00"), ("9", "9:00"), ("25:00", "26:00")):
        assert omar.submits(**good, quiet_from=begins, quiet_to=ends).errors
    omar.submits(**good, quiet_from="9:30", quiet_to="12:00")
    assert omar.reply.errors == {} and omar.sees("09:30–12:00") and omar.sees("no limit")
    topic = a_topic(chat, omar)
    asks(chat, mona, topic)
    assert lea.sees(KEYS) and not omar.sees(KEYS)
    lea.presses("Decline")
    lea.submits(reason="time")
    question = the_question()
    assert not omar.sees(KEYS) and mona.sees("Whoever may know this has quiet hours now. I ask them on")
    assert (question.state, question.next_step) == ("open", "seek")
    assert question.next_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    chat.passes(hours=2)
    assert omar.sees(KEYS) and mona.sees("I have asked \u2068Omar\u2069")
    assert the_question().next_at == datetime(2026, 3, 2, 16, tzinfo=UTC)
    omar.uses("home.settings")
    omar.submits(**good, quiet_from="", quiet_to="")
    with reading() as session:
        assert session.get_one(Person, omar.person.id).quiet_from is None


def test_the_first_who_is_back_from_quiet_hours_is_asked(chat: Chat) -> None:
    mona, ada = chat.slack("mona"), chat.slack("ada", roles=["admin"])
    omar = chat.teams("omar", quiet_from=time(9), quiet_to=time(15))
    lea = chat.slack("lea", skills=["security"], quiet_from=time(9), quiet_to=time(11))
    asks(chat, mona, a_topic(chat, omar, "group"))
    assert the_question().next_at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert not any(each.sees(KEYS) for each in (omar, lea, ada))
    chat.passes(hours=1)
    assert lea.sees(KEYS) and not omar.sees(KEYS) and not ada.sees(KEYS)


def test_who_has_quiet_hours_is_not_passed_a_question(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    lea = chat.slack("lea", quiet_from=time(9), quiet_to=time(11))
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Pass on to…")
    assert "quiet hours" in str(omar.submits(person=str(lea.person.id)).errors["person"])


def test_nobody_is_asked_more_often_a_week_than_they_set(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    topic = a_topic(chat, omar)
    omar.uses("home.settings")
    good = {"locale": "en", "timezone": "UTC", "work_days": "01234", "work_from": "9", "work_to": "17", "quota": "3"}
    assert "weekly" in omar.submits(**good, weekly="101").errors and "weekly" in omar.submits(**good, weekly="x").errors
    omar.submits(**good, weekly="1")
    assert omar.sees("\u20680\u2069 of \u20681\u2069 in the last seven days")
    asks(chat, mona, topic)
    omar.presses("Answer")
    omar.submits(text="In the vault.")
    mona.says("Where is the other key?", in_="security")
    mona.presses("Ask an expert")
    assert lea.sees("Where is the other key?") and not omar.sees("Where is the other key?")
    lea.presses("Pass on to…")
    assert "as many questions" in str(lea.submits(person=str(omar.person.id)).errors["person"])
    chat.passes(days=7)
    assert omar.sees("Where is the other key?")


def test_the_last_resort_has_a_limit_too(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar", quota=0, weekly=0)
    ada = chat.slack("ada", roles=["admin"], weekly=0)
    asks(chat, mona, a_topic(chat, omar))
    assert not omar.sees(KEYS) and not ada.sees(KEYS) and the_question().next_step == "seek"
