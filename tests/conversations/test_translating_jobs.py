"""Translations as jobs: what dies, what ends, what is paid for."""

from __future__ import annotations

from typing import Any

import pytest

from bot import jobs
from bot.jobs import JobStopped
from models.base import transaction
from models.budgets import ModelUse
from models.mail import Job
from tests.chat import Chat, Someone
from tests.modelled import Asks, FakeModel, fails, work
from tests.translated import NONE, NOTE, offer, rows, says

PORTE = "\n\n".join(f"{n}. Il badge apre la porta dell'ufficio e quella del garage." for n in range(1, 101))
DOORS = "The badge opens the door of the office and of the garage."


def wants(chat: Chat, asks: Asks) -> tuple[Someone, FakeModel]:
    """Somebody wants to read an entry that takes three calls."""
    fake = asks(says(Il_badge=DOORS, Porte="Doors"))
    lea = chat.slack("lea")
    lea.commands("know", str(chat.knows("Porte", PORTE, language="it").id))
    lea.presses("Translate to {language}")
    return lea, fake


def test_a_process_that_dies_while_it_asks_is_not_charged_twice(chat: Chat, asks: Asks) -> None:
    lea, fake = wants(chat, asks)
    with transaction() as session:
        (job,) = session.query(Job)
        job.checkpoint = {"asking": 1}  # as it is while the model is asked for the first part
    assert work(chat) == 1 and len(fake.asked) == 2 and rows() == 2 and lea.sees(NONE)
    lea.presses("Translate to {language}")
    work(chat)
    assert len(fake.asked) == 3 and lea.sees(NOTE), "asked for again, only what is missing is"


def test_what_was_paid_for_is_kept_where_the_process_ends_and_another_goes_on(chat: Chat, asks: Asks) -> None:
    lea, fake = wants(chat, asks)
    translate: Any = fake.says
    stopping: list[bool] = []

    def ends(asked: dict[str, Any]) -> str:
        stopping.append(True)
        return str(translate(asked))

    fake.says = ends
    with transaction() as session:
        run = jobs.take(session, "ending", list(chat.runtime.router.jobs))
    assert run is not None
    run.stopping = lambda: bool(stopping)
    with pytest.raises(JobStopped):
        jobs.perform(chat.runtime.router, run, "translations.make", "ending")
    assert rows() == 1 and len(fake.asked) == 1
    assert work(chat) == 1 and len(fake.asked) == 3 and lea.sees(NOTE)


def test_only_what_was_used_is_counted(chat: Chat, asks: Asks) -> None:
    wants(chat, asks)
    work(chat)
    with transaction() as session:
        used = {(use.person_id, use.purpose): (use.calls, use.tokens) for use in session.query(ModelUse)}
    assert set(used.values()) == {(3, 360)} and {purpose for _, purpose in used} == {"translate"}


def test_a_failure_that_costs_nothing_is_not_counted(chat: Chat, asks: Asks) -> None:
    asks(fails("unreachable"))
    _, omar = offer(chat, "Quanti giorni di ferie ho?")
    omar.presses("Translate to {language}")
    work(chat)
    with transaction() as session:
        assert {use.tokens for use in session.query(ModelUse)} == {0}
    assert omar.sees(NONE)


def test_two_who_want_the_same_pay_for_it_once(chat: Chat, asks: Asks) -> None:
    lea, fake = wants(chat, asks)
    tom = chat.slack("tom")
    tom.commands("know", "1")
    tom.presses("Translate to {language}")
    assert work(chat) == 2 and len(fake.asked) == 3 and lea.sees(NOTE) and tom.sees(NOTE)
