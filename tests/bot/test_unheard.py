"""What nobody waits for is said in the chat; what somebody waits for is not said twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.cards import Form, Input, Reply, T
from bot.inbound import Inbound
from bot.router import Router
from bot.turn import Turn
from bot.waiting import NOBODY, Waiting
from models.base import Refusal
from tests.bot.acting import captured, press
from tests.bot.queues import inbox, outbox
from tests.chat import Chat, Someone

FORM = Form(T("Ask a question"), "ask", 1, (Input("text", T("Your question")),), T("Ask"))


def works(chat: Chat, kind: str = "button", **about: Any) -> str:
    """Mona does something that is acknowledged first; the outcome of the worker who handles it."""
    kept = captured(chat, kind, now=False, **about)
    (held,) = chat.claimed()
    assert held.id == kept.id
    outcome = chat.runtime.dispatcher.handle(held, NOBODY).outcome
    chat.work()
    return outcome


def test_a_notice_is_said_once_where_nobody_waits_and_not_at_all_where_somebody_does(
    chat: Chat, router: Router, mona: Someone
) -> None:
    router.button("it")(lambda turn, id: Reply(notice=T("Saved.")))
    assert press(chat) == Reply(notice=T("Saved."))
    chat.work()
    assert mona.messages() == []
    assert works(chat, key="2") == "done"
    assert mona.screen() == "Salvato."


def test_a_form_that_came_too_late_is_a_button_that_opens_it(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(lambda turn, id: turn.open(FORM))
    assert works(chat, id=7) == "done"
    (button,) = mona.messages()[-1].buttons
    assert (button.route, button.id, button.opens) == ("it", 7, "form")
    mona.presses("Ask a question")
    assert mona.reply.form == FORM


def test_a_command_whose_form_came_too_late_has_such_a_button_too(chat: Chat, router: Router, mona: Someone) -> None:
    router.command("it", T("/it"), opens="bare")(lambda turn: turn.open(FORM))
    assert works(chat, "command", text="") == "done"
    mona.presses("Ask a question")
    assert mona.reply.form == FORM


def test_a_page_is_a_link(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(lambda turn, id: Reply(open="/entries/5"))
    works(chat)
    assert "/entries/5" in str(mona.messages()[-1].card)


def refuse(turn: Turn, *_: object) -> Reply:
    raise Refusal("too_much", most=3)


def test_a_refusal_is_said(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(refuse)
    router.refusal(too_much=T("At most {most} characters.", most=0))
    assert works(chat) == "refused"
    assert mona.screen() == "At most 3 characters."


@pytest.mark.parametrize("kind", ["reaction", "home", "joined", "unfurl"])
def test_what_nobody_asked_for_is_not_refused_aloud(chat: Chat, router: Router, mona: Someone, kind: str) -> None:
    @router.reaction
    @router.arrival
    def never(turn: Turn) -> bool:
        raise Refusal("unknown_route")

    works(chat, kind)
    assert mona.messages() == []
    assert inbox()[0].state == "done"


def test_an_apology_is_said_where_nobody_waits(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(lambda turn, id: Reply(notice=1 / 0))  # type: ignore[arg-type]
    assert works(chat) == "failed"
    (apology,) = mona.messages()
    assert inbox()[0].error.split()[0] in apology.text


def test_who_was_told_in_band_but_too_late_is_told_in_the_chat(chat: Chat, router: Router, mona: Someone) -> None:
    heard = Inbound("slack", "here", "dm:mona", "button", actor="mona", route="it", id=7)
    chat.runtime.dispatcher.tell(heard, "abc", Reply(form=FORM))
    chat.runtime.dispatcher.tell(heard, "abc", Reply())
    chat.work()
    assert [button.id for message in mona.messages() for button in message.buttons] == [7]


def test_what_is_not_heard_is_written_with_what_was_done(chat: Chat, router: Router, mona: Someone) -> None:
    """Should the process die now, nothing is lost: nobody has to say it afterwards."""
    router.button("it")(lambda turn, id: Reply(notice=T("Saved.")))
    kept = captured(chat, "button")
    asyncio.run(chat.runtime.dispatcher.handle_now(kept, NOBODY))
    assert [(row.operation, row.correlation, row.state) for row in outbox()] == [("post", kept.correlation, "new")]
    chat.work()
    assert mona.screen() == "Salvato."


def test_a_form_that_was_refused_unheard_can_be_opened_as_it_was(chat: Chat, router: Router, mona: Someone) -> None:
    router.form("ask")(refuse)
    router.refusal(too_much=T("At most {most} characters.", most=0))
    typed = replace(FORM, inputs=(Input("text", T("Your question"), value="as I wrote it"),))
    asyncio.run(
        chat.runtime.dispatcher.handle_now(captured(chat, "form", route="ask"), Waiting(lambda _: False, typed))
    )
    chat.work()
    (button,) = mona.messages()[-1].buttons
    assert button.form == typed and "At most 3 characters." in mona.screen()
