"""Answers by a model, above the passages on which they rest: what people see of them, and what they never see."""

from __future__ import annotations

from typing import Any

import pytest

from models.base import transaction
from models.budgets import ModelUse
from models.knowledge import Entry, Part, revise, store_parts
from models.mail import Job
from models.questions import Question
from models.written import WrittenAnswer
from tests.chat import Chat
from tests.modelled import SAYS, VPN, Asks, fails, reply, work

BY_MODEL = "Written by a model from the sources below."


def rows(kind: type) -> int:
    with transaction() as session:
        return session.query(kind).count()


def test_without_a_model_nothing_changes(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    assert rows(Job) == 0 and mona.sees("This is what the company knows:")


def test_the_passages_come_at_once_and_the_answer_above_them(chat: Chat, asks: Asks) -> None:
    fake = asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    assert mona.sees("sign in again") and not mona.sees(SAYS) and fake.asked == []
    assert work(chat) == 1
    (shown,) = mona.messages()
    assert shown.text.index(f"{SAYS} [1]") < shown.text.index(BY_MODEL) < shown.text.index("[1] Resetting the VPN")
    assert [button.label.text for button in shown.buttons][:2] == ["This solved it", "Not what I meant"]


def test_what_the_passages_do_not_say_is_not_shown(chat: Chat, asks: Asks) -> None:
    asks(reply((SAYS, [1]), ("The VPN is reset every Monday.", [1]), ("Sign in again with your badge number.", [7])))
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    work(chat)
    assert mona.sees(SAYS) and not mona.sees("Monday") and not mona.sees("[7]")


@pytest.mark.parametrize("says", [reply(("The VPN is reset every Monday.", [1])), reply(), "I will not.", '{"sente'])
def test_where_nothing_is_supported_the_passages_stay_with_doubt(chat: Chat, asks: Asks, says: str) -> None:
    asks(says)
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    work(chat)
    assert mona.sees("I am not sure, but this may be it:") and mona.sees("sign in again") and not mona.sees(BY_MODEL)


@pytest.mark.parametrize("charged", [False, True])
def test_a_model_that_fails_leaves_the_passages_as_they_are(chat: Chat, asks: Asks, charged: bool) -> None:
    asks(fails("deadline", charged))
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    before = mona.screen()
    assert work(chat) == 1 and mona.screen() == before
    with transaction() as session:
        assert all((use.calls, use.tokens > 0) == (1, charged) for use in session.query(ModelUse))


def test_the_same_question_is_answered_from_what_is_kept(chat: Chat, asks: Asks) -> None:
    fake = asks()
    mona, omar = chat.slack("mona"), chat.teams("omar")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    work(chat)
    omar.says("how do I  RESET the VPN?")
    assert omar.sees(SAYS) and work(chat) == 0 and len(fake.asked) == 1


def test_what_is_kept_goes_with_the_passage_on_which_it_rests(chat: Chat, asks: Asks) -> None:
    asks()
    mona = chat.slack("mona")
    entry = chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    work(chat)
    assert rows(WrittenAnswer) == 1
    with transaction() as session:
        entry = session.get_one(Entry, entry.id)
        revise(session, entry, title=entry.title, body="The VPN is gone.", language="en", by=None, reason="edited")
        store_parts(session, entry, [Part("", "", "The VPN is gone.")])
    assert rows(WrittenAnswer) == 0


def test_what_was_withdrawn_while_the_model_wrote_is_not_cited(chat: Chat, asks: Asks) -> None:
    mona = chat.slack("mona")
    entry = chat.knows("Resetting the VPN", VPN)

    def withdrawn(_: object) -> str:
        with transaction() as session:
            gone = session.get_one(Entry, entry.id)
            gone.state = "withdrawn"
            store_parts(session, gone, [])
        return reply((SAYS, [1]))

    asks(withdrawn)
    mona.says("How do I reset the VPN?")
    before = mona.screen()
    work(chat)
    assert mona.screen() == before and rows(WrittenAnswer) == 0


def test_who_lost_the_right_to_read_it_meanwhile_gets_no_answer(chat: Chat, asks: Asks) -> None:
    mona = chat.slack("mona", department="hr")
    entry = chat.knows("Resetting the VPN", VPN, audience=["department:hr"])

    def closed(_: object) -> str:
        with transaction() as session:
            session.get_one(Entry, entry.id).audience = ["department:it"]
        return reply((SAYS, [1]))

    asks(closed)
    mona.says("How do I reset the VPN?")
    work(chat)
    assert not mona.sees(BY_MODEL)


def test_a_model_reads_only_what_everybody_there_may(chat: Chat, asks: Asks) -> None:
    fake = asks(reply(("Salary bands for engineers start at 41,000.", [1])))
    mona, omar = chat.slack("mona", department="hr"), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Salary bands", "Salary bands for engineers start at 41,000.", audience=["department:hr"])
    mona.says("What are the salary bands for engineers?", in_="help")
    assert work(chat) == 0 and fake.asked == []
    chat.knows("Salary talks", "Salary bands for engineers are told in the yearly talk.")
    mona.says("Where are salary bands for engineers told?", in_="help")
    work(chat)
    assert fake.asked and all("41,000" not in prompt.text for prompt in fake.asked) and not omar.sees("41,000")


def test_a_press_meanwhile_is_not_undone(chat: Chat, asks: Asks) -> None:
    asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    mona.presses("This solved it")
    work(chat)
    assert mona.sees("✓ Solved") and not mona.sees(BY_MODEL)
    mona.presses("Undo")
    work(chat)
    assert mona.sees(SAYS)


def test_a_press_while_the_model_writes_is_not_undone(chat: Chat, asks: Asks) -> None:
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)

    def pressed(_: object) -> str:
        mona.presses("This solved it")
        return reply((SAYS, [1]))

    fake = asks(pressed)
    mona.says("How do I reset the VPN?")
    work(chat)
    assert mona.sees("✓ Solved") and not mona.sees(BY_MODEL)
    mona.presses("Undo")
    assert mona.sees(SAYS) and len(fake.asked) == 1, "it was paid for, and is shown where it fits again"


