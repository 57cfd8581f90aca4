"""Slack over HTTP: who may come in, and what is kept before it is acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.slack.decoding import decoded
from bot.slack.signature import SIGNATURE, STAMP
from bot.turn import Turn
from models.base import reading
from models.embedded import EmbeddedServer
from models.questions import Question
from tests.gateways.conftest import until
from tests.gateways.slack.conftest import Workspace, no_database
from tests.gateways.slack.sent import NAMES, encoded, payload, signed
from tests.gateways.slack.test_parse import NOTHING, heard, key

BODY = encoded(payload("app_mention"))[1]
JSON = {"Content-Type": "application/json"}


async def test_everything_that_slack_sends_is_acknowledged_and_kept(workspace: Workspace) -> None:
    forms = [name for name in NAMES if name.startswith("view_submission")]
    for name in NAMES:
        if name not in forms:
            response = await workspace.hears(payload(name))
            assert (response.status, await response.read()) == (200, b""), name
    kept = await asyncio.to_thread(workspace.kept)
    names = [name for name in NAMES if name not in NOTHING and name not in forms]
    expected = {(heard(name).installation, *key(name)) for name in names}
    assert {(row.installation, row.conversation, row.kind, row.key) for row in kept} == expected
    assert len(kept) == len(expected) > 35


FORGED: list[dict[str, str]] = [
    {STAMP: "1763800000"},
    {STAMP: "now"},
    {STAMP: ""},
    {STAMP: "-1"},
    {STAMP: "1e9"},
    {STAMP: "9" * 400},
    {STAMP: "\u0661\u0662\u0663"},
    {SIGNATURE: ""},
    {SIGNATURE: "v0="},
    {SIGNATURE: "v0=\u00e9\u05d0"},
    {SIGNATURE: "v0=" + "0" * 64},
    {SIGNATURE: "v1=" + "0" * 64},
]


async def test_who_is_not_slack_is_not_heard(workspace: Workspace) -> None:
    for headers in FORGED:
        response = await workspace.posts(BODY, {**signed(BODY), **JSON, **headers})
        assert response.status == 401, headers
    assert (await workspace.posts(BODY, JSON)).status == 401
    for seconds in (-301, 301):
        headers = {**signed(BODY, at=time.time() + seconds), **JSON}
        assert (await workspace.posts(BODY, headers)).status == 401
    assert workspace.kept() == []


async def test_another_body_or_another_secret_is_not_heard(workspace: Workspace) -> None:
    assert (await workspace.posts(BODY + b" ", {**signed(BODY), **JSON})).status == 401
    assert (await workspace.posts(BODY, {**signed(BODY, "another"), **JSON})).status == 401


async def test_the_address_is_verified(workspace: Workspace) -> None:
    response = await workspace.hears({"type": "url_verification", "challenge": "3eZbrw1a"})
    assert await response.json() == {"challenge": "3eZbrw1a"}


ODD: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"[]", 400),
    (b"{", 400),
    (b'{"a":\xff}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 300 + b"1" + b"}" * 300, 200),
    (b"{}", 200),
    (b'{"type":"event_callback"}', 200),
    (b'{"type":["event_callback"],"event":7}', 200),
]


async def test_what_is_no_payload_does_no_harm(workspace: Workspace) -> None:
    for body, status in ODD:
        assert (await workspace.posts(body, {**signed(body), **JSON})).status == status, body[:50]
        form = b"payload=" + quote_plus(body).encode()
        headers = {**signed(form), "Content-Type": "application/x-www-form-urlencoded"}
        assert (await workspace.posts(form, headers)).status == status, body[:50]


async def test_nothing_larger_than_slack_sends_is_read(workspace: Workspace) -> None:
    body = b"x" * (2 * 1024 * 1024 + 1)
    assert (await workspace.posts(body, {**signed(body), **JSON})).status == 413


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d", "\ud83d\ude00 whole", "\\u0000 as text", "\\ud83d as text"])
async def test_characters_that_nobody_can_keep_lose_no_message(workspace: Workspace, text: str) -> None:
    assert (await workspace.hears(payload("message_im", text=text))).status == 200
    (row,) = workspace.kept()
    kept = workspace.gateway.parse(row.payload or {}).text
    expected = text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert kept == expected.replace("\ufffd", "?")


async def test_a_number_that_is_too_large_loses_no_message(workspace: Workspace) -> None:
    assert (await workspace.hears(payload("message_im", text="x", odd=2**70))).status == 200
    assert len(workspace.kept()) == 1


async def test_what_is_nested_beyond_measure_is_refused(workspace: Workspace) -> None:
    deep: Any = 1
    for _ in range(600):
        deep = [deep]
    assert (await workspace.hears(payload("message_im", odd=deep))).status == 400


async def test_no_token_is_kept(workspace: Workspace) -> None:
    sent = payload("message_im", bot_access_token="xwfb-secret")
    assert sent["token"] and (await workspace.hears(sent)).status == 200
    assert (await workspace.hears(payload("block_actions_message"))).status == 200
    kept = [row.payload or {} for row in workspace.kept()]
    assert len(kept) == 2 and all("token" not in each for each in kept) and "xwfb" not in str(kept)


async def test_slack_says_that_it_sends_no_more(workspace: Workspace) -> None:
    sent = {"type": "app_rate_limited", "team_id": "T0COMPANY", "minute_rate_limited": 1763800000, "api_app_id": "A0"}
    assert (await workspace.hears(sent)).status == 200
    assert workspace.kept() == []


async def test_the_same_again_is_the_same(workspace: Workspace) -> None:
    for number in range(3):
        headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"} if number else {}
        for name in ("app_mention", "message_channels_mention", "block_actions_message", "command_ask", "user_change"):
            assert (await workspace.hears(payload(name), **headers)).status == 200
    assert [row.kind for row in workspace.kept()] == ["message", "button", "command", "directory"]


async def test_one_question_of_the_two_events_of_a_mention(workspace: Workspace) -> None:
    names = ("message_channels_mention", "app_mention") * 2
    await asyncio.gather(*(workspace.hears(payload(name)) for name in names))
    await workspace.handled(1)
    with reading() as session:
        assert len(session.scalars(select(Question)).all()) == 1


async def test_an_edit_that_comes_before_its_message_is_no_second_question(workspace: Workspace) -> None:
    for name in ("message_changed", "app_mention"):
        assert (await workspace.hears(payload(name))).status == 200
    await workspace.handled(2)
    with reading() as session:
        assert len(session.scalars(select(Question)).all()) == 1


async def test_it_is_acknowledged_before_it_is_handled(workspace: Workspace) -> None:
    going_on = threading.Event()

    def slow(turn: Turn) -> bool:
        going_on.wait(20)
        return True

    workspace.runtime.router.messages.insert(0, slow)
    try:
        response = await asyncio.wait_for(workspace.hears(payload("message_im")), 5)
        assert response.status == 200
        assert [row.state for row in workspace.kept()] in (["new"], ["held"])
    finally:
        going_on.set()
    await workspace.handled(1)


async def test_what_cannot_be_kept_is_not_acknowledged(workspace: Workspace, server: EmbeddedServer) -> None:
    assert (await workspace.hears(payload("message_im"))).status == 200
    await workspace.handled(1)
    async with no_database():
        for name in ("app_mention", "command_ask", "block_actions_message"):
            assert (await workspace.hears(payload(name))).status == 503
    assert (await workspace.hears(payload("app_mention"), **{"X-Slack-Retry-Num": "1"})).status == 200

    def both_are_kept() -> bool:
        with contextlib.suppress(OperationalError):  # a connection that was cut, which nobody has tried since
            return len(workspace.kept()) == 2
        return False

    await until(both_are_kept)


@given(st.binary(max_size=400), st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]))
def test_any_bytes_are_a_payload_or_refused(body: bytes, kind: str) -> None:
    for each in (body, b"payload=" + body):
        with contextlib.suppress(ValueError):
            assert isinstance(decoded(kind, each), dict)


@given(st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53)))
def test_forms_are_decoded_as_urllib_does(sent: dict[str, Any]) -> None:
    text = json.dumps(sent)
    body = urlencode({"payload": text}).encode()
    assert json.loads(unquote_to_bytes(body.partition(b"=")[2].replace(b"+", b" "))) == sent
    assert decoded("application/x-www-form-urlencoded", body) == _storable(sent)


def _storable(sent: dict[str, Any]) -> dict[str, Any]:
    def clean(value: Any) -> Any:
        return value.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(value, str) else value

    lost = any("\0" in str(each) or "\\ud" in json.dumps(each) for each in [*sent, *sent.values()])
    return {clean(name): clean(value) for name, value in sent.items()} if lost else sent
