"""The transaction: everything that follows from an event is committed with it, or did not happen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text as sql

from bot.cards import Reply, T
from bot.dispatcher import MOST_ATTEMPTS
from bot.inbox import Event, insert_events
from bot.router import Router
from bot.turn import Turn
from models.base import Refusal, transaction
from models.people import Person
from tests.bot.acting import SECRET, apology, captured, handle, learn, leftovers, press, skills
from tests.bot.queues import cut_connections, inbox, outbox, run_sql
from tests.chat import Chat, Someone


def test_all_that_follows_is_committed_with_the_event(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(lambda turn, id: learn(turn))
    assert press(chat) == Reply()
    assert (inbox()[0].state, inbox()[0].holder, skills(), leftovers()) == ("done", None, ["x"], (1, 1, 1))
    assert outbox()[0].correlation == inbox()[0].correlation


def test_a_refusal_changes_nothing_and_is_said_privately_in_their_language(
    chat: Chat, router: Router, mona: Someone
) -> None:
    @router.message
    def refuse(turn: Turn) -> bool:
        learn(turn)
        raise Refusal("too_much", most=1200)

    router.refusal(too_much=T("At most {most} characters.", most=0))
    assert handle(chat) == "refused"
    assert (inbox()[0].state, skills(), leftovers()) == ("done", [], (1, 0, 0))
    chat.work()
    assert mona.messages()[-1].text == "At most 1.200 characters."
    assert mona.messages()[-1].reader.locale == "it"


def test_a_refusal_on_a_field_is_said_in_the_form(chat: Chat, router: Router, mona: Someone) -> None:
    def refuse(turn: Turn, id: int, values: dict[str, Any]) -> None:
        raise Refusal("wrong", field="text")

    router.form("it")(refuse)
    router.refusal(wrong=T("Wrong."))
    assert press(chat, kind="form") == Reply(errors={"text": T("Wrong.")})
    assert outbox() == []


def test_a_refusal_that_nobody_worded_is_still_said(chat: Chat, router: Router, mona: Someone) -> None:
    def refuse(turn: Turn, id: int) -> None:
        raise Refusal("unheard_of")

    router.button("it")(refuse)
    assert press(chat).notice is not None


def test_what_breaks_is_set_aside_with_a_reference_and_an_apology_and_the_rest_goes_on(
    chat: Chat, router: Router, mona: Someone
) -> None:
    @router.message
    def work(turn: Turn) -> bool:
        learn(turn, turn.inbound.text)
        if turn.inbound.text == "bad":
            raise ZeroDivisionError(SECRET)
        return True

    for text in ("good", "bad", "better"):
        captured(chat, "message", text, now=False, text=text)
    chat.work()
    assert [row.state for row in inbox()] == ["done", "failed", "done"]
    assert skills() == ["good", "better"]
    assert mona.messages()[1].text == apology()
    assert SECRET not in str(inbox()[1].error)


def test_what_broke_in_band_is_answered_the_same_when_it_comes_again(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(lambda turn, id: 1 / 0)
    first = press(chat)
    assert first.notice is not None and press(chat) == first


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57014", "53300"])
def test_what_may_pass_is_tried_again_in_order(chat: Chat, router: Router, mona: Someone, state: str) -> None:
    tries: list[str] = []

    @router.message
    def work(turn: Turn) -> bool:
        learn(turn, turn.inbound.text)
        tries.append(turn.inbound.text)
        if len(tries) == 1:
            turn.session.execute(sql(f"do $$ begin raise exception using errcode = '{state}'; end $$"))
        return True

    for text in ("first", "second"):
        captured(chat, "message", text, now=False, text=text)
    chat.work()
    assert tries[0] == "first" and inbox()[0].state == "new"
    while inbox()[1].state != "done":
        chat.passes(seconds=1)
    assert tries == ["first", "first", "second"]
    assert skills() == ["first", "second"]
    assert [m.text for m in mona.messages()] == ["first", "second"]


def test_a_connection_lost_in_the_middle_leaves_nothing_and_is_tried_again(
    chat: Chat, router: Router, mona: Someone
) -> None:
    tries: list[int] = []

    @router.message
    def work(turn: Turn) -> bool:
        learn(turn)
        tries.append(1)
        if len(tries) == 1:
            cut_connections()
        return True

    captured(chat, "message", now=False)
    while not inbox() or inbox()[0].state != "done":
        chat.passes(seconds=40)
    assert (len(tries), skills(), leftovers()) == (2, ["x"], (1, 1, 1))


@pytest.mark.parametrize("state", ["22P02", "23505", "42601", "54000", "P0001"])
def test_what_would_never_pass_is_not_tried_again(chat: Chat, router: Router, mona: Someone, state: str) -> None:
    broken = f"do $$ begin raise exception using errcode = '{state}'; end $$"
    router.message(lambda turn: bool(turn.session.execute(sql(broken))))
    assert handle(chat) == "failed" and len(outbox()) == 1


def test_what_never_passes_is_set_aside_in_the_end(chat: Chat, router: Router, mona: Someone) -> None:
    @router.message
    def work(turn: Turn) -> bool:
        turn.session.execute(sql("do $$ begin raise exception using errcode = '40001'; end $$"))
        return True

    captured(chat, "message", now=False)
    for _ in range(MOST_ATTEMPTS):
        assert inbox()[0].state == "new"
        chat.passes(minutes=10)
    assert inbox()[0].state == "failed" and mona.screen() == apology()


def test_what_kills_whoever_holds_it_is_set_aside_in_the_end(chat: Chat, router: Router, mona: Someone) -> None:
    router.message(lambda turn: bool(learn(turn)) or True)
    captured(chat, "message", now=False)
    run_sql("update inbox set attempts = :most", most=MOST_ATTEMPTS)
    chat.work()
    assert (inbox()[0].state, skills(), mona.screen()) == ("failed", [], apology())


def test_an_event_that_nobody_can_read_is_set_aside(chat: Chat, router: Router) -> None:
    with transaction() as session:
        events = [Event("slack", "here", "c", "message", str(n), payload) for n, payload in enumerate(
            ({}, {"what": 1}, {"platform": "slack"}))]  # fmt: skip
        insert_events(session, [*events, Event("nowhere", "here", "c", "message", "1", {})], "test")
    chat.work()
    assert [row.state for row in inbox()] == ["failed"] * 4


def test_who_is_unknown_or_gone_does_nothing(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(lambda turn, id: learn(turn))
    router.refusal(unknown_person=T("Who are you?"))
    run_sql("update person set active = false")
    assert press(chat).notice == T("Who are you?")
    run_sql("update account set external = 'somebody else'")
    assert press(chat, "again").notice == T("Who are you?")
    assert skills() == []


def test_who_lost_the_lease_records_nothing(chat: Chat, router: Router, mona: Someone) -> None:
    def taken_over(turn: Turn) -> bool:
        learn(turn)
        if len(router.messages) == 1:
            run_sql("update inbox set holder = 'another', attempts = 2")
        return True

    router.message(taken_over)
    assert handle(chat) == "lost"
    assert (skills(), leftovers(), inbox()[0].state) == ([], (0, 0, 0), "held")


@pytest.mark.parametrize("error", [Refusal("wrong"), ZeroDivisionError()])
def test_who_lost_the_lease_apologises_for_nothing(chat: Chat, router: Router, mona: Someone, error: Exception) -> None:
    def taken_over(turn: Turn) -> bool:
        run_sql("update inbox set holder = 'another', attempts = 2")
        raise error

    router.message(taken_over)
    assert handle(chat) in ("lost", "failed", "refused")
    assert (outbox(), inbox()[0].state, inbox()[0].holder) == ([], "held", "another")


def test_listeners_act_in_the_same_transaction_and_a_loop_of_facts_ends(
    chat: Chat, router: Router, mona: Someone
) -> None:
    router.button("it")(lambda turn, id: turn.emit("one", turn.actor))
    router.fact("one")(lambda turn, fact: turn.emit("two", turn.actor))
    router.fact("two")(lambda turn, fact: learn(turn))
    press(chat)
    assert skills() == ["x"]
    router.fact("two")(lambda turn, fact: turn.emit("one", turn.actor))
    press(chat, "again")
    assert (inbox()[1].state, skills()) == ("failed", ["x"])


def test_rows_are_fetched_by_who_may(chat: Chat, router: Router, mona: Someone) -> None:
    with transaction() as session:
        assert session.get(Person, mona.person.id)
    router.refusal(not_found=T("Nothing."))

    def fetch(turn: Turn, id: int) -> None:
        from models.questions import Question

        turn.fetch(Question, id, to="solve")

    router.button("it")(fetch)
    assert press(chat, id=10**17).notice == T("Nothing.")
