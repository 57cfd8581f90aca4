"""The step "Ask Agora" in a workflow: it asks, waits, and goes on with what everybody may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.inbound import Inbound
from bot.slack.parse import event_of, opens, parse
from bot.slack.reading import NotOurs
from bot.slack.steps import FAILED
from bot.slack.store import SlackStep
from models.base import reading
from models.mail import SENT, UNCERTAIN, Outbox
from models.questions import Question
from tests.slack_here import Here, at_work
from tests.slack_workspace import TEAM

MONA = {"id": "U1", "secret": "AbCdEfGh"}
"""A ``user_context``: who set the workflow off, as Slack says."""


@pytest.fixture
def here(database: str) -> Iterator[Here]:
    with at_work(database) as found:
        found.workspace.person("U1", "Mona Ahlberg")
        found.workspace.person("U2", "Omar Khatib")
        yield found


def executed(
    question: object, asker: object = MONA, execution: str = "Fx1", callback: str = "ask_agora"
) -> dict[str, Any]:
    """What Slack sends when a workflow comes to the step."""
    return {
        "type": "event_callback", "team_id": TEAM, "event_id": "EvFx1", "event": {
            "type": "function_executed", "function": {"id": "Fn1", "callback_id": callback, "type": "app"},
            "inputs": {"question": question, "asker": asker}, "function_execution_id": "Fx1",
            "workflow_execution_id": "Wx1", "event_ts": "1763800001.000100", "bot_access_token": "xwfp-secret",
        },
    }  # fmt: skip


def runs(here: Here, question: object, asker: object = MONA) -> None:
    here.chat.happens(parse(executed(question, asker)))


def told(here: Here) -> list[tuple[str, dict[str, Any]]]:
    """How Slack was told that steps ended."""
    return [(method, said) for method, said in here.workspace.asked if method.startswith("functions.")]


def waiting() -> int:
    with reading() as session:
        return len(session.scalars(select(SlackStep)).all())


def presses(here: Here, user: str, kind: str, route: str, id: int, **values: Any) -> None:
    here.chat.happens(Inbound("slack", TEAM, user, kind, actor=user, route=route, id=id, values=values))


def test_it_is_heard_as_a_press_that_opens_nothing(here: Here) -> None:
    payload = executed("How do I reset the VPN?")
    heard = parse(payload)
    assert (heard.kind, heard.actor, heard.conversation, heard.text) == (
        "button",
        "U1",
        "U1",
        "How do I reset the VPN?",
    )
    assert not opens(payload, heard, here.chat.runtime.router)
    captured = event_of(payload, heard, now=False)
    assert captured.key == "EvFx1"
    assert "AbCdEfGh" not in str(captured.payload) and "xwfp-secret" not in str(captured.payload)
    assert parse(captured.payload) == heard
    with pytest.raises(NotOurs):
        parse(executed("What?", callback="another"))


def test_what_everybody_may_read_is_the_answer_at_once(here: Here) -> None:
    entry = here.chat.knows("Resetting the VPN", "Open **Connect** and choose Reset profile.")
    runs(here, "How do I reset the VPN?")
    ((method, said),) = told(here)
    assert method == "functions.completeSuccess" and said["function_execution_id"] == "Fx1"
    assert "Reset profile" in said["outputs"]["answer"]
    assert said["outputs"]["link"] == f"https://agora.example.com/entries/{entry.id}"
    assert here.sees("U1", "Reset profile") and waiting() == 0


def test_what_only_the_asker_may_read_stays_in_their_own_chat(here: Here) -> None:
    here.says("U1", "help")
    with reading() as session:
        person_id = session.scalars(select(Question.asker_id)).first() or 1
    here.chat.knows("Salary bands", "From A to F.", audience=[f"person:{person_id}"])
    runs(here, "What are the salary bands?")
    assert here.sees("U1", "From A to F") and told(here) == [] and waiting() == 1
    presses(here, "U1", "button", "questions.solved", 1)
    ((method, said),) = told(here)
    assert method == "functions.completeSuccess"
    assert "A to F" not in said["outputs"]["answer"] and "in private" in said["outputs"]["answer"]


def test_it_waits_for_somebody_who_knows(here: Here) -> None:
    here.says("U2", "help")
    here.chat.knows("Bicycles", "There is a yard.", topic_id=None)
    runs(here, "Who repairs the espresso machine on floor nine?")
    assert told(here) == [] and waiting() == 1
    with reading() as session:
        number = session.scalars(select(Question.id)).one()
    presses(here, "U1", "form", "answers.write", number, text="Gino from facilities.", private="")
    ((method, said),) = told(here)
    assert method == "functions.completeSuccess" and said["outputs"]["answer"] == "Gino from facilities."
    assert said["outputs"]["link"].endswith(f"/questions/{number}")
    presses(here, "U1", "form", "answers.write", number, text="And Noa.", private="")
    assert len(told(here)) == 1 and waiting() == 0


def test_an_answer_in_private_is_not_passed_on(here: Here) -> None:
    runs(here, "Who repairs the espresso machine on floor nine?")
    presses(here, "U1", "form", "answers.write", 1, text="Gino, do not tell.", private="private")
    ((_, said),) = told(here)
    assert "Gino" not in said["outputs"]["answer"]


def test_a_question_that_is_withdrawn_ends_the_step(here: Here) -> None:
    runs(here, "Who repairs the espresso machine on floor nine?")
    presses(here, "U1", "button", "experts.withdraw", 1)
    assert [method for method, _ in told(here)] == ["functions.completeError"]


@pytest.mark.parametrize("question", ["", "  ", None, 7, "x" * 40_001])
def test_what_cannot_be_asked_ends_the_step_with_the_reason(here: Here, question: object) -> None:
    runs(here, question)
    ((method, said),) = told(here)
    assert method == "functions.completeError" and len(said["error"]) > 10
    with reading() as session:
        assert session.scalars(select(Question)).all() == []


@pytest.mark.parametrize("asker", ["U1", "UNOBODY", None, "", {"id": "UNOBODY"}])
def test_nobody_asks_but_whom_slack_names(here: Here, asker: object) -> None:
    """A plain id, which whoever builds a workflow could choose, is nobody's word."""
    runs(here, "How do I reset the VPN?", asker)
    ((method, said),) = told(here)
    assert method == "functions.completeError" and "who asks" in said["error"]


