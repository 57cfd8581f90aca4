"""Capture: a signed event is verified, kept as a committed row and acknowledged, against aiohttp that stores nothing.

One server, three addresses: ``/events`` checks the signature of a Slack event of about 1.5 kB, captures it with the
real writer and answers; ``/bare`` reads the same body and answers; ``/unstored`` is ``/events`` without the storing, to
tell what that costs. 32 connections, each with one request under way, from a client in a process of its own. Rounds
alternate and are short, since the speed of a machine changes within seconds, and the ratio is the median of theirs.
PostgreSQL has been running for a while: it writes its log into files that it had before, as it does from its first
checkpoint on, five minutes after its first start.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web
from sqlalchemy import text as sql

from benchmarks.client import Round, client_process, send
from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, median, percentile
from bot import garbage
from bot.inbox import Event, InboxWriter
from bot.slack.signature import is_signed, sign, stamp_of
from models.base import engine, reading

CONCURRENT = 32
ROUNDS = 21
REQUESTS = 4_000
CHANNELS = 50
SECRET = secrets.token_bytes(16)
LOGGED = 3_000  # bytes of PostgreSQL's log that an event comes to, at most
LOG_FILE = 16 * 1024 * 1024  # bytes
GOAL_RATIO, GOAL_P99 = 0.6, 100.0


def run(options: Options) -> Iterator[Row]:
    """The figures of capture, and of the baseline."""
    rounds = options.of(ROUNDS, least=2)
    requests = options.of(REQUESTS, least=2 * CONCURRENT)
    with fresh_database(), client_process() as client:
        _have_run_before(rounds * requests)
        ours, bare, unstored = asyncio.run(_rounds(client, rounds, requests))
        kept = _kept()
    expected = rounds * requests
    if kept != expected:
        raise RuntimeError(f"{expected} events were acknowledged, and {kept} are kept")
    ratio = _ratio(ours, bare)
    figures = {**_figures(ours), "ratio": ratio}
    met = ratio >= GOAL_RATIO and figures["p99_ms"] < GOAL_P99
    note = (
        f"{requests:,} events a round, {rounds} rounds, {CONCURRENT} at a time; all that were acknowledged are kept; "
        f"{_ratio(ours, unstored):.2f} of what is verified and not stored"
    )
    yield Row("capture", figures, f"ratio ≥ {GOAL_RATIO}, p99 < {GOAL_P99:g} ms", met, note)
    yield Row("capture: bare aiohttp", _figures(bare))
    yield Row("capture: verified, not stored", _figures(unstored))


def _have_run_before(events: int) -> None:
    """Leave the server as many files of its log to write again as ``events`` will take: a server that is new makes one
    every eight thousand events, and nothing is committed for 50 ms."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(1 + events * LOGGED // LOG_FILE):
            connection.execute(sql("select pg_logical_emit_message(true, '', '')"))
            connection.execute(sql("select pg_switch_wal()"))
        connection.execute(sql("checkpoint"))


def _ratio(ours: list[Round], theirs: list[Round]) -> float:
    return median(our.rate / their.rate for our, their in zip(ours, theirs, strict=True))


def _figures(rounds: list[Round]) -> dict[str, float]:
    """The median round's rate; the latencies of all of them."""
    latencies = [latency * 1000 for one in rounds for latency in one.latencies]
    return {
        "rate": median(one.rate for one in rounds),
        "p50_ms": percentile(latencies, 0.5),
        "p99_ms": percentile(latencies, 0.99),
    }


async def _rounds(client: ProcessPoolExecutor, rounds: int, requests: int) -> list[list[Round]]:
    loop = asyncio.get_running_loop()
    measured: dict[str, list[Round]] = {"/events": [], "/bare": [], "/unstored": []}
    async with _server() as port:
        for number in range(rounds + 1):
            for path, results in measured.items():
                made = [_request(path, f"Ev{number}.{i}", i) for i in range(requests if number else 2 * CONCURRENT)]
                result = await loop.run_in_executor(client, send, port, made, CONCURRENT)
                if number:  # the first round is for warming up
                    results.append(result)
    return list(measured.values())


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    garbage.seldom()  # as a process does that serves
    writer = InboxWriter("benchmark")
    writer.start()
    app = web.Application()
    app.add_routes([web.post("/events", _events(writer.capture)), web.post("/bare", _bare),
                    web.post("/unstored", _events(_forget))])  # fmt: skip
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
        await writer.stop()


async def _bare(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(text="ok")


async def _forget(event: Event) -> None:
    """Keep nothing."""


def _events(keep: Callable[[Event], Awaitable[object]]) -> Any:
    """What Slack's gateway has to do: verify, keep, acknowledge."""

    async def events(request: web.Request) -> web.Response:
        body = await request.read()
        stamp = stamp_of(request.headers)
        if stamp is None or not is_signed(SECRET, stamp, body, request.headers):
            return web.Response(status=401)
        await keep(_event(orjson.loads(body)))
        return web.Response(text="ok")

    return events


def _event(payload: dict[str, Any]) -> Event:
    return Event("slack", payload["team_id"], payload["event"]["channel"], "message", payload["event_id"], payload)


def _request(path: str, event_id: str, number: int) -> bytes:
    body = json.dumps(_payload(event_id, number)).encode()
    stamp = str(int(time.time()))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {sign(SECRET, stamp, body)}\r\n"
        f"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _payload(event_id: str, number: int) -> dict[str, Any]:
    """An ``app_mention`` in the shape in which Slack sends it: https://docs.slack.dev/reference/events/app_mention"""
    channel, user = f"C{number % CHANNELS:08d}", f"U{number % 997:08d}"
    said = (
        f"How do I get a new badge when mine was stolen on the train, and who has to sign the form? I am in building "
        f"{number % 40}, the reception there is closed until Monday, and I need to be in the lab on Sunday morning."
    )
    words = [{"type": "user", "user_id": "U0AGORA00"}, {"type": "text", "text": " " + said}]
    blocks = [
        {"type": "rich_text", "block_id": "p1xQr", "elements": [{"type": "rich_text_section", "elements": words}]}
    ]
    stamp = f"{1_780_000_000 + number}.000100"
    event = {
        "type": "app_mention", "user": user, "ts": stamp, "client_msg_id": "7b6c0a52-3b1e-4bd4-9c1c-2f6b1f7a9a10",
        "text": f"<@U0AGORA00> {said}", "team": "T00000001", "blocks": blocks, "channel": channel, "event_ts": stamp,
    }  # fmt: skip
    authorization = {
        "enterprise_id": None, "team_id": "T00000001", "user_id": "U0AGORA00", "is_bot": True,
        "is_enterprise_install": False,
    }  # fmt: skip
    return {
        "token": "a1b2c3d4e5f6g7h8i9j0k1l2", "team_id": "T00000001", "context_team_id": "T00000001",
        "context_enterprise_id": None, "api_app_id": "A00000001", "event": event, "type": "event_callback",
        "event_id": event_id, "event_time": 1_780_000_000 + number, "authorizations": [authorization],
        "is_ext_shared_channel": False, "event_context": "4-" + "eyJldCI6ImFwcF9tZW50aW9uIn0" * 5,
    }  # fmt: skip


def _kept() -> int:
    with reading() as session:
        counted = "select count(*) from inbox where key not like 'Ev0.%'"
        return int(session.execute(sql(counted)).scalar_one())


if __name__ == "__main__":
    main(run, description=__doc__)
