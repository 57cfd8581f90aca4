"""The calls of a model as jobs: what dies, what ends, what waits too long, and what they may cost."""

from __future__ import annotations

import pytest

from bot import jobs
from bot.jobs import JobStopped
from models.base import transaction
from models.budgets import ModelUse
from models.mail import Job
from tests.chat import Chat
from tests.modelled import SAYS, VPN, Asks, reply, work


def test_a_process_that_dies_while_it_asks_is_not_charged_twice(chat: Chat, asks: Asks) -> None:
    fake = asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    before = mona.screen()
    with transaction() as session:
        (job,) = session.query(Job)
        job.checkpoint = {"asking": True}  # as it is while the model is asked
    assert work(chat) == 1 and fake.asked == [] and mona.screen() == before


def test_what_was_paid_for_is_kept_where_the_process_ends(chat: Chat, asks: Asks) -> None:
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    stopping = []

    def ends(_: object) -> str:
        stopping.append(True)
        return reply((SAYS, [1]))

    asks(ends)
    mona.says("How do I reset the VPN?")
    with transaction() as session:
        run = jobs.take(session, "test", list(chat.runtime.router.jobs))
    assert run is not None
    run.stopping = lambda: bool(stopping)
    jobs.perform(chat.runtime.router, run, "questions.write", "test")
    chat.work()
    assert mona.sees(SAYS)


def test_a_process_that_ends_before_it_asks_leaves_it_to_another(chat: Chat, asks: Asks) -> None:
    asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    with transaction() as session:
        run = jobs.take(session, "ending", list(chat.runtime.router.jobs))
    assert run is not None
    run.stopping = lambda: True
    with pytest.raises(JobStopped):
        jobs.perform(chat.runtime.router, run, "questions.write", "ending")
    assert work(chat) == 1 and mona.sees(SAYS)


@pytest.mark.parametrize("limits", [{"calls_per_person": 1}, {"tokens_per_day": 5000}, {"tokens_per_month": 5000}])
def test_a_budget_that_is_spent_leaves_the_passages(chat: Chat, asks: Asks, limits: dict[str, int]) -> None:
    fake = asks(lambda _: "x" * 12_000, **limits)
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    chat.knows("Parking", "Parking places are given by the front desk of each building.")
    mona.says("How do I reset the VPN?")
    work(chat)
    with transaction() as session:
        session.query(ModelUse).update({"tokens": 4000})
    mona.says("Who gives parking places?")
    work(chat)
    assert len(fake.asked) == 1 and mona.sees("front desk")


def test_a_question_that_waited_too_long_is_not_asked(chat: Chat, asks: Asks) -> None:
    fake = asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    chat.passes(minutes=6)
    assert work(chat) == 1 and fake.asked == []
