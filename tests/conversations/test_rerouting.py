"""What becomes of a question when whoever has it cannot be reached, or turns out to be somebody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from models.base import reading, transaction
from models.experts import ACCEPTED, LIVE, OFFERED, UNREACHED, WITHDRAWN, Offer
from models.people import Account
from tests.asking import KEYS, a_topic, asks, the_question
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def offers() -> list[tuple[str, str]]:
    """To whom it was offered, and what became of that."""
    with reading() as session:
        return [(one.person.handle, one.state) for one in session.scalars(select(Offer).order_by(Offer.id))]


def blocks(someone: Someone) -> None:
    """Their platform takes nothing for them from Agora any more."""
    someone.chat.platforms[someone.platform].closed.add(someone.own_chat)


def joins(one: Someone, other: Someone) -> None:
    """Both say that they are the same."""
    one.commands("accounts")
    one.presses("I am somewhere else too")
    other.commands("accounts", re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", one.screen())[-1])
    other.presses("Yes, that is me")
    one.presses("Yes, that is me")


def test_who_blocked_agora_is_passed_over_at_once(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    blocks(omar)
    asks(chat, mona, a_topic(chat, omar))
    assert offers() == [("omar", UNREACHED), ("lea", OFFERED)]
    assert lea.sees(KEYS) and mona.sees("I have asked \u2068Lea\u2069")


def test_nobody_can_be_reached_and_it_is_tried_again(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    blocks(omar)
    asks(chat, mona, a_topic(chat, omar))
    assert offers() == [("omar", UNREACHED)] and the_question().next_step == "seek"
    assert mona.sees("Nobody who may know this is free now.")
    lea = chat.slack("lea", skills=["security"])
    chat.passes(days=1)
    assert lea.sees(KEYS)


def test_who_is_known_to_be_unreachable_is_not_chosen(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    chat.slack("lea", skills=["security"])
    with transaction() as session:
        session.execute(update(Account).where(Account.person_id == omar.person.id).values(unreachable="blocked"))
    asks(chat, mona, a_topic(chat, omar))
    assert offers() == [("lea", OFFERED)]


def test_of_two_accounts_of_one_person_one_has_it(chat: Chat) -> None:
    mona, omar, leila = chat.slack("mona"), chat.teams("omar", email="o@acme.example"), chat.slack("omar-2")
    asks(chat, mona, a_topic(chat, omar, "group", deputy=leila))
    assert offers() == [("omar", OFFERED), ("omar-2", OFFERED)]
    joins(omar, leila)
    assert sorted(state for _, state in offers()) == [OFFERED, WITHDRAWN]
    with reading() as session:
        live = session.scalars(select(Offer).where(Offer.state.in_(LIVE))).one()
        assert live.person.active and live.person.accounts != []
    omar.presses("Accept")
    assert the_question().state == ACCEPTED


def test_what_somebody_accepted_by_their_other_account_is_still_theirs(chat: Chat) -> None:
    mona, omar, twin = chat.slack("mona"), chat.teams("omar", email="o@acme.example"), chat.slack("omar-2")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Pass on to…")
    omar.submits(person=str(twin.person.id))
    twin.presses("Accept")
    joins(omar, twin)
    twin.uses("answers.write", the_question().id)
    twin.submits(text="Run the *rotate* job.")
    assert mona.sees("Run the *rotate* job.") and the_question().state == "answered"


def test_nobody_is_asked_what_they_ask_by_their_other_account(chat: Chat) -> None:
    mona, twin = chat.slack("mona"), chat.teams("mona-2", email="m@acme.example")
    lea = chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, twin))
    assert offers() == [("mona-2", OFFERED)]
    joins(mona, twin)
    assert offers()[-1] == ("lea", OFFERED) and lea.sees(KEYS)
