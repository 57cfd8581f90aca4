"""Whether Teams will work, and for how long: said by the check, and at start."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

import app
from bot.check.teams import check_teams, warnings
from bot.config import Settings, SettingsError, load
from models.base import disconnect

APP: dict[str, Any] = {"teams_app_id": "app", "teams_tenants": ("t1",)}
NOWHERE = "http://127.0.0.1:1/metadata"


def found(**about: Any) -> dict[str, Any]:
    """The checks by name."""
    given = {**APP, "teams_openid_metadata_url": NOWHERE, **about}
    return {each.name: each for each in check_teams(Settings(**given))}


def certificate(path: Path, days: int, other_key: bool = False) -> Path:
    """A certificate and its key that end in so many days."""
    key, now = rsa.generate_private_key(public_exponent=65537, key_size=2048), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "agora")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    if other_key:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_without_teams_there_is_little_to_say() -> None:
    assert [(each.found, each.ok) for each in check_teams(Settings())] == [("off", True)]
    (local,) = check_teams(Settings(teams_local=True))
    assert local.ok and "this machine alone" in local.found


def test_an_app_needs_a_way_to_say_who_it_is() -> None:
    assert not found()["Teams"].ok
    assert found(teams_app_secret="s")["Teams"].ok
    assert found(teams_managed_identity=True)["Teams"].ok
    assert not found(teams_app_secret="s", teams_managed_identity=True)["Teams"].ok


def test_a_list_of_nobody_is_wrong() -> None:
    assert not found(teams_tenants=())["Teams tenants"].ok
    assert found()["Teams tenants"].ok


@pytest.mark.parametrize(
    ("days", "ok", "advised"), [(-1, False, True), (0, False, True), (29, True, True), (90, True, False)]
)
def test_a_secret_that_ends_soon(days: int, ok: bool, advised: bool) -> None:
    ends = date.today() + timedelta(days=days)  # noqa: DTZ011 - a day as people write it
    check = found(teams_app_secret="s", teams_secret_expires=ends)["Teams secret"]
    assert (check.ok, bool(check.fix)) == (ok, advised)
    given = Settings(**APP, teams_app_secret="s", teams_secret_expires=ends)
    assert bool(warnings(given)) is advised


def test_of_a_secret_whose_end_nobody_knows_that_is_said() -> None:
    check = found(teams_app_secret="s")["Teams secret"]
    assert check.ok and "TEAMS_SECRET_EXPIRES" in check.fix


@pytest.mark.parametrize(("days", "ok", "advised"), [(-1, False, True), (29, True, True), (90, True, False)])
def test_a_certificate_says_itself_when_it_ends(tmp_path: Path, days: int, ok: bool, advised: bool) -> None:
    path = certificate(tmp_path / "teams.pem", days)
    check = found(teams_app_certificate=path)["Teams certificate"]
    assert (check.ok, bool(check.fix)) == (ok, advised), check


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    for content in (b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"):
        (tmp_path / "bad.pem").write_bytes(content)
        assert not found(teams_app_certificate=tmp_path / "bad.pem")["Teams certificate"].ok
    assert not found(teams_app_certificate=tmp_path / "missing.pem")["Teams certificate"].ok
    mixed = certificate(tmp_path / "mixed.pem", 90, other_key=True)
    assert "not that of" in found(teams_app_certificate=mixed)["Teams certificate"].found


@pytest.fixture
def publisher() -> Iterator[str]:
    """Where keys are published."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = f"http://127.0.0.1:{self.server.server_address[1]}"
            self.send_response(200)
            self.end_headers()
            said = {"jwks_uri": f"{host}/keys"} if self.path == "/metadata" else {"keys": [{"kid": "one"}]}
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/metadata"
    server.shutdown()
    thread.join()
    server.server_close()


def test_whether_the_keys_can_be_had(publisher: str) -> None:
    assert found(teams_openid_metadata_url=publisher)["Teams keys"].ok
    check = found()["Teams keys"]
    assert not check.ok and "TEAMS_OPENID_METADATA_URL" in check.fix


def test_what_is_wrong_is_said_at_start(database: str) -> None:
    """And it stops nothing: neither what is missing, nor keys that cannot be had."""
    settings = Settings(teams_app_id="app", teams_openid_metadata_url=NOWHERE)
    runtime, _ = app.build(settings, database)

    async def begin() -> None:
        await runtime.gateways["teams"].start()
        await runtime.gateways["teams"].close()

    with structlog.testing.capture_logs() as logged:
        asyncio.run(begin())
    disconnect()
    said = " ".join(str(each.get("what")) for each in logged if each["log_level"] == "warning")
    assert "TEAMS_APP_SECRET" in said and "TEAMS_TENANTS" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("TEAMS_APP_ID", "an app"), ("TEAMS_TENANTS", "a/b"), ("TEAMS_OPENID_METADATA_URL", "http://example.com/x"),
     ("TEAMS_OPENID_METADATA_URL", "nonsense"), ("TEAMS_OPENID_METADATA_URL", "https://[x"),
     ("TEAMS_SECRET_EXPIRES", "soon"), ("TEAMS_LOCAL", "perhaps")],
)  # fmt: skip
def test_settings_that_cannot_be(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load({name: value}, tmp_path / "none")
    assert error.value.lines and error.value.lines[0].startswith(f"{name}: ")


def test_settings_that_can(tmp_path: Path) -> None:
    given = {"TEAMS_APP_ID": "A-1", "TEAMS_TENANTS": "B1, c2,b1", "TEAMS_OPENID_METADATA_URL": "http://127.0.0.1:9/x"}
    settings = load(given, tmp_path / "none")
    assert settings.teams and settings.teams_tenants == ("b1", "c2")
    assert not load({}, tmp_path / "none").teams
