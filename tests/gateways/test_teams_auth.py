"""Who is let in: 401 for every token that is wrong in anything, 403 for other tenants, and never an error of ours."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.teams.gateway import TeamsGateway
from tests.gateways.teams import Teams, kept, served
from tests.teams_service import APP, ISSUER, SERVICE, Issuer, activity, new_key


async def test_a_good_token_lets_in(teams: Teams) -> None:
    assert (await teams.send(activity(text="hi"))).status == 200
    assert [row.kind for row in kept()] == ["message"]


def unsigned(**head: Any) -> str:
    """A token without a signature."""
    claims = {"iss": ISSUER, "aud": APP, "exp": int(time.time()) + 600, "serviceurl": SERVICE}
    parts = (json.dumps({"typ": "JWT", **head}), json.dumps(claims))
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


def public_pem(issuer: Issuer) -> bytes:
    key = next(iter(issuer.keys.values())).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256(issuer: Issuer) -> str:
    """A token whose maker hopes that the public key is taken for a shared secret."""
    claims = {"iss": ISSUER, "aud": APP, "exp": int(time.time()) + 600, "serviceurl": SERVICE}
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "one"}).encode()).rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    signature = base64.urlsafe_b64encode(hmac.digest(public_pem(issuer), head + b"." + body, "sha256"))
    return b".".join((head, body, signature.rstrip(b"="))).decode()


NOW = int(time.time())
WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 3600},
    "not yet valid": {"nbf": NOW + 3600},
    "without an end": {"exp": None},
    "an end that is no time": {"exp": "soon"},
    "an end that is infinite": {"exp": float("inf")},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another-app"},
    "no audience": {"aud": None},
    "several audiences": {"aud": ["another-app", APP]},
    "another service": {"serviceurl": "https://evil.example/"},
    "no service": {"serviceurl": None},
    "a service that is a list": {"serviceurl": [SERVICE]},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
async def test_a_wrong_claim_is_401(teams: Teams, claims: dict[str, Any]) -> None:
    assert (await teams.send(activity(text="hi"), teams.issuer.token(**claims))).status == 401
    assert kept() == []


async def test_a_wrong_signature_is_401(teams: Teams) -> None:
    issuer, other = teams.issuer, new_key()
    good = issuer.token()
    head, body, signature = good.split(".")
    tampered = body[:20] + ("A" if body[20] != "A" else "B") + body[21:]
    tokens = {
        "another key": issuer.token(key=other),
        "a changed body": f"{head}.{tampered}.{signature}",
        "no signature": f"{head}.{body}.",
        "none": unsigned(alg="none"),
        "none, with the name of a key": unsigned(alg="None", kid="one"),
        "the public key as a secret": hs256(issuer),
        "no name of a key": issuer.token(head={}),
        "a name that is no text": unsigned(alg="RS256", kid=7),
        "another algorithm": issuer.token(alg="RS512"),
    }
    for name, token in tokens.items():
        assert (await teams.send(activity(text="hi"), token)).status == 401, name
    assert kept() == []


async def test_no_token_or_garbage_is_401(teams: Teams) -> None:
    headers = ("", "Bearer", "Bearer ", "Bearer garbage", "Bearer a.b.c", "Bearer ....", "Basic YTpi",
               "Bearer " + "x" * 7000, "Bearer e30.e30.e30", "Bearer \N{SNOWMAN}")  # fmt: skip
    for header in headers:
        assert (await teams.send(activity(text="hi"), Authorization=header)).status == 401, header
    assert (await teams.client.post("/api/messages", json=activity(text="hi"))).status == 401


async def test_a_key_that_may_not_sign_for_teams_is_401(database: str) -> None:
    async with served(database) as teams:
        teams.issuer.endorsements = ["webchat"]
        assert (await teams.send(activity(text="hi"))).status == 401


async def test_what_comes_by_another_channel_is_401(teams: Teams) -> None:
    """Whoever has the secret of a web chat could say of themselves that they are anybody."""
    for channel in ("webchat", "directline", "emulator", "", None, ["msteams"]):
        assert (await teams.send({**activity(text="hi"), "channelId": channel})).status == 401, channel


async def test_only_tenants_of_the_list_are_let_in(teams: Teams) -> None:
    for tenants in ({"tenant": {"id": "t2"}}, {"tenant": {"id": ""}}, {"tenant": None}):
        said = activity(text="hi", channelData=tenants)
        said["conversation"].pop("tenantId")
        assert (await teams.send(said)).status == 403, tenants
    mixed = activity(text="hi")
    mixed["conversation"]["tenantId"] = "t2"
    assert (await teams.send(mixed)).status == 403
    assert kept() == []


async def test_without_a_list_nobody_is_let_in(database: str) -> None:
    async with served(database, teams_tenants=()) as teams:
        assert (await teams.send(activity(text="hi"))).status == 403


async def test_keys_roll_over(teams: Teams) -> None:
    assert (await teams.send(activity(text="before"))).status == 200
    teams.issuer.keys = {"two": new_key()}
    assert (await teams.send(activity(text="after"))).status == 200
    assert teams.issuer.asked == 2
    old = Issuer(keys={"one": new_key()})
    assert (await teams.send(activity(text="old"), old.token())).status == 401


async def test_a_token_that_was_good_is_not_good_for_ever(teams: Teams) -> None:
    token = teams.issuer.token()
    assert (await teams.send(activity(text="one"), token)).status == 200
    with time_machine.travel(time.time() + 3600 + 240, tick=True):
        assert (await teams.send(activity(text="two"), token)).status == 200, "clocks may differ by five minutes"
    with time_machine.travel(time.time() + 3600 + 400, tick=True):
        assert (await teams.send(activity(text="three"), token)).status == 401


async def test_a_token_ends_with_its_key(teams: Teams) -> None:
    old = teams.issuer.token()
    assert (await teams.send(activity(text="one"), old)).status == 200
    teams.issuer.keys = {"two": new_key()}
    assert (await teams.send(activity(text="two"))).status == 200
    assert (await teams.send(activity(text="three"), old)).status == 401


async def test_a_known_token_is_held_against_each_activity(teams: Teams) -> None:
    token = teams.issuer.token()
    assert (await teams.send(activity(text="one"), token)).status == 200
    assert (await teams.send({**activity(text="two"), "serviceUrl": "https://evil.example/"}, token)).status == 401
    assert (await teams.send({**activity(text="three"), "channelId": "webchat"}, token)).status == 401


async def test_unknown_keys_make_it_look_once_however_many_ask(teams: Teams) -> None:
    gateway = teams.runtime.gateways["teams"]
    assert isinstance(gateway, TeamsGateway)
    gateway.keys.pause = 60
    assert (await teams.send(activity(text="hi"))).status == 200
    asked, stranger = teams.issuer.asked, Issuer(keys={"unknown": new_key()})
    tokens = [stranger.token(head={"kid": f"unknown-{i}"}) for i in range(40)]
    answers = await asyncio.gather(*(teams.send(activity(text="hi"), token) for token in tokens))
    assert {each.status for each in answers} == {401}
    assert teams.issuer.asked == asked, "it has just looked"


@pytest.mark.parametrize(
    "broken", ["", "[]", "{}", "nonsense", '{"jwks_uri": "http://evil.example/"}', '{"jwks_uri": 7}']
)
async def test_keys_that_cannot_be_had_are_401_and_soon(database: str, broken: str) -> None:
    async with served(database) as teams:
        teams.issuer.broken = broken
        started = time.monotonic()
        assert (await teams.send(activity(text="hi"))).status == 401
        assert time.monotonic() - started < 9, "less than it takes to give up on the keys"


async def test_a_service_of_keys_that_hangs_holds_nobody_up(database: str) -> None:
    held = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/metadata"
    async with served(database, teams_openid_metadata_url=url) as teams:
        started = time.monotonic()
        answers = await asyncio.gather(*(teams.send(activity(text="hi")) for _ in range(5)))
        assert [each.status for each in answers] == [401] * 5
        assert time.monotonic() - started < 9, "less than it takes to give up on the keys"
    held.set()
    server.close()


async def test_any_token_at_all_is_401(teams: Teams) -> None:
    """Whatever stands in the header, and in the parts of a token, Agora says no, and is not hurt by it."""
    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    )
    names = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "iss", "aud", "exp", "nbf", "iat", "serviceurl"])
    pieces = st.dictionaries(names, json_values | st.sampled_from(["RS256", "one", ISSUER, SERVICE]), max_size=6)
    made = st.builds(lambda head, body, end: ".".join((encoded(head), encoded(body), end)), pieces, pieces,
                     st.text("abcXYZ019-_=", max_size=30))  # fmt: skip
    headers = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_categories=["Cc"]), max_size=60) | made
    loop = asyncio.get_running_loop()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(headers)
    def ask(token: str) -> None:
        answer = asyncio.run_coroutine_threadsafe(teams.send(activity(text="hi"), token), loop).result(20)
        assert answer.status == 401, token

    await asyncio.to_thread(ask)
    assert kept() == []


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
