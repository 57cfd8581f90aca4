"""Being away, coming back, and one's own settings."""

from __future__ import annotations

from datetime import UTC, datetime

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


def test_in_quiet_hours_others_are_asked_first_and_time_stands_still(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    lea = chat.slack("lea", skills=["security"])
    good = {"locale": "en", "timezone": "UTC", "work_days": "01234", "work_from": "9:00", "work_to": "17:00",
            "quota": "3"}  # fmt: skip
    omar.uses("home.settings")
    for begins, ends in (("9:30", ""), ("", "12:00"), ("9", "9:00"), ("25:00", "26:00")):
        assert omar.submits(**good, quiet_from=begins, quiet_to=ends).errors
    omar.submits(**good, quiet_from="9:30", quiet_to="12:00")
    assert omar.reply.errors == {} and omar.sees("09:30–12:00")
    topic = a_topic(chat, omar)
    asks(chat, mona, topic)
    assert lea.sees(KEYS) and not omar.sees(KEYS)
    lea.presses("Decline")
    lea.submits(reason="time")
    assert omar.sees(KEYS)
    assert the_question().next_at == datetime(2026, 3, 2, 16, tzinfo=UTC)  # four hours from noon on
    omar.uses("home.settings")
    omar.submits(**good, quiet_from="", quiet_to="")
    with reading() as session:
        assert session.get_one(Person, omar.person.id).quiet_from is None
