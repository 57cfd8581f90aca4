"""Somebody says who knows: that one is asked politely, may decline as well, and the question goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from handlers.experts import forms
from models.base import reading
from models.experts import DECLINED, OFFERED, PASSED, Offer
from tests.asking import KEYS, a_topic, asks, the_question
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def offers() -> list[tuple[str, str, str | None]]:
    """To whom it was offered, what became of that, and who named them."""
    with reading() as session:
        return [
            (one.person.handle, one.state, one.by.handle if one.by else None)
            for one in session.scalars(select(Offer).order_by(Offer.id))
        ]


def names(someone: Someone, other: Someone, button: str = "Decline", **values: str) -> None:
    """Decline a question, or pass it on, and say who knows."""
    someone.presses(button)
    assert someone.submits(reason="other_person", person=str(other.person.id), **values).errors == {}


def test_who_is_named_when_declining_is_asked_and_may_decline_as_well(chat: Chat) -> None:
    mona, omar, lea, tom = chat.slack("mona"), chat.teams("omar"), chat.slack("lea"), chat.slack("tom")
    asks(chat, mona, a_topic(chat, omar, deputy=tom))
    names(omar, lea, words="She set it up.")
    assert lea.sees(KEYS) and lea.sees("\u2068Omar\u2069 thinks you know.") and lea.sees("She set it up.")
    assert omar.sees("You passed this question on. Thank you!")
    lea.presses("Decline")
    lea.submits(reason="topic")
    assert offers() == [("omar", PASSED, None), ("lea", DECLINED, "omar"), ("tom", OFFERED, None)]
    assert mona.sees("I have asked \u2068Tom\u2069")


def test_it_cannot_go_round_in_circles(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    asks(chat, mona, a_topic(chat, omar))
    names(omar, lea)
    lea.presses("Decline")
    assert "person" in lea.submits(reason="other_person", person=str(omar.person.id)).errors
    assert offers()[-1] == ("lea", OFFERED, "omar")


def test_what_was_accepted_is_handed_over_to_somebody_named(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    names(omar, lea, "Pass on to…", words="I fell ill.")
    assert lea.sees("I fell ill.") and the_question().state == "offered"
    assert mona.sees("I have asked \u2068Lea\u2069")
    lea.presses("Accept")
    lea.presses("Answer")
    lea.submits(text="Run the *rotate* job.")
    assert mona.sees("\u2068Lea\u2069 has answered.")


def test_one_of_two_names_another(chat: Chat) -> None:
    mona, omar, lea, tom = chat.slack("mona"), chat.teams("omar"), chat.slack("lea"), chat.slack("tom")
    asks(chat, mona, a_topic(chat, omar, "group", deputy=lea))
    names(omar, tom)
    assert mona.sees("I have asked 2 people who may know")
    tom.presses("Accept")
    assert lea.sees("\u2068Tom\u2069 has it. Thank you for being there.")


def test_in_a_large_company_anybody_can_be_named(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_PEOPLE", 1)
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", email="lea@example.com")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Pass on to…")
    assert "name" in omar.submits(name="nobody at all").errors
    assert "person" in omar.submits(name="mona").errors
    assert omar.submits(name="Lea@Example.com").errors == {}
    assert lea.sees("\u2068Omar\u2069 thinks you know.")
