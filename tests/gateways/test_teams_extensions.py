"""What Teams does with messages and links: searches, previews and actions, within the time that it waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.cards import Form, Input, Reply, T
from bot.router import Shortcut
from bot.teams.store import reference_of
from bot.turn import Turn
from models.base import reading
from models.knowledge import Entry
from tests.encoders import Thesaurus, catch_up, encoding
from tests.gateways.teams import Teams, kept, outbox, words
from tests.teams_service import CHANNEL, TENANT, Json, activity, invoke

pytestmark = pytest.mark.usefixtures("patient")
CARD = "application/vnd.microsoft.card.adaptive"


async def test_something_done_with_a_message_opens_a_form_with_its_words(teams: Teams) -> None:
    def ask(turn: Turn) -> Reply:
        assert turn.inbound.values == {"author": "aad-tom"}
        title = Input("title", T("Your question"), value=turn.inbound.text)
        return Reply(form=Form(T("Ask a question"), "probe.form", 3, (title,), T("Send")))

    teams.runtime.router.shortcuts["probe.message"] = Shortcut("probe.message", T("Ask a question"), ask, "form")
    payload = {"id": "55", "body": {"contentType": "html", "content": "<p>Where is the <b>key</b>?</p>"},
               "from": {"user": {"id": "AAD-Tom"}}}  # fmt: skip
    value = {"commandId": "probe.message", "commandContext": "message", "messagePayload": payload}
    body = await teams.answer(invoke("composeExtension/fetchTask", value, where=CHANNEL))
    assert body["task"]["type"] == "continue"
    assert "Where is the **key**?" in words(body["task"]["value"]["card"]["content"])


async def test_something_done_with_a_message_that_opens_no_form_says_what_it_did(teams: Teams) -> None:
    payload = {"id": "55", "body": {"contentType": "text", "content": "Where is the key of the shed?"}}
    value = {"commandId": "questions.from_message", "messagePayload": payload}
    body = await teams.answer(invoke("composeExtension/fetchTask", value, where=CHANNEL))
    assert body["task"]["type"] == "message" and body["task"]["value"]
    assert outbox(), "the question was asked"


async def test_a_search_gives_cards_that_its_reader_may_see(teams: Teams) -> None:
    def asked(by: str, text: str) -> Json:
        parameters = [{"name": "words", "value": text}]
        return invoke("composeExtension/query", {"commandId": "knowledge", "parameters": parameters}, by=by)

    found = (await teams.answer(asked("mona", "resetting the VPN")))["composeExtension"]
    assert found["type"] == "result" and len(found["attachments"]) >= 1
    first = found["attachments"][0]
    assert (first["contentType"], first["content"]["type"]) == (CARD, "AdaptiveCard")
    assert "VPN" in first["preview"]["content"]["title"]
    hidden = await teams.answer(asked("mona", "salary bands"))
    assert "Salary" not in str(hidden)
    assert "Salary" in str(await teams.answer(asked("gino", "salary bands")))
    assert kept() == [], "who only reads leaves nothing behind"


async def test_a_search_finds_what_is_meant_in_other_words(teams: Teams) -> None:
    value = {"commandId": "knowledge", "parameters": [{"name": "words", "value": "gatehouse"}]}
    asked = invoke("composeExtension/query", value, by="mona")
    assert "VPN" not in str(await teams.answer(asked))
    with encoding(Thesaurus("vpn gatehouse")) as worker:
        await asyncio.to_thread(catch_up, worker)
        assert "VPN" in str((await teams.answer(asked))["composeExtension"]["attachments"][0])


async def test_a_search_of_a_stranger_finds_nothing(teams: Teams) -> None:
    value = {"commandId": "knowledge", "parameters": [{"name": "words", "value": "VPN"}]}
    body = await teams.answer(invoke("composeExtension/query", value, by="nobody"))
    assert body["composeExtension"]["attachments"] == []


async def test_a_link_shows_what_all_who_are_there_may_read(teams: Teams) -> None:
    url = f"{teams.runtime.settings.public_url}/entries/"
    ids = {entry.title: entry.id for entry in entries()}
    salary, vpn = f"{url}{ids['Salary bands']}", f"{url}{ids['Resetting the VPN']}"

    async def shown(name: str, url: str, where: str | None) -> str:
        said = invoke(f"composeExtension/{name}", {"url": url}, by="gino", where=where)
        return str((await teams.answer(said))["composeExtension"]["attachments"])

    assert "VPN" in await shown("queryLink", vpn, CHANNEL)
    assert await shown("queryLink", salary, CHANNEL) == "[]"
    assert await shown("queryLink", salary, None) == "[]", "it may be a chat with anybody"
    await teams.send(activity(text="hello", by="gino"))
    assert "Salary" in await shown("queryLink", salary, None)
    for other in ("a:gino-and-mona", "19:gino_mona@unq.gbl.spaces"):
        of_two = invoke("composeExtension/queryLink", {"url": salary}, by="gino")
        of_two["conversation"]["id"] = other
        assert (await teams.answer(of_two))["composeExtension"]["attachments"] == [], other
    assert await shown("queryLink", vpn, "19:unknown@thread.v2") == "[]"
    assert await shown("anonymousQueryLink", vpn, CHANNEL) == "[]"
    for address in ("https://evil.example/entries/1", "http://[::1", f"{url}1/../../x", f"{url}99", ""):
        assert await shown("queryLink", address, CHANNEL) == "[]", address


async def test_a_message_written_to_somebody_else_does_not_move_ones_own_chat(teams: Teams) -> None:
    await teams.send(activity(text="hello", by="gino"))
    value = {"commandId": "knowledge", "parameters": [{"name": "words", "value": "VPN"}]}
    for other in ("a:gino-and-mona", "19:gino_mona@unq.gbl.spaces"):
        for name in ("query", "queryLink", "fetchTask"):
            of_two = invoke(f"composeExtension/{name}", value, by="gino")
            of_two["conversation"]["id"] = other
            await teams.send(of_two)
    with reading() as session:
        own = reference_of(session, TENANT, "aad-gino")
        assert own is not None and (own.kind, own.external) == ("personal", "a:gino")


def entries() -> list[Any]:
    with reading() as session:
        return list(session.scalars(select(Entry)))