def test_a_guest_of_another_company_is_told_why(here: Here) -> None:
    here.workspace.teams["T9"] = "Globex"
    here.workspace.person("U9", "Hank Scorpio", team_id="T9", is_stranger=True)
    runs(here, "How do I reset the VPN?", {"id": "U9", "secret": "xyz"})
    assert [method for method, _ in told(here)] == ["functions.completeError"]


def test_the_end_is_told_again_where_slack_did_not_answer(here: Here) -> None:
    runs(here, "How do I reset the VPN?")
    here.workspace.fails = [(503, {}, {}), (429, {"Retry-After": "1"}, {"ok": False, "error": "ratelimited"})]
    presses(here, "U1", "button", "experts.withdraw", 1)
    for seconds in (5, 5, 30):
        here.chat.passes(seconds=seconds)
    with reading() as session:
        assert session.scalars(select(Outbox.state).where(Outbox.operation == FAILED)).all() == [SENT]


def test_a_workflow_that_went_on_is_not_asked_for_ever(here: Here) -> None:
    here.workspace.denied["functions.completeError"] = "function_execution_not_found"
    runs(here, "")
    with reading() as session:
        (row,) = session.scalars(select(Outbox).where(Outbox.operation == FAILED)).all()
    assert row.state not in (SENT, UNCERTAIN) and "gone on without" in str(row.error)
