"""Invokes: the right body within the time that Teams waits, exactly once."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest

from bot.cards import Actions, Button, Card, Form, Input, Reply, T, Text, User, from_json, simple, to_json
from bot.held import Held
from bot.teams import invokes, wire
from bot.turn import Turn
from models.base import Refusal, transaction
from models.files import keep
from models.mail import Outbox, PostedCard, lane_of
from models.people import by_account
from tests.gateways.conftest import until
from tests.gateways.teams import Teams, kept, outbox, words
from tests.teams_service import CHANNEL, TENANT, Json, activity, execute, invoke

pytestmark = pytest.mark.usefixtures("patient")
MESSAGE, CARD = "application/vnd.microsoft.activity.message", "application/vnd.microsoft.card.adaptive"
FORM = Form(T("Ask a question"), "probe.form", 3, (Input("title", T("Your question")),), T("Send"))


class Probe:
    """A feature that does what a test says, and counts."""

    def __init__(self, teams: Teams, reply: Any = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.reply = reply
        router = teams.runtime.router
        router.buttons["probe.press"] = self.pressed
        router.forms["probe.form"] = self.submitted

    def pressed(self, turn: Turn, id: int) -> Any:
        self.calls.append((turn.actor.handle, id))
        return self.reply(turn) if callable(self.reply) else self.reply

    def submitted(self, turn: Turn, id: int, values: Json) -> Any:
        self.calls.append((turn.actor.handle, id, values))
        return self.reply(turn) if callable(self.reply) else self.reply


def posted(card: Card, message: str = "card-1", conversation: str = CHANNEL, **payload: Any) -> None:
    """A card that stands on a message."""
    with transaction() as session:
        lane = lane_of("teams", TENANT, conversation)
        session.add(
            Outbox(lane=lane, platform="teams", installation=TENANT, conversation=conversation, operation="post",
                   payload={"card": to_json(card), **payload}, correlation="c", state="sent", reference=message)
        )  # fmt: skip


async def test_a_press_is_answered_with_the_resolved_card(teams: Teams) -> None:
    probe = Probe(teams, lambda turn: turn.replace(simple(T("Accepted by {name}.", name=User("Omar")))))
    body = await teams.answer(execute("probe.press", 7, by="omar", where=CHANNEL))
    assert probe.calls == [("omar", 7)]
    assert (body["statusCode"], body["type"], body["value"]["type"]) == (200, CARD, "AdaptiveCard")
    assert body["value"]["rtl"] is True, "Omar reads Arabic"
    assert "Omar" in words(body["value"]["body"])
    (edit,) = outbox()
    assert (edit.operation, edit.payload["reference"] if edit.payload else None) == ("edit", "card-1")


async def test_what_teams_repeats_is_done_once_and_answered_the_same(teams: Teams) -> None:
    probe = Probe(teams, lambda turn: turn.replace(simple(T("Done."))))
    press = execute("probe.press", 7)
    bodies = [*await asyncio.gather(*(teams.answer(press) for _ in range(4))), await teams.answer(press)]
    assert probe.calls == [("mona", 7)]
    assert len(outbox()) == 1
    assert all(body == bodies[0] for body in bodies) and bodies[0]["type"] == CARD


async def test_another_press_is_another_event(teams: Teams) -> None:
    probe = Probe(teams)
    await teams.answer(execute("probe.press", 7))
    await teams.answer(execute("probe.press", 7))
    assert len(probe.calls) == 2


async def test_a_second_presser_is_told_so_alone_and_in_their_language(teams: Teams) -> None:
    def refuse(turn: Turn) -> None:
        raise Refusal("not_found")

    Probe(teams, refuse)
    english, hebrew = [await teams.answer(execute("probe.press", 7, by=who, where=CHANNEL)) for who in ("mona", "noa")]
    assert english["type"] == hebrew["type"] == MESSAGE
    assert english["value"] and hebrew["value"] and english["value"] != hebrew["value"]
    assert outbox() == []


async def test_the_press_of_what_one_alone_sees_is_answered_with_the_card_as_it_is_now(teams: Teams) -> None:
    posted(simple(T("Ask")), "only aad-mona card-9", only_for="aad-mona")
    with transaction() as session:
        session.add(PostedCard(about="probe:7", outbox_id=outbox()[0].id, platform="teams", installation=TENANT,
                               conversation=CHANNEL, reference="only aad-mona card-9"))  # fmt: skip
    Probe(teams, lambda turn: turn.edit("probe:7", simple(T("Accepted by {name}.", name=User("Omar")))) and None)
    body = await teams.answer(execute("probe.press", 7, replyToId="card-9"))
    assert body["type"] == CARD and "Omar" in words(body["value"]["body"])
    assert "General" in words(body["value"]["body"]), "it says which conversation it is about"
    other = await teams.answer(execute("probe.press", 7, by="omar", replyToId="card-9"))
    assert other["type"] == MESSAGE, "what stands in another's chat is not shown"


async def test_a_press_that_breaks_is_an_apology(teams: Teams) -> None:
    def fail(turn: Turn) -> None:
        raise RuntimeError("a fault")

    Probe(teams, fail)
    body = await teams.answer(execute("probe.press", 7))
    assert body["type"] == MESSAGE and "a fault" not in body["value"] and "administrator" in body["value"]


async def test_a_press_says_what_it_did(teams: Teams) -> None:
    Probe(teams, Reply(notice=T("Done.")))
    assert await teams.answer(execute("probe.press", 7)) == {"statusCode": 200, "type": MESSAGE, "value": "Done."}
    Probe(teams, None)
    assert (await teams.answer(execute("probe.press", 8)))["value"] == "Done."


async def test_a_page_opens_by_a_link_that_is_sent_once(teams: Teams) -> None:
    Probe(teams, Reply(open="/entries/1"))
    press = execute("probe.press", 7)
    assert (await teams.answer(press))["type"] == MESSAGE
    await teams.answer(press)
    sent = await until(outbox)
    assert ["/entries/1" in str(row.payload) for row in sent] == [True]


async def test_what_takes_longer_is_said_so_and_shown_in_the_chat(teams: Teams, monkeypatch: Any) -> None:
    monkeypatch.setattr(invokes, "PATIENCE", 0.2)
    go = threading.Event()

    def wait(turn: Turn) -> Reply:
        assert go.wait(20)
        return Reply(notice=T("Here is the page."))

    probe, press = Probe(teams, wait), execute("probe.press", 7)
    body = await teams.answer(press)
    assert body["type"] == MESSAGE and "longer" in body["value"]
    go.set()
    sent = await until(outbox)
    assert ["Here is the page." in str(row.payload) for row in sent] == [True]
    assert (await teams.answer(press))["value"] == "Here is the page."
    assert len(probe.calls) == 1


async def test_a_form_whose_errors_come_late_can_be_opened_as_it_was_filled_in(teams: Teams, monkeypatch: Any) -> None:
    monkeypatch.setattr(invokes, "PATIENCE", 0.2)
    go = threading.Event()

    def refuse(turn: Turn) -> None:
        assert go.wait(20)
        raise Refusal("not_found", field="title")

    Probe(teams, refuse)
    data = {**wire.submission(FORM, "card-1"), "title": "half a question"}
    body = await teams.answer(invoke("task/submit", {"data": data}, where=CHANNEL))
    assert body["task"]["type"] == "message" and "longer" in body["task"]["value"]
    go.set()
    (row,) = await until(outbox)
    assert row.payload and row.payload["only_for"] == "aad-mona"
    button = next(each for each in from_json(row.payload["card"]).elements if isinstance(each, Actions)).buttons[0]
    opened = await teams.answer(invoke("task/fetch", {"data": wire.opening(button, row.id)["data"]}))
    card = opened["task"]["value"]["card"]["content"]
    assert "half a question" in words(card) and card["actions"][0]["data"][wire.OURS]["route"] == "probe.form"
    assert [each.kind for each in kept()] == ["form"], "to open it is to read"


async def test_what_was_promised_in_time_is_not_said_twice(teams: Teams, monkeypatch: Any) -> None:
    """The handler is done when patience ends: what is being committed is waited for."""
    monkeypatch.setattr(invokes, "PATIENCE", 0.2)
    monkeypatch.setattr(invokes, "COMMIT", 60.0)
    started, go, finish = threading.Event(), threading.Event(), Held.finish

    def slowly(self: Held, *given: Any, **about: Any) -> None:
        started.set()
        assert go.wait(20)
        finish(self, *given, **about)

    monkeypatch.setattr(Held, "finish", slowly)
    Probe(teams, Reply(notice=T("Here is the page.")))
    answer = asyncio.create_task(teams.answer(execute("probe.press", 7)))
    await asyncio.to_thread(started.wait, 20)
    await asyncio.sleep(0.6)  # patience has ended, with the transaction open
    assert not answer.done()
    go.set()
    assert (await answer)["value"] == "Here is the page." and outbox() == []


async def test_a_button_opens_a_form(teams: Teams) -> None:
    Probe(teams, Reply(form=FORM))
    data = wire.opening(Button(T("Ask"), "probe.press", 7))["data"]
    body = await teams.answer(invoke("task/fetch", {"data": data}, replyToId="card-1"))
    assert body["task"]["type"] == "continue"
    card = body["task"]["value"]["card"]["content"]
    assert card["actions"][0]["data"][wire.OURS]["route"] == "probe.form"


async def test_a_form_is_shown_again_with_what_was_typed(teams: Teams) -> None:
    probe = Probe(teams, Reply(errors={"title": T("Please fill this in.")}))
    data = {**wire.submission(FORM, "card-1"), "title": "half a question"}
    body = await teams.answer(invoke("task/submit", {"data": data}))
    shown = words(body["task"]["value"]["card"]["content"])
    assert body["task"]["type"] == "continue"
    assert "half a question" in shown and "Please fill this in." in shown
    probe.reply = Reply()
    assert await teams.answer(invoke("task/submit", {"data": data})) == {}
    assert probe.calls[-1] == ("mona", 3, {"title": "half a question"})


async def test_a_form_that_was_refused_is_shown_again_too(teams: Teams) -> None:
    def refuse(turn: Turn) -> None:
        raise Refusal("not_found")

    Probe(teams, refuse)
    data = {**wire.submission(FORM, None), "title": "half a question"}
    body = await teams.answer(invoke("composeExtension/submitAction", {"commandId": "x", "data": data}))
    assert "half a question" in words(body["task"]["value"]["card"]["content"])


async def test_files_that_were_sent_before_go_along_with_a_form(teams: Teams) -> None:
    with transaction() as session:
        mona, omar = (by_account(session, "teams", TENANT, f"aad-{who}") for who in ("mona", "omar"))
        kept_before = [keep(session, whose, name, b"%PDF-").id for whose, name in
                       ((mona, "plan.pdf"), (mona, "map.pdf"), (omar, "his.pdf"))]  # fmt: skip
    form = replace(FORM, inputs=(*FORM.inputs, Input("files", T("Files and pictures"), "files", required=False)))
    probe = Probe(teams, Reply(form=form))
    data = wire.opening(Button(T("Ask"), "probe.press", 7))["data"]
    body = await teams.answer(invoke("task/fetch", {"data": data}, replyToId="card-1"))
    choice = body["task"]["value"]["card"]["content"]["body"][-1]
    assert [each["title"] for each in choice["choices"]] == ["map.pdf", "plan.pdf"]
    probe.reply = Reply()
    chosen = ",".join(str(number) for number in kept_before[:2])
    await teams.answer(invoke("task/submit", {"data": {**wire.submission(form, None), "title": "x", "files": chosen}}))
    assert probe.calls[-1][2]["files"] == chosen.replace(",", " ")


async def test_a_form_that_agora_did_not_write_is_not_said_again(teams: Teams) -> None:
    Probe(teams, Reply(errors={"title": T("Please fill this in.")}))
    good = wire.submission(FORM, None)[wire.OURS]
    forged = to_json(Form(T("{x:>2000000000}", x="y"), "probe.form", 3, (), T("Send")))
    for form in (forged, str(forged), good["form"][:-2] + "AA", "", None, 7, "\u2603"):
        body = await teams.answer(invoke("task/submit", {"data": {wire.OURS: {**good, "form": form}, "title": "x"}}))
        assert body["task"] == {"type": "message", "value": "Please fill this in."}


async def test_a_refresh_shows_the_card_in_its_readers_language_and_changes_nothing(teams: Teams) -> None:
    posted(Card(T("Done."), (Text(T("Done.")), Actions((Button(T("Help"), "help", 0),)))))
    value = {"action": {"type": "Action.Execute", "verb": wire.REFRESH, "data": {}}, "trigger": "automatic"}
    bodies = [await teams.answer(invoke("adaptiveCard/action", value, by=who, where=CHANNEL, replyToId="card-1"))
              for who in ("mona", "noa")]  # fmt: skip
    assert [body["value"]["lang"] for body in bodies] == ["en", "he"]
    assert kept() == [] and len(outbox()) == 1


async def test_a_refresh_shows_nobody_what_is_for_another(teams: Teams) -> None:
    posted(simple(T("Done.")), only_for="aad-omar")
    value = {"action": {"type": "Action.Execute", "verb": wire.REFRESH, "data": {}}, "trigger": "automatic"}
    body = await teams.answer(invoke("adaptiveCard/action", value, by="mona", where=CHANNEL, replyToId="card-1"))
    assert body["statusCode"] == 404
    other = await teams.answer(invoke("adaptiveCard/action", value, by="mona", where=CHANNEL, replyToId="card-2"))
    assert other["statusCode"] == 404


async def test_feedback_is_kept_as_a_reaction(teams: Teams) -> None:
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": "{}"}}
    assert await teams.answer(invoke("message/submitAction", value, replyToId="5")) == {}
    assert [(each.kind, each.text, each.message) for each in teams.heard()] == [("reaction", "+1", "5")]


async def test_what_agora_does_not_do_is_said_to_be_so(teams: Teams) -> None:
    for name in ("config/fetch", "application/search", "", "nonsense"):
        body = await teams.answer(invoke(name, {}))
        assert (body["statusCode"], body["type"]) == (501, "application/vnd.microsoft.error"), name
    for name in ("signin/verifyState", "signin/tokenExchange", "fileConsent/invoke"):
        assert await teams.answer(invoke(name, {})) == {}


async def test_a_press_that_says_nothing_is_said_to_be_wrong(teams: Teams) -> None:
    for value in ({}, {"action": {}}, {"action": {"verb": 7}}, {"action": {"verb": "x", "data": {"id": "y"}}}):
        body = await teams.answer(invoke("adaptiveCard/action", value))
        assert body["statusCode"] == 400
    assert kept() == []


async def test_old_clients_press_by_a_message(teams: Teams) -> None:
    data = {wire.OURS: {"route": "probe.press", "id": 7}}
    assert (await teams.send(activity(value=data, replyToId="card-1"))).status == 200
    assert [(each.kind, each.route, each.id) for each in teams.heard()] == [("button", "probe.press", 7)]
