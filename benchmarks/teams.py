"""Teams: signed activities, committed and acknowledged, against bare botbuilder with a handler that does nothing.

One server with Agora's own address, as it runs, and beside it botbuilder's two adapters, as its samples use them. All
three are sent the same messages with the same kind of token, and verify it; Agora also looks at the tenant, keeps how
the conversation is reached, and commits the message before it answers. 32 connections, each with one request under way,
from a client in a process of its own. Rounds alternate, and ratios are medians of the rounds'. CPU is that of the
server's process for one request: of Agora with its share of writing, but not that of PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from aiohttp import web
from botbuilder.core import BotFrameworkAdapter, BotFrameworkAdapterSettings, CloudAdapterBase
from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticationConstants,
    BotFrameworkAuthenticationFactory,
    PasswordServiceClientCredentialFactory,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import text as sql

from benchmarks.client import Round, client_process, send
from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, median, percentile
from bot.config import Settings
from bot.dispatcher import Dispatcher
from bot.inbox import InboxWriter
from bot.runtime import Runtime
from bot.teams import patience
from bot.teams.endpoint import PATH
from bot.teams.gateway import TeamsGateway
from handlers import all_routes
from models.base import reading

CONCURRENT = 32
ROUNDS = 7
REQUESTS = 3_000
OF_CLOUD = 10
"""One request in so many goes to the slow adapter: its rounds would take all the time there is."""
CLOUD, FRAMEWORK = "/cloud", "/framework"
APP, TENANT, SERVICE = "6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b", "t1", "https://smba.trafficmanager.net/emea/"
CHANNELS, PEOPLE = 50, 200
GOAL_RATE, GOAL_CPU = 0.5, 0.1
_EMPTY = b"\r\n\r\n"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Measured:
    """A round, and the seconds of CPU that each of its requests took."""

    round: Round
    cpu: float


def run(options: Options) -> Iterator[Row]:
    """The figures of all three."""
    rounds, requests = options.of(ROUNDS, least=2), options.of(REQUESTS, least=OF_CLOUD * CONCURRENT)
    with fresh_database(), client_process() as client:
        ours, cloud, framework = asyncio.run(_rounds(client, rounds, requests))
        kept = _kept()
    if kept != rounds * requests:
        raise RuntimeError(f"{rounds * requests} were acknowledged, and {kept} are kept")
    figures = _figures(ours)
    rate = median(our.round.rate / their.round.rate for our, their in zip(ours, framework, strict=True))
    cpu = median(our.cpu / their.cpu for our, their in zip(ours, cloud, strict=True))
    note = (
        f"{requests:,} messages a round, {rounds} rounds, {CONCURRENT} at a time; all that were acknowledged are kept"
    )
    goal = f"ratio ≥ {GOAL_RATE} of BotFrameworkAdapter's rate"
    yield Row("teams", {**figures, "ratio": rate}, goal, rate >= GOAL_RATE, note)
    yield Row("teams: CPU of a message", {"cpu_ms": figures["cpu_ms"], "ratio": cpu},
              f"ratio ≤ {GOAL_CPU} of CloudAdapter's", cpu <= GOAL_CPU)  # fmt: skip
    yield Row("teams: bare BotFrameworkAdapter", _figures(framework))
    yield Row("teams: bare CloudAdapter", _figures(cloud))


def _figures(rounds: list[Measured]) -> dict[str, float]:
    latencies = [latency * 1000 for one in rounds for latency in one.round.latencies]
    return {
        "rate": median(one.round.rate for one in rounds),
        "p50_ms": percentile(latencies, 0.5),
        "p99_ms": percentile(latencies, 0.99),
        "cpu_ms": median(one.cpu for one in rounds) * 1000,
    }


async def _rounds(client: ProcessPoolExecutor, rounds: int, requests: int) -> list[list[Measured]]:
    loop = asyncio.get_running_loop()
    measured: dict[str, list[Measured]] = {PATH: [], CLOUD: [], FRAMEWORK: []}
    async with _server() as port:
        for number in range(rounds + 1):
            for path, results in measured.items():
                count = requests // OF_CLOUD if path == CLOUD else requests
                sent = [_request(path, number, each) for each in range(count if number else 2 * CONCURRENT)]
                began = time.process_time()
                result = await loop.run_in_executor(client, send, port, sent, CONCURRENT, _EMPTY)
                if number:  # the first round is for warming up
                    results.append(Measured(result, (time.process_time() - began) / count))
    return list(measured.values())


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    """Agora as it captures, without the workers that take what it has captured; and the two adapters."""
    settings = Settings(teams_app_id=APP, teams_app_secret="secret", teams_tenants=(TENANT,))  # type: ignore[arg-type]
    runtime = Runtime(settings, all_routes(), "benchmark")
    runtime.inbox, runtime.dispatcher = InboxWriter("benchmark"), Dispatcher(runtime)
    runtime.inbox.start()
    gateway = TeamsGateway(runtime)
    patience.AFTER = 600.0  # nobody handles what is captured here: without end Agora would say that it is at it
    gateway.keys.put([_published()])
    _publish_to_botbuilder()
    app = web.Application()
    app.add_routes([*gateway.routes(), web.post(CLOUD, _cloud()), web.post(FRAMEWORK, _framework())])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
        await gateway.close()
        await runtime.inbox.stop()


def _cloud() -> Any:
    """``CloudAdapter``, whose own ``process`` reads the request like this."""
    credentials = PasswordServiceClientCredentialFactory(APP, "secret")
    adapter = CloudAdapterBase(BotFrameworkAuthenticationFactory.create(credential_factory=credentials))

    async def receive(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await adapter.process_activity(request.headers["Authorization"], activity, _nothing)
        return web.Response()

    return receive


def _framework() -> Any:
    """``BotFrameworkAdapter``, as its samples use it."""
    adapter = BotFrameworkAdapter(BotFrameworkAdapterSettings(APP, "secret"))

    async def receive(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await adapter.process_activity(activity, request.headers["Authorization"], _nothing)
        return web.Response()

    return receive


async def _nothing(context: object) -> None:
    """Do nothing."""


def _publish_to_botbuilder() -> None:
    """The key, as if it had been fetched: nothing is asked of the network."""
    metadata = JwtTokenExtractor.get_open_id_metadata(AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL)
    metadata.keys, metadata.last_updated = [_published()], datetime.now()  # noqa: DTZ005 - as botbuilder writes it


def _published() -> dict[str, Any]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_KEY.public_key()))
    return {**public, "kid": "one", "use": "sig", "endorsements": ["msteams"]}


_now = int(time.time())
_CLAIMS = {"iss": AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER, "aud": APP, "nbf": _now - 60,
           "exp": _now + 7200, "serviceurl": SERVICE}  # fmt: skip
_TOKENS = [jwt.encode({**_CLAIMS, "n": n}, _KEY, "RS256", headers={"kid": "one"}) for n in range(10)]
"""Several hosts of Teams send, each with a token of its own that lasts an hour."""


def _request(path: str, round_: int, number: int) -> bytes:
    body = json.dumps(_activity(round_, number)).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Authorization: Bearer {_TOKENS[number % len(_TOKENS)]}\r\nUser-Agent: Microsoft-SkypeBotApi "
        f"(Microsoft-BotFramework/3.0)\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _activity(round_: int, number: int) -> dict[str, Any]:
    """A mention in a channel, in the shape in which Teams sends it."""
    said = (
        f"How do I get a new badge when mine was stolen on the train, and who has to sign the form? I am in building "
        f"{number % 40}, the reception there is closed until Monday, and I need to be in the lab on Sunday morning."
    )
    channel, person = f"19:{number % CHANNELS:032x}@thread.tacv2", number % PEOPLE
    id = f"{1_780_000_000_000 + round_ * 1_000_000 + number}"
    html = f'<div><div><span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">Agora</span>&nbsp;{said}'
    return {
        "text": f"<at>Agora</at> {said}\n", "textFormat": "plain", "type": "message", "id": id,
        "attachments": [{"contentType": "text/html", "content": f"{html}</div></div>"}],
        "timestamp": "2026-11-20T08:00:00.123Z", "localTimestamp": "2026-11-20T09:00:00.123+01:00",
        "serviceUrl": SERVICE, "channelId": "msteams", "locale": "en-GB", "localTimezone": "Europe/Rome",
        "from": {"id": f"29:1{person:060d}", "name": f"Person {person}", "aadObjectId": f"00000000-0000-{person:021d}"},
        "conversation": {"isGroup": True, "conversationType": "channel", "tenantId": TENANT,
                         "id": f"{channel};messageid={id}"},
        "recipient": {"id": f"28:{APP}", "name": "Agora"},
        "entities": [
            {"mentioned": {"id": f"28:{APP}", "name": "Agora"}, "text": "<at>Agora</at>", "type": "mention"},
            {"type": "clientInfo", "locale": "en-GB", "country": "GB", "platform": "Windows"},
        ],
        "channelData": {"teamsChannelId": channel, "teamsTeamId": channel, "channel": {"id": channel},
                        "team": {"id": channel}, "tenant": {"id": TENANT}},
    }  # fmt: skip


def _kept() -> int:
    with reading() as session:
        counted = f"select count(*) from inbox where platform = 'teams' and key >= '{1_780_001_000_000}'"
        return int(session.execute(sql(counted)).scalar_one())


if __name__ == "__main__":
    main(run, description=__doc__)
