"""From an event of Slack to its answer posted there, through all of Agora; a part of ``slack``."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from sqlalchemy import text as sql

from benchmarks import capture, company
from benchmarks.client import client_process
from benchmarks.place import connected, fresh_server
from benchmarks.report import Options, Row, percentile
from bot.config import Settings
from bot.slack.http import PATH
from bot.slack.signature import SIGNATURE, STAMP, sign
from models.base import transaction
from models.migrate import upgrade
from tests.faults.running import free_port
from tests.town import served

QUESTIONS = 60
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = "T00000001"
_APART = 2.0  # seconds between two questions in one channel: Slack takes one message a second there
_PATIENCE = 20.0  # seconds


def row(name: str, options: Options) -> Row:
    """How long people wait, one after another."""
    questions = options.of(QUESTIONS, least=3)
    with fresh_server() as server, client_process() as client:
        upgrade(server.url)
        with connected(server.url):
            company.found()
            here = (one for one in company.questions() if one.installation == "slack")
            asked = list(itertools.islice(here, questions))
            _move()
        port = free_port()
        settings = Settings(slack_bot_token="xoxb-benchmark", slack_signing_secret=SECRET,
                            slack_api_url=f"http://127.0.0.1:{port}/api")  # fmt: skip
        sent = [(one.channel, json.dumps(_mention(one, number))) for number, one in enumerate(asked)]
        with served(settings, server.url) as town:
            town.runtime.gateways["slack"].patience = None  # who waits long waits for the answer here, not for a sign
            waited = client.submit(ask, town.url, port, sent).result()
    figures = {"p50_ms": percentile(waited, 0.5) * 1000, "p99_ms": percentile(waited, 0.99) * 1000}
    return Row(name, figures, note=f"{questions} questions in channels of the demo company, one after another")


def ask(url: str, port: int, sent: Sequence[tuple[str, str]]) -> list[float]:
    """Send each, and wait for its answer to arrive at ``port``; the seconds that each took."""
    return asyncio.run(_ask(url, port, sent))


async def _ask(url: str, port: int, sent: Sequence[tuple[str, str]]) -> list[float]:
    arrived: dict[str, asyncio.Future[float]] = {}

    async def call(request: web.Request) -> web.Response:
        if not request.match_info["method"].startswith("chat."):
            return web.json_response({"ok": False, "error": "missing_scope"})
        body = await request.text()
        said = json.loads(body) if request.content_type == "application/json" else dict(parse_qsl(body))
        answer = arrived.get(str(said.get("thread_ts")))
        if answer is not None and not answer.done():
            answer.set_result(time.perf_counter())
        stamp = f"{time.time():.6f}"
        return web.json_response({"ok": True, "ts": stamp, "message_ts": stamp, "channel": said.get("channel")})

    app = web.Application()
    app.add_routes([web.post("/api/{method}", call)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with aiohttp.ClientSession() as session:
        found = [await one for one in _each(session, url, sent, arrived)]
    await runner.cleanup()
    return found


def _each(session: aiohttp.ClientSession, url: str, sent: Sequence[tuple[str, str]],
          arrived: dict[str, asyncio.Future[float]]) -> Any:  # fmt: skip
    last: dict[str, float] = {}

    async def one(channel: str, body: str) -> float:
        await asyncio.sleep(max(0.0, last.get(channel, 0.0) + _APART - time.perf_counter()))
        last[channel] = began = time.perf_counter()
        answer = arrived[json.loads(body)["event"]["ts"]] = asyncio.get_running_loop().create_future()
        stamp = str(int(time.time()))
        headers = {STAMP: stamp, SIGNATURE: sign(SECRET.encode(), stamp, body.encode()),
                   "Content-Type": "application/json"}  # fmt: skip
        async with session.post(url + PATH, data=body.encode(), headers=headers) as response:
            response.raise_for_status()
        waited: float = await asyncio.wait_for(answer, _PATIENCE) - began
        return waited

    return (one(channel, body) for channel, body in sent)


def _mention(asked: company.Asked, number: int) -> dict[str, Any]:
    payload = capture._payload(f"Ev{number}", number)
    said = {"user": asked.account, "channel": asked.channel, "text": f"<@U0AGORA00> {asked.text}"}
    return {**payload, "event": {**payload["event"], **said}}


def _move() -> None:
    """The demo company lives in the playground; one of its installations moves to Slack."""
    with transaction() as session:
        for table in ("account", "place"):
            session.execute(
                sql(f"update {table} set platform = 'slack', installation = :team where installation = 'slack'"),
                {"team": TEAM},
            )
