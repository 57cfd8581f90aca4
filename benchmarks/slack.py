"""Slack: signed events and buttons, committed and acknowledged, against bare Bolt with a listener that does nothing.

One server with Agora's own address, as it runs, and beside it one whose requests go to Bolt's ``AsyncApp`` by Bolt's
own adapter. Both check the signature. Agora then reads what was sent, commits it to the inbox and answers. Bolt answers
events before its listener runs, buttons when the listener has said so, and keeps nothing. 32 connections, each with one
request under way, from a client in a process of its own. Rounds alternate, and ratios are medians of the rounds'.

Then people of the demo company ask in their channels, one after another, and Slack's side waits for each answer: from
the event sent to the answer posted.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from cryptography.fernet import Fernet
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import text as sql

from benchmarks import answering, capture
from benchmarks.client import Round, client_process, send
from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, median, percentile
from bot.config import Settings
from bot.inbox import InboxWriter
from bot.runtime import Runtime
from bot.slack.gateway import SlackGateway
from bot.slack.http import PATH
from bot.slack.signature import SIGNATURE, STAMP, sign
from handlers import all_routes
from models.base import reading

CONCURRENT = 32
ROUNDS = 7
REQUESTS = 4_000
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOLT = "/bolt"
GOAL_RATIO, GOAL_P99, GOAL_BUTTON = 0.9, 100.0, 2.0
_EMPTY = b"\r\n\r\n"


def run(options: Options) -> Iterator[Row]:
    """The figures of both, and of the way from an event to its answer."""
    rounds, requests = options.of(ROUNDS, least=2), options.of(REQUESTS, least=2 * CONCURRENT)
    with fresh_database(), client_process() as client:
        ours, bolts, our_buttons, bolts_buttons = asyncio.run(_rounds(client, rounds, requests))
        kept = _kept()
    if kept != 2 * rounds * requests:
        raise RuntimeError(f"{2 * rounds * requests} were acknowledged, and {kept} are kept")
    note = f"{requests:,} a round, {rounds} rounds, {CONCURRENT} at a time; all that were acknowledged are kept"
    events, buttons = _compared(ours, bolts), _compared(our_buttons, bolts_buttons)
    goal = f"ratio ≥ {GOAL_RATIO}, p99 < {GOAL_P99:g} ms"
    yield Row("slack", events, goal, _met(events), note)
    slower = buttons["p50_ms"] / events["p50_ms"]
    met = _met(buttons) and slower <= GOAL_BUTTON
    yield Row(
        "slack: buttons", buttons, f"{goal}, p50 ≤ {GOAL_BUTTON:g} × events'", met, f"p50 is {slower:.2f} × events'"
    )
    yield Row("slack: bare Bolt, events", _figures(bolts))
    yield Row("slack: bare Bolt, buttons", _figures(bolts_buttons))
    yield answering.row("slack: event to answer posted", options)


def _met(figures: dict[str, float]) -> bool:
    return figures["ratio"] >= GOAL_RATIO and figures["p99_ms"] < GOAL_P99


def _compared(ours: list[Round], theirs: list[Round]) -> dict[str, float]:
    ratio = median(our.rate / their.rate for our, their in zip(ours, theirs, strict=True))
    return {**_figures(ours), "ratio": ratio}


def _figures(rounds: list[Round]) -> dict[str, float]:
    latencies = [latency * 1000 for one in rounds for latency in one.latencies]
    rate = median(one.rate for one in rounds)
    return {"rate": rate, "p50_ms": percentile(latencies, 0.5), "p99_ms": percentile(latencies, 0.99)}


async def _rounds(client: ProcessPoolExecutor, rounds: int, requests: int) -> list[list[Round]]:
    loop = asyncio.get_running_loop()
    ways = [(path, made) for made in (_event, _button) for path in (PATH, BOLT)]
    measured: list[list[Round]] = [[] for _ in ways]
    async with _server() as port:
        for number in range(rounds + 1):
            for (path, made), results in zip(ways, measured, strict=True):
                count = requests if number else 2 * CONCURRENT  # the first round is for warming up
                sent = [made(path, number, each) for each in range(count)]
                result = await loop.run_in_executor(client, send, port, sent, CONCURRENT, _EMPTY)
                if number:
                    results.append(result)
    return measured


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    """Agora as it captures, without the workers that take what it has captured; and Bolt."""
    settings = Settings(slack_bot_token="xoxb-benchmark", slack_signing_secret=SECRET)
    runtime = Runtime(settings, all_routes(), "benchmark")
    runtime.inbox = InboxWriter("benchmark")
    runtime.inbox.start()
    gateway = SlackGateway(runtime, [Fernet.generate_key().decode()])
    app = web.Application()
    app.add_routes([*gateway.routes(), web.post(BOLT, _bolt())])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
        await gateway.close()
        await runtime.inbox.stop()


def _bolt() -> Any:
    """Bolt with its own middleware, and listeners that do no more than they must."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T00000001", bot_token="xoxb-benchmark", bot_id="B00000001",
                               bot_user_id="U0AGORA00")  # fmt: skip

    app = AsyncApp(signing_secret=SECRET, authorize=authorize)

    async def nothing() -> None:
        """Do nothing."""

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.event("app_mention")(nothing)
    app.action("experts.accept:5::0")(acknowledge)

    async def receive(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return receive


def _event(path: str, number: int, each: int) -> bytes:
    """An ``app_mention``: that of ``capture``, each of another message."""
    payload = capture._payload(f"Ev{number}.{each}", number * 1_000_000 + each)
    return request(path, "application/json", json.dumps(payload).encode())


def _button(path: str, number: int, each: int) -> bytes:
    """A button on an offer of some length, as a form of about 3.5 kB."""
    body = urlencode({"payload": json.dumps(_press(number, each))}).encode()
    return request(path, "application/x-www-form-urlencoded", body)


def request(path: str, kind: str, body: bytes) -> bytes:
    """A request as Slack signs it."""
    stamp = str(int(time.time()))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{STAMP}: {stamp}\r\n"
        f"{SIGNATURE}: {sign(SECRET.encode(), stamp, body)}\r\n"
        f"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _press(number: int, each: int) -> dict[str, Any]:
    """See https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
    channel, user = f"C{each % capture.CHANNELS:08d}", f"U{each % 997:08d}"
    stamp = f"{1_780_000_000 + each}.000100"
    said = "How do I get a new badge when mine was stolen on the train, and who has to sign the form? " * 5
    buttons = [
        {"type": "button", "action_id": f"experts.{verb}:5::0", "style": "primary",
         "text": {"type": "plain_text", "text": verb, "emoji": True}}
        for verb in ("accept", "decline", "pass")
    ]  # fmt: skip
    blocks = [
        {"type": "section", "block_id": "a", "text": {"type": "mrkdwn", "text": said, "verbatim": False}},
        {"type": "actions", "block_id": "b", "elements": buttons},
    ]
    message = {"type": "message", "user": "U0AGORA00", "bot_id": "B00000001", "app_id": "A00000001", "ts": stamp,
               "team": "T00000001", "text": said, "blocks": blocks}  # fmt: skip
    return {
        "type": "block_actions", "user": {"id": user, "username": "u", "name": "u", "team_id": "T00000001"},
        "api_app_id": "A00000001", "token": "a1b2c3d4e5f6g7h8i9j0k1l2", "trigger_id": f"{number}.{each}.trigger",
        "container": {"type": "message", "message_ts": stamp, "channel_id": channel, "is_ephemeral": False},
        "team": {"id": "T00000001", "domain": "company"}, "enterprise": None, "is_enterprise_install": False,
        "channel": {"id": channel, "name": "general"}, "message": message, "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T00000001/1/2",
        "actions": [{**buttons[0], "block_id": "b", "action_ts": stamp}],
    }  # fmt: skip


def _kept() -> int:
    """Of all rounds but the one for warming up, which each began with as many as there are connections, twice."""
    with reading() as session:
        return int(session.execute(sql("select count(*) from inbox")).scalar_one()) - 2 * 2 * CONCURRENT


if __name__ == "__main__":
    main(run, description=__doc__)
