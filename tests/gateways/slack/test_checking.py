"""``app.py check`` and the start say what Slack does not let Agora do, and why it is wanted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot import log
from bot.check import Check
from bot.check.slack import check_slack
from bot.config import Settings
from bot.slack import manifest
from bot.slack.scopes import SCOPES
from bot.slack.store import SlackInstallation, Tokens
from models.base import now
from tests.gateways.conftest import Starter, until
from tests.gateways.slack.conftest import enter
from tests.gateways.slack.fake import TOKEN, FakeSlack

GOOD = {"slack_bot_token": TOKEN, "slack_app_token": "xapp-company"}


async def found(slack: FakeSlack, **about: Any) -> dict[str, Check]:
    settings = Settings(slack_api_url=slack.api, **{**GOOD, **about})
    return {each.name: each for each in await asyncio.to_thread(check_slack, settings)}


async def test_all_is_well(slack: FakeSlack) -> None:
    slack.scopes = ",".join(SCOPES)
    checks = await found(slack)
    assert [each for each in checks.values() if not each.ok or each.fix] == []
    assert list(checks) == ["Slack", "Slack scopes", "Slack socket", "Slack manifest"]
    assert slack.calls["apps.connections.open"][0]["token"] == "xapp-company"


async def test_a_missing_scope_is_named_with_its_reason(slack: FakeSlack) -> None:
    slack.scopes = ",".join(scope for scope in SCOPES if scope != "users:read.email")
    check = (await found(slack))["Slack scopes"]
    assert not check.ok and check.found == f"users:read.email is missing, {SCOPES['users:read.email']}"
    assert "OAuth & Permissions" in check.fix


@pytest.mark.parametrize(("method", "name"), [("auth.test", "Slack"), ("apps.connections.open", "Slack socket")])
async def test_a_token_that_slack_refuses(slack: FakeSlack, method: str, name: str) -> None:
    slack.scopes = ",".join(SCOPES)
    slack.answers[method] = {"error": "invalid_auth"}
    check = (await found(slack))[name]
    assert not check.ok and "invalid_auth" in check.found and check.fix


@pytest.mark.parametrize("status", [429, 500])
async def test_a_slack_in_trouble(slack: FakeSlack, status: int) -> None:
    slack.answers["auth.test"] = {"error": "x", "status": status}
    check = (await found(slack))["Slack"]
    assert not check.ok and str(status) in check.found


def test_a_slack_that_is_not_there() -> None:
    settings = Settings(slack_api_url="http://127.0.0.1:9/api", **GOOD)
    (first, second, *_) = check_slack(settings)
    assert not first.ok and not second.ok and "Agora starts without Slack" in first.fix


def test_slack_must_reach_agora_over_https() -> None:
    about: dict[str, Any] = {"slack_client_id": "1.2", "slack_client_secret": "x", "slack_signing_secret": "y"}
    checks = {each.name: each for each in check_slack(Settings(**about))}
    assert not checks["Slack over HTTP"].ok and not checks["Slack installation"].ok
    about["public_url"] = "https://agora.example.com"
    checks = {each.name: each for each in check_slack(Settings(**about))}
    assert checks["Slack over HTTP"].ok and checks["Slack installation"].ok
    assert "SLACK_WORKSPACES" in checks["Slack installation"].fix
    assert check_slack(Settings(slack_workspaces=("T012AB3C4",), **about))[0].fix == ""


async def test_at_start_the_log_says_what_is_missing(
    start: Starter, slack: FakeSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("json")
    slack.scopes = ",".join(scope for scope in SCOPES if scope != "im:write")
    workspace = await enter(start, slack)
    await workspace.gateway.start()
    assert await until(lambda: workspace.gateway.around.bots.get("T0COMPANY")) == "U0AGORA"
    said = ""
    while "im:write" not in said:
        await asyncio.sleep(0.01)
        said += capsys.readouterr().err
    assert SCOPES["im:write"] in said and "chat:write" not in said


async def test_at_start_the_log_says_what_installations_and_the_manifest_lack(
    start: Starter,
    slack: FakeSlack,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older = tmp_path / "manifest.yml"
    older.write_text(manifest.FILE.read_text("utf-8").replace("- link_shared", "").replace("- dnd:read", ""), "utf-8")
    monkeypatch.setattr(manifest, "FILE", older)
    assert "dnd:read, link_shared" in (await found(slack))["Slack manifest"].found
    log.configure("json")
    about: dict[str, Any] = {"slack_bot_token": None, "slack_client_id": "1.2", "slack_client_secret": "x"}
    workspace = await enter(start, slack, **about)
    given = [scope for scope in SCOPES if scope != "files:read"]
    row = SlackInstallation(key="T0COMPANY", name="Company", bot_user="U0AGORA", scopes=given, installed_at=now())
    workspace.gateway.keeper.install(row, Tokens("xoxb-one"))
    await workspace.gateway.start()
    said = ""
    while SCOPES["files:read"] not in said:
        await asyncio.sleep(0.01)
        said += capsys.readouterr().err
    assert "dnd:read, link_shared" in said and "T0COMPANY" in said
