"""Whoever asks without their name is not answered by their own manager, and nobody learns anything by that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models import base
from models.base import reading
from models.company import set_setting
from models.experts import Offer
from tests.asking import change
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
PAY = "Why was my bonus cut?"


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten; questions may be asked without a name."""
    chat.at(MONDAY)
    with base.transaction() as session:
        set_setting(session, "anonymous", True)


def asks(asker: Someone, anonymous: str) -> None:
    asker.commands("ask")
    asker.submits(text=PAY, anonymous=anonymous)
    asker.presses("Ask an expert")
    if asker.reply.form is not None:
        field = asker.reply.form.inputs[0]
        asker.submits(**{field.name: next(one.value for one in field.options if one.value)})


def offered() -> list[str]:
    with reading() as session:
        return [one.person.handle for one in session.scalars(select(Offer).order_by(Offer.id))]


@pytest.mark.parametrize(("anonymous", "first"), [("yes", "lea"), ("no", "boss")])
def test_only_without_a_name_the_manager_is_passed_over(chat: Chat, anonymous: str, first: str) -> None:
    boss, asker = chat.teams("boss"), chat.slack("asker")
    chat.slack("lea", skills=["pay"])
    change(asker, manager_id=boss.person.id)
    chat.topic("pay", boss)
    asks(asker, anonymous)
    assert offered() == [first]


def test_nor_are_they_the_last_resort(chat: Chat) -> None:
    boss, asker = chat.teams("boss", roles=["admin"]), chat.slack("asker")
    ada = chat.slack("ada", roles=["admin"])
    change(asker, manager_id=boss.person.id)
    chat.topic("pay", boss)
    asks(asker, "yes")
    assert offered() == ["ada"] and ada.sees(PAY) and not boss.sees(PAY)


def test_who_knows_it_best_is_not_asked_what_they_ask_themselves(chat: Chat) -> None:
    asker, lea = chat.slack("asker"), chat.slack("lea", skills=["pay"])
    chat.topic("pay", asker)
    asks(asker, "yes")
    assert offered() == ["lea"] and lea.sees(PAY)


def test_by_passing_it_on_nobody_finds_out_whose_manager_it_is_kept_from(chat: Chat) -> None:
    boss, asker = chat.teams("boss"), chat.slack("asker")
    lea = chat.slack("lea", skills=["pay"])
    change(asker, manager_id=boss.person.id)
    chat.topic("pay", boss)
    asks(asker, "yes")
    lea.presses("Pass on to…")
    assert lea.reply.form is not None
    chosen = [option.value for option in lea.reply.form.inputs[0].options]
    assert {str(boss.person.id), str(asker.person.id)} <= set(chosen)
    assert lea.submits(person=str(boss.person.id)).errors == {} and boss.sees(PAY)
