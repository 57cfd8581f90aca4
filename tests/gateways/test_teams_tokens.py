"""Tokens by secret, certificate and managed identity: asked for seldom, renewed beside the work."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bot.config import Settings
from bot.teams.tokens import GRAPH, NoToken, Tokens
from tests.teams_sending import APP, TENANT, Authority, settings, until_called


async def test_a_secret_brings_a_token_that_is_kept() -> None:
    authority = Authority()
    tokens = Tokens(settings(), authority)
    found = await asyncio.gather(*(tokens.get() for _ in range(20)))
    assert set(found) == {"token1"} and len(authority.asked) == 1
    asked = authority.asked[0]
    assert (asked["client_id"], asked["client_secret"]) == (APP, "s")
    assert asked["scope"] == "https://api.botframework.com/.default" and f"/{TENANT}/" in asked["url"]


async def test_another_resource_in_another_tenant_has_a_token_of_its_own() -> None:
    authority = Authority()
    tokens = Tokens(settings(), authority)
    assert await tokens.get() != await tokens.get(GRAPH, "t2")
    assert "/t2/" in authority.asked[1]["url"] and "graph.microsoft.com" in authority.asked[1]["scope"]


async def test_a_certificate_signs_for_the_app(tmp_path: Path) -> None:
    authority = Authority()
    given = settings(teams_app_secret=None, teams_app_certificate=_certificate(tmp_path))
    assert await Tokens(given, authority).get() == "token1"
    assertion = authority.asked[0]["client_assertion"]
    assertion = assertion.decode() if isinstance(assertion, bytes) else assertion
    header, claims = (json.loads(base64.urlsafe_b64decode(f"{part}===")) for part in assertion.split(".")[:2])
    assert claims["iss"] == claims["sub"] == APP and ("x5t" in header or "x5t#S256" in header)
    assert "client_secret" not in authority.asked[0]


async def test_a_managed_identity_needs_no_secret() -> None:
    authority = Authority()
    given = settings(teams_app_secret=None, teams_managed_identity=True)
    assert await Tokens(given, authority).get() == "token1"
    asked = authority.asked[0]
    assert asked["client_id"] == APP and asked["resource"] == "https://api.botframework.com"


async def test_the_playground_wants_no_token() -> None:
    authority = Authority()
    assert await Tokens(Settings(teams_local=True), authority).get() is None and not authority.asked


async def test_a_token_is_renewed_before_it_ends_and_nobody_waits_for_it() -> None:
    authority = Authority(lasts=300)  # less than what is early
    tokens = Tokens(settings(), authority)
    assert await tokens.get() == "token1" == await tokens.get()
    await until_called(lambda: len(authority.asked) >= 2 and not tokens._renewing)
    authority.lasts = 3600
    assert await tokens.get() != "token1"


async def test_a_token_that_ends_at_once_is_asked_for_each_time() -> None:
    authority = Authority(lasts=30)
    tokens = Tokens(settings(), authority)
    assert [await tokens.get(), await tokens.get()] == ["token1", "token2"]


async def test_a_token_that_was_refused_is_asked_for_anew() -> None:
    authority = Authority()
    tokens = Tokens(settings(), authority)
    await tokens.get()
    tokens.forget()
    assert await tokens.get() == "token2"


async def test_where_there_is_no_token_it_is_said_without_secrets(tmp_path: Path) -> None:
    authority = Authority()
    authority.refuses = True
    with pytest.raises(NoToken, match="invalid_client"):
        await Tokens(settings(), authority).get()
    missing = settings(teams_app_secret=None, teams_app_certificate=tmp_path / "gone.pem")
    with pytest.raises(NoToken, match="FileNotFoundError"):
        await Tokens(missing, Authority()).get()


def _certificate(folder: Path) -> Path:
    """A file with a certificate of its own making, and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "agora")])
    moment = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "teams.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