def test_a_question_that_was_changed_meanwhile_gets_no_answer_to_what_it_was(chat: Chat, asks: Asks) -> None:
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    chat.knows("Parking", "Parking places are given by the front desk of each building.")
    between: list[str] = []

    def changed(asked: dict[str, Any]) -> str:
        if "VPN" not in asked["question"]:
            between.append(mona.screen())
            return reply()
        mona.changes(first, "Who gives parking places?")
        return reply((SAYS, [1]))

    asks(changed)
    first = mona.says("How do I reset the VPN?")
    work(chat)
    assert len(between) == 1 and "front desk" in between[0] and "Connect app" not in between[0]
    assert mona.sees("front desk") and not mona.sees("Connect app")


def test_the_text_of_a_question_is_not_kept_with_the_job(chat: Chat, asks: Asks) -> None:
    asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    with transaction() as session:
        (job,) = session.query(Job)
        assert "reset" not in str(job.args)


@pytest.mark.parametrize("closed", [True, False])
def test_an_earlier_question_that_ended_meanwhile_is_not_offered_again(chat: Chat, asks: Asks, closed: bool) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.teams("lea")
    topic = chat.topic("security", omar)
    chat.channel("help", mona, omar, topic_id=topic.id)
    mona.says("How do I reset the VPN profile?", in_="help")
    mona.presses("Ask an expert")
    chat.knows("Resetting the VPN", VPN)

    def ends(_: object) -> str:
        with transaction() as session:
            earlier = session.query(Question).order_by(Question.id).first()
            assert earlier is not None
            if closed:
                earlier.close("withdrawn")
            else:
                earlier.audience = ["department:hr"]
        return reply((SAYS, [1]))

    asks(ends)
    lea.says("How do I reset the VPN profile?")
    assert lea.sees("asked this before")
    work(chat)
    assert lea.sees(SAYS) and not lea.sees("asked this before")


def test_what_was_not_meant_meanwhile_is_not_brought_back(chat: Chat, asks: Asks) -> None:
    asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    mona.presses("Not what I meant")
    work(chat)
    assert not mona.sees(SAYS)


def test_the_answer_can_solve_it(chat: Chat, asks: Asks) -> None:
    asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?")
    work(chat)
    mona.presses("This solved it")
    assert mona.sees("✓ Solved")


def test_it_is_written_in_the_language_of_the_question_from_that_language(chat: Chat, asks: Asks) -> None:
    fake = asks(reply(("I dipendenti in Italia hanno 26 giorni di ferie.", [1])))
    anna = chat.teams("anna", locale="it")
    chat.knows("Ferie", "I dipendenti in Italia hanno 26 giorni di ferie all'anno.", language="it")
    anna.says("Quanti giorni di ferie hanno i dipendenti in Italia?")
    work(chat)
    assert "in Italian" in fake.asked[0].instructions and anna.sees("26 giorni di ferie. [1]")


def test_what_cannot_be_checked_is_not_asked_for(chat: Chat, asks: Asks) -> None:
    fake = asks()
    mona = chat.slack("mona")
    chat.knows("VPN", "VPN reset Connect app badge number", language="it")
    mona.says("How do I reset the VPN badge number?")
    assert work(chat) == 0 and fake.asked == []


def test_a_secret_in_a_question_is_not_sent(chat: Chat, asks: Asks) -> None:
    fake = asks()
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN profile with my badge number? password: Tr0ub4dor&3")
    work(chat)
    assert fake.asked and "Tr0ub4dor" not in fake.asked[0].text
