"""Socket Mode: the same as over HTTP, through a connection that may end at any time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import psycopg
import pytest

from bot.slack import clients, socket
from tests.gateways.conftest import Starter, until
from tests.gateways.slack.conftest import Workspace, enter, no_database
from tests.gateways.slack.fake import FakeSlack
from tests.gateways.slack.sent import payload


@pytest.fixture
async def connected(start: Starter, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Workspace]:
    """Agora that has connected itself. What it waits for between two attempts is a tenth of what it is elsewhere."""
    monkeypatch.setattr(socket, "SOONEST", socket.SOONEST / 10)
    workspace = await enter(start, slack, slack_signing_secret=None, slack_app_token="xapp-company")
    await workspace.gateway.start()
    await until(lambda: slack.sockets)
    yield workspace
    await workspace.gateway.close()


def acknowledged(slack: FakeSlack) -> list[str]:
    return [str(each["envelope_id"]) for each in slack.acknowledged]


async def test_there_is_no_address_to_send_to(connected: Workspace) -> None:
    assert (await connected.hears(payload("app_mention"))).status == 404
    assert connected.slack.calls["apps.connections.open"][0]["token"] == "xapp-company"


async def test_envelopes_are_kept_and_acknowledged(connected: Workspace, slack: FakeSlack) -> None:
    for id, name, kind in (
        ("1", "app_mention", "events_api"),
        ("2", "command_ask", "slash_commands"),
        ("3", "block_actions_message", "interactive"),
        ("4", "message_bot", "events_api"),
    ):
        await slack.sends(payload(name), kind, id)
    await until(lambda: len(slack.acknowledged) == 4)
    assert sorted(acknowledged(slack)) == ["1", "2", "3", "4"]
    assert [row.kind for row in connected.kept()] == ["message", "command", "button"]
    assert all("payload" not in each for each in slack.acknowledged)


async def test_a_forms_errors_go_back_with_the_acknowledgement(connected: Workspace, slack: FakeSlack) -> None:
    await slack.sends(payload("view_submission_empty"), "interactive")
    await until(lambda: slack.acknowledged)
    assert slack.acknowledged[0]["payload"]["response_action"] == "errors"


async def test_a_form_is_opened(connected: Workspace, slack: FakeSlack) -> None:
    await slack.sends(payload("command_ask_bare"), "slash_commands")
    await until(lambda: slack.calls["views.update"])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"envelope_id": "x"}', '{"envelope_id": "y", "payload": 7}'])
async def test_what_is_no_envelope_does_no_harm(connected: Workspace, slack: FakeSlack, text: str) -> None:
    await slack.sockets[-1].send_str(text)
    await slack.sends(payload("app_mention"), id="after")
    await until(lambda: "after" in acknowledged(slack))


async def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again(connected: Workspace, slack: FakeSlack) -> None:
    refused: list[Any] = []
    take = connected.gateway.inlet.take

    async def watched(what: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return await take(what)
        except psycopg.Error as error:
            refused.append(error)
            raise

    connected.gateway.inlet.take = watched  # type: ignore[assignment, method-assign]
    async with no_database():
        await slack.sends(payload("app_mention"), id="first")
        await until(lambda: refused)
    assert slack.acknowledged == []
    await slack.sends(payload("app_mention"), id="again")
    await until(lambda: acknowledged(slack) == ["again"])


async def test_a_connection_that_breaks_is_followed_by_another(connected: Workspace, slack: FakeSlack) -> None:
    for number in range(1, 4):
        transport = slack.sockets[-1]._req.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()
        await until(partial(lambda wanted: len(slack.sockets) == wanted, number + 1))
        await slack.sends(payload("message_im", ts=f"176380001{number}.000100"), id=f"e{number}")
        await until(partial(lambda id: id in acknowledged(slack), f"e{number}"))
    assert len(connected.kept()) == 3


async def test_before_slack_closes_a_connection_there_is_another(connected: Workspace, slack: FakeSlack) -> None:
    await slack.sockets[0].send_json({"type": "disconnect", "reason": "refresh_requested"})
    await until(lambda: len(slack.sockets) == 2)
    await slack.sends(payload("app_mention"), id="old", socket=0)
    await slack.sends(payload("message_im"), id="new", socket=1)
    await until(lambda: sorted(acknowledged(slack)) == ["new", "old"])
    await slack.sockets[0].close()
    await slack.sends(payload("message_im", ts="1763800099.000100"), id="later", socket=1)
    await until(lambda: "later" in acknowledged(slack))
    assert len(slack.sockets) == 2


async def test_a_connection_outlives_the_time_that_a_request_may_take(
    start: Starter, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "WAIT", 1)
    workspace = await enter(start, slack, slack_signing_secret=None, slack_app_token="xapp-company")
    await workspace.gateway.start()
    await until(lambda: slack.sockets)
    began = time.monotonic()
    await until(lambda: time.monotonic() - began > 1.5)
    await slack.sends(payload("app_mention"))
    await until(lambda: slack.acknowledged)
    assert len(slack.sockets) == 1
    await workspace.gateway.close()


@pytest.mark.parametrize("trouble", [{"error": "ratelimited", "status": 429}, {"error": "invalid_auth"},
                                     {"url": "ws://127.0.0.1:9/"}, {"url": "nonsense"}])  # fmt: skip
async def test_a_slack_in_trouble_holds_nothing_up_and_is_tried_again(
    start: Starter, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, trouble: dict[str, Any]
) -> None:
    monkeypatch.setattr(socket, "SOONEST", 0.02)
    slack.answers["apps.connections.open"] = trouble
    workspace = await enter(start, slack, slack_app_token="xapp-company")
    await asyncio.wait_for(workspace.gateway.start(), 1)
    await until(lambda: len(slack.calls["apps.connections.open"]) > 2)
    assert (await workspace.hears(payload("app_mention"))).status == 200  # the other way is open meanwhile
    del slack.answers["apps.connections.open"]
    await until(lambda: slack.sockets)
    await workspace.gateway.close()


async def test_a_slack_that_says_nothing_holds_nothing_up(start: Starter, slack: FakeSlack) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    slack.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    workspace = await enter(start, slack, slack_app_token="xapp-company")
    await asyncio.wait_for(workspace.gateway.start(), 1)
    assert (await workspace.hears(payload("app_mention"))).status == 200
    await asyncio.wait_for(workspace.gateway.close(), 3)
    server.close()
