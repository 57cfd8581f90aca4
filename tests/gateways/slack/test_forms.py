"""Forms: opened while the trigger lives, answered in-band, and never lost when it takes longer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from bot.cards import Form, Link, Reply, T
from bot.slack import forms
from bot.turn import Turn
from models.base import reading
from models.questions import Question
from tests.gateways.conftest import until
from tests.gateways.slack.conftest import Workspace
from tests.gateways.slack.sent import payload


def questions() -> list[Question]:
    with reading() as session:
        return list(session.scalars(select(Question)))


def views(workspace: Workspace, method: str) -> list[dict[str, Any]]:
    """The views that Slack was given."""
    found = workspace.slack.calls[method]
    return [orjson.loads(call["view"]) if isinstance(call["view"], str) else call["view"] for call in found]


def words(view: dict[str, Any]) -> str:
    return orjson.dumps(view["blocks"]).decode()


@contextmanager
def held_up(workspace: Workspace, *routes: str) -> Iterator[threading.Event]:
    """What these forms do waits until it is let go."""
    going_on = threading.Event()
    for route in routes:
        handler = workspace.runtime.router.forms[route]

        def slow(turn: Turn, id: int, values: dict[str, Any], handler: Any = handler) -> Reply | None:
            going_on.wait(20)
            reply: Reply | None = handler(turn, id, values)
            return reply

        workspace.runtime.router.forms[route] = slow
    try:
        yield going_on
    finally:
        going_on.set()


async def test_a_command_opens_its_form_by_way_of_a_view_that_is_there_at_once(workspace: Workspace) -> None:
    assert (await workspace.hears(payload("command_ask_bare"))).status == 200
    await until(lambda: workspace.slack.calls["views.update"])
    (opened,) = workspace.slack.calls["views.open"]
    assert opened["trigger_id"] == payload("command_ask_bare")["trigger_id"]
    (update,) = workspace.slack.calls["views.update"]
    (form,) = views(workspace, "views.update")
    assert (update["view_id"], form["callback_id"]) == ("V0OPENED", "questions.ask")
    assert views(workspace, "views.open")[0]["private_metadata"] != form["private_metadata"]
    assert workspace.sent() == []


@pytest.mark.parametrize("name", ["block_actions_form", "shortcut", "message_action_between_people"])
async def test_so_do_buttons_and_shortcuts(workspace: Workspace, name: str) -> None:
    assert (await workspace.hears(payload(name))).status == 200
    await until(lambda: workspace.slack.calls["views.update"])
    assert len(workspace.slack.calls["views.open"]) == 1


async def test_from_a_modal_a_form_is_put_upon_it(workspace: Workspace) -> None:
    await workspace.hears(payload("block_actions_modal"))
    await until(lambda: workspace.slack.calls["views.update"])
    assert workspace.slack.calls["views.update"][0]["view_id"] == "V0PUSHED"
    assert workspace.slack.calls["views.open"] == []


async def test_what_comes_twice_opens_one_form(workspace: Workspace) -> None:
    for _ in range(3):
        await workspace.hears(payload("command_ask_bare"))
    await until(lambda: workspace.slack.calls["views.update"])
    await workspace.gateway.inlet.close()
    assert len(workspace.slack.calls["views.open"]) == 1


@pytest.mark.parametrize(("name", "route"), [("command_ask_bare", "/ask"), ("block_actions_form", "questions.new")])
async def test_where_the_trigger_was_too_old_the_form_is_a_button_in_the_chat(
    workspace: Workspace, name: str, route: str
) -> None:
    workspace.slack.answers["views.open"] = {"error": "expired_trigger_id"}
    await workspace.hears(payload(name))
    (said,) = await until(workspace.sent)
    assert f'"route":"{route}"'.encode() in orjson.dumps(said.payload)
    assert workspace.slack.calls["views.update"] == []


async def test_where_the_form_cannot_be_shown_it_is_said_in_the_chat(workspace: Workspace) -> None:
    workspace.slack.answers["views.update"] = {"error": "fatal_error"}
    await workspace.hears(payload("command_ask_bare"))
    assert len(await until(workspace.sent)) == 1


async def test_who_closes_the_view_is_not_told_in_the_chat(workspace: Workspace) -> None:
    workspace.slack.answers["views.update"] = {"error": "not_found"}
    await workspace.hears(payload("command_ask_bare"))
    await until(lambda: workspace.slack.calls["views.update"])
    await workspace.gateway.inlet.close()
    assert workspace.sent() == []


async def test_a_refusal_is_shown_in_the_view(workspace: Workspace) -> None:
    sent = payload("block_actions_overflow")
    await workspace.hears(sent)
    await until(lambda: workspace.slack.calls["views.update"])
    (view,) = views(workspace, "views.update")
    assert view["callback_id"] == "notice" and len(words(view)) > 40


async def test_a_form_is_sent(workspace: Workspace) -> None:
    response = await workspace.hears(payload("view_submission"))
    assert await response.json() == {"response_action": "clear"}
    (asked,) = questions()
    assert asked.text == "How do I reset the VPN?"


async def test_what_is_wrong_stands_below_its_field(workspace: Workspace) -> None:
    response = await workspace.hears(payload("view_submission_empty"))
    answer = await response.json()
    assert answer["response_action"] == "errors" and list(answer["errors"]) == ["text"]
    assert questions() == [] and workspace.sent() == []


async def test_a_form_that_comes_twice_is_answered_the_same_and_done_once(workspace: Workspace) -> None:
    answers = await asyncio.gather(*(workspace.hears(payload("view_submission")) for _ in range(3)))
    assert [await answer.json() for answer in answers] == [{"response_action": "clear"}] * 3
    assert len(questions()) == 1


async def test_the_words_of_a_form_are_the_readers(workspace: Workspace) -> None:
    sent = payload("view_submission_empty")
    sent["user"]["id"] = "U0NOA"
    answer = await (await workspace.hears(sent)).json()
    assert any("\u05d0" <= char <= "\u05ea" for char in answer["errors"]["text"])


async def test_what_takes_longer_is_shown_when_it_is_done(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "IN_BAND", 0.05)
    with held_up(workspace, "questions.ask") as going_on:
        answer = await (await workspace.hears(payload("view_submission"))).json()
        assert answer["response_action"] == "update" and "moment" in words(answer["view"])
        assert workspace.slack.calls["views.update"] == []
        going_on.set()
        await until(lambda: workspace.slack.calls["views.update"])
    (view,) = views(workspace, "views.update")
    assert workspace.slack.calls["views.update"][0]["view_id"] == "V0MODAL"
    assert "Done." in words(view) and len(questions()) == 1


async def test_what_was_typed_comes_back_with_late_errors(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "IN_BAND", 0.05)
    workspace.runtime.router.forms["questions.ask"] = lambda turn, id, values: turn.errors(text=T("Say more."))
    with held_up(workspace, "questions.ask") as going_on:
        await workspace.hears(payload("view_submission"))
        going_on.set()
        await until(lambda: workspace.slack.calls["views.update"])
    (view,) = views(workspace, "views.update")
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert "Say more." in words(view)
    assert inputs[0]["element"]["initial_value"] == "How do I reset the VPN?"
    assert inputs[1]["element"]["initial_option"]["value"] == "no"
    assert view["blocks"][0]["type"] != "input" and view["submit"] and "hash" not in view


async def test_a_form_may_come_back_with_what_it_found(workspace: Workspace) -> None:
    handler = workspace.runtime.router.commands["ask"].handler
    workspace.runtime.router.forms["questions.ask"] = lambda turn, id, values: handler(turn)
    sent = payload("view_submission")
    answer = await (await workspace.hears(sent)).json()
    assert (answer["response_action"], answer["view"]["callback_id"]) == ("update", "questions.ask")


async def test_a_page_opens_as_whoever_looks(workspace: Workspace) -> None:
    def found(turn: Turn) -> Reply:
        link = Link(T("Open"), "/entries/1")
        return turn.open(Form(T("Found"), "questions.ask", 0, (), T("Close"), (link,)))

    workspace.runtime.router.forms["questions.ask"] = lambda turn, id, values: found(turn)
    answer = await (await workspace.hears(payload("view_submission"))).json()
    assert "https://agora.example.com/open/" in words(answer["view"])


async def test_a_notice_is_shown_in_the_view(workspace: Workspace) -> None:
    workspace.runtime.router.forms["questions.ask"] = lambda turn, id, values: Reply(notice=T("Done."))
    answer = await (await workspace.hears(payload("view_submission"))).json()
    assert answer["response_action"] == "update" and "Done." in words(answer["view"])
