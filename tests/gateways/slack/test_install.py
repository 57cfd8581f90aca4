"""The app comes to a workspace, its tokens are kept and renewed, and it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.cards import T, simple
from bot.config import Settings
from bot.gateway import POST, Delivery, Throttled, Uncertain, Undeliverable
from bot.slack.clients import NotInstalled
from bot.slack.keeper import Keeper
from bot.slack.store import SlackInstallation, SlackState, Tokens, digest_of
from bot.texts import Reader
from models import base
from models.base import now, reading, transaction
from models.questions import Question
from tests.gateways.conftest import Starter, until
from tests.gateways.slack.conftest import Workspace, enter
from tests.gateways.slack.fake import FakeSlack
from tests.gateways.slack.sent import payload

KEY, NEXT = Fernet.generate_key().decode(), Fernet.generate_key().decode()
ONE = {
    "app_id": "A0AGORA", "access_token": "xoxb-one", "token_type": "bot", "scope": "chat:write,commands",
    "bot_user_id": "U0AGORA", "team": {"id": "T0COMPANY", "name": "Company"}, "enterprise": None,
    "authed_user": {"id": "U0MONA"}, "is_enterprise_install": False,
}  # fmt: skip
WHOLE = {**ONE, "access_token": "xoxb-whole", "team": None, "enterprise": {"id": "E0ORG", "name": "Organisation"},
         "is_enterprise_install": True}  # fmt: skip
ROTATING = {**ONE, "access_token": "xoxe.xoxb-1", "refresh_token": "xoxe-1", "expires_in": 43200}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """The wall clock again, whatever a test made of it."""
    yield
    base.set_clock(None)


@pytest.fixture
async def several(start: Starter, slack: FakeSlack) -> Workspace:
    """Agora that may be installed in any number of workspaces."""
    return await open_to(start, slack)


async def open_to(start: Starter, slack: FakeSlack, **about: Any) -> Workspace:
    slack.answers["oauth.v2.access"] = ONE
    given = {"slack_bot_token": None, "slack_client_id": "1.2", "slack_client_secret": "geheim", "keys": (KEY,)}
    return await enter(start, slack, **{**given, **about})


async def begin(workspace: Workspace) -> tuple[str, str]:
    """The state and the cookie of an installation that was begun."""
    response = await workspace.client.get("/slack/install", allow_redirects=False)
    assert response.status == 302
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    assert asked["client_id"] == ["1.2"] and "chat:write" in asked["scope"][0]
    assert asked["redirect_uri"] == ["https://agora.example.com/slack/oauth"]
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "Secure" in cookie
    return asked["state"][0], cookie.partition(";")[0]


async def end(workspace: Workspace, state: str, cookie: str, code: str = "c") -> tuple[int, str]:
    response = await workspace.client.get(
        "/slack/oauth", params={"state": state, "code": code}, headers={"Cookie": cookie}
    )
    return response.status, await response.text()


async def install(workspace: Workspace, answer: dict[str, Any] = ONE) -> int:
    workspace.slack.answers["oauth.v2.access"] = answer
    return (await end(workspace, *await begin(workspace)))[0]


def rows() -> list[SlackInstallation]:
    with reading() as session:
        return list(session.scalars(select(SlackInstallation).order_by(SlackInstallation.key)))


def spent() -> list[bytes]:
    """The hashes of installations that were ended."""
    with reading() as session:
        return list(session.scalars(select(SlackState.digest)))


def age(hours: float) -> None:
    """The tokens were given so long ago."""
    with transaction() as session:
        for row in session.scalars(select(SlackInstallation)):
            assert row.expires_at is not None
            row.expires_at -= timedelta(hours=hours)


async def test_a_workspace_installs_it(several: Workspace) -> None:
    status, said = await end(several, *await begin(several))
    assert status == 200 and "Agora is in Slack now" in said
    (row,) = rows()
    assert (row.key, row.name, row.bot_user, row.scopes) == (
        "T0COMPANY",
        "Company",
        "U0AGORA",
        ["chat:write", "commands"],
    )
    client = await several.gateway.clients.of("T0COMPANY")
    assert client.token == "xoxb-one"
    asked = several.slack.calls["oauth.v2.access"][0]
    assert (asked["code"], asked["redirect_uri"]) == ("c", "https://agora.example.com/slack/oauth")


async def test_whoever_installed_it_is_met(several: Workspace) -> None:
    await install(several)
    (row,) = several.kept()
    assert (row.kind, row.conversation) == ("joined", "U0MONA")
    await several.handled(1)


async def test_no_token_can_be_read_from_the_database(several: Workspace) -> None:
    await install(several, ROTATING)
    (row,) = rows()
    assert b"xox" not in row.sealed
    assert Tokens.open(row.sealed, Keeper(Settings(), [NEXT])._keys) is None


async def test_to_begin_writes_nothing_and_to_end_a_hash(several: Workspace) -> None:
    state, cookie = await begin(several)
    assert spent() == []
    assert (await end(several, state, cookie))[0] == 200
    assert spent() == [digest_of(state)]
    base.set_clock(lambda: datetime.now(UTC) + timedelta(minutes=11))
    assert (await end(several, *await begin(several)))[0] == 200
    assert len(spent()) == 1, "what is good no more is forgotten"


@pytest.mark.parametrize("change", ["state", "cookie", "twice", "late", "denied", "nothing"])
async def test_who_did_not_begin_it_cannot_end_it(several: Workspace, change: str) -> None:
    state, cookie = await begin(several)
    if change == "twice":
        assert (await end(several, state, cookie))[0] == 200
        several.slack.answers["oauth.v2.access"] = {**ONE, "access_token": "xoxb-other"}
    if change == "late":
        base.set_clock(lambda: datetime.now(UTC) + timedelta(minutes=11))
    if change in ("denied", "nothing"):
        params = {"error": "access_denied"} if change == "denied" else {}
        response = await several.client.get("/slack/oauth", params=params, headers={"Cookie": cookie})
        status, said = response.status, await response.text()
    else:
        given = {"state": "guess" if change == "state" else state, "cookie": "a=b" if change == "cookie" else cookie}
        status, said = await end(several, **given)
    assert "Agora was not installed" in said and status in ((200,) if change == "denied" else (400, 401))
    assert [Tokens.open(row.sealed, several.gateway.keeper._keys) for row in rows()] == (
        [Tokens("xoxb-one")] if change == "twice" else []
    )


async def test_a_code_that_slack_refuses(several: Workspace) -> None:
    several.slack.answers["oauth.v2.access"] = {"error": "invalid_code"}
    status, said = await end(several, *await begin(several))
    assert status == 401 and "Agora was not installed" in said


async def test_slack_cannot_be_reached(several: Workspace) -> None:
    state, cookie = await begin(several)
    several.gateway.clients._url = "http://127.0.0.1:9/api/"
    status, said = await end(several, state, cookie)
    assert status == 503 and "Agora was not installed" in said


async def test_only_the_companys_own_workspaces(start: Starter, slack: FakeSlack) -> None:
    workspace = await open_to(start, slack, slack_workspaces=("T0OTHER", "E0ORG"))
    status, said = await end(workspace, *await begin(workspace))
    assert status == 500 and "not among those" in said and rows() == []
    assert await install(workspace, WHOLE) == 200


async def test_colleagues_are_of_the_first_workspace_or_of_those_on_the_list(several: Workspace) -> None:
    def trusted(**about: Any) -> list[bool]:
        keeper = Keeper(Settings(**about), [KEY])
        return [keeper.trusts(team) for team in ("T0COMPANY", "T0TWO")]

    await install(several)
    await install(several, {**ONE, "team": {"id": "T0TWO", "name": "Two"}})
    await install(several)  # once more
    assert trusted() == [True, False]
    assert trusted(slack_workspaces=("T0TWO",)) == [False, True]
    assert trusted(slack_workspaces=("T0TWO", "T0COMPANY")) == [True, True]
    listed = Keeper(Settings(slack_workspaces=("E0ORG",)), [KEY])
    assert listed.trusts("T0TWO", "E0ORG") and not listed.trusts("T0TWO", "E0OTHER") and not listed.trusts("T0TWO")


async def test_beside_a_workspace_with_a_token_others_are_strangers(start: Starter, slack: FakeSlack) -> None:
    workspace = await open_to(start, slack, slack_bot_token="xoxb-company")
    await install(workspace, {**ONE, "team": {"id": "T0TWO", "name": "Two"}})
    assert not workspace.gateway.clients.trusts("T0TWO")
    assert workspace.gateway.clients.trusts("T0COMPANY")


async def test_a_whole_organisation(several: Workspace) -> None:
    await install(several, WHOLE)
    assert [row.key for row in rows()] == ["E0ORG"]
    with pytest.raises(NotInstalled):
        await several.gateway.clients.of("T0BRANCH")
    await several.hears(payload("message_whole_organisation"))
    assert await until(lambda: several.gateway.keeper.token("T0BRANCH")) == "xoxb-whole"
    client = await several.gateway.clients.of("T0BRANCH")
    assert client.token == "xoxb-whole"


async def test_the_first_thing_that_is_heard_of_a_workspace_may_open_a_form(several: Workspace) -> None:
    await install(several, WHOLE)
    sent = payload("block_actions_whole_organisation")
    sent["actions"][0]["action_id"] = "questions.new:0:form:0"
    await several.hears(sent)
    (opened,) = await until(lambda: several.slack.calls["views.open"])
    assert opened["token"] == "xoxb-whole"


async def test_several_workspaces_have_their_own_tokens(several: Workspace) -> None:
    await install(several)
    await install(several, {**ONE, "access_token": "xoxb-two", "team": {"id": "T0TWO", "name": "Two"}})
    await install(several, WHOLE)
    assert (await several.gateway.clients.of("T0COMPANY")).token == "xoxb-one"
    assert (await several.gateway.clients.of("T0TWO")).token == "xoxb-two"


async def test_a_token_is_renewed_once_however_many_need_it(several: Workspace) -> None:
    await install(several, ROTATING)
    age(11)
    several.slack.answers["oauth.v2.access"] = lambda asked: {
        "access_token": "xoxe.xoxb-2", "refresh_token": "xoxe-2", "expires_in": 43200
    } if asked["refresh_token"] == "xoxe-1" else {"error": "invalid_refresh_token"}  # fmt: skip
    keepers = [several.gateway.keeper, Keeper(several.runtime.settings, [KEY])]

    def all_at_once() -> set[str | None]:
        with ThreadPoolExecutor(8) as pool:
            return set(pool.map(lambda number: keepers[number % 2].token("T0COMPANY"), range(8)))

    assert await asyncio.to_thread(all_at_once) == {"xoxe.xoxb-2"}
    renewals = [call for call in several.slack.calls["oauth.v2.access"] if call.get("grant_type") == "refresh_token"]
    assert [call["refresh_token"] for call in renewals] == ["xoxe-1"]


async def test_a_token_that_cannot_be_renewed_is_used_as_long_as_it_lives(several: Workspace) -> None:
    await install(several, ROTATING)
    several.slack.answers["oauth.v2.access"] = {"error": "ratelimited", "status": 429}
    age(11)
    assert await asyncio.to_thread(several.gateway.keeper.token, "T0COMPANY") == "xoxe.xoxb-1"
    age(2)
    with pytest.raises(Throttled):
        await asyncio.to_thread(several.gateway.keeper.token, "T0COMPANY")
    several.slack.answers["oauth.v2.access"] = {"error": "internal_error", "status": 500}
    with pytest.raises(Uncertain):
        await asyncio.to_thread(several.gateway.keeper.token, "T0COMPANY")


async def test_keys_can_be_retired(several: Workspace) -> None:
    await install(several)
    assert Keeper(Settings(), [NEXT, KEY]).rotate() == 1
    assert Keeper(Settings(), [NEXT]).token("T0COMPANY") == "xoxb-one"
    assert Keeper(Settings(), [KEY]).token("T0COMPANY") is None
    assert Keeper(Settings(), [NEXT, KEY]).rotate() == 0


@pytest.mark.parametrize("name", ["app_uninstalled", "tokens_revoked"])
async def test_when_it_is_removed_its_tokens_go_and_the_companys_questions_stay(several: Workspace, name: str) -> None:
    await install(several)
    await several.hears(payload("app_mention"))
    await several.handled(2)
    await until(lambda: all(row.state == "sent" for row in several.sent()))  # whoever sends may still know the token
    gone = {**payload(name), "event_time": now().timestamp() + 5}
    await several.hears(gone)
    await until(lambda: rows() == [])
    await several.handled(3)
    with pytest.raises(NotInstalled):
        await several.gateway.clients.of("T0COMPANY")
    delivery = Delivery(1, "T0COMPANY", "C0GENERAL", POST, simple(T("Too late")), Reader())
    with pytest.raises(Undeliverable):
        await several.gateway.deliver(delivery)
    with reading() as session:
        assert len(session.scalars(select(Question)).all()) == 1


async def test_the_end_of_an_earlier_installation_does_not_end_this_one(several: Workspace) -> None:
    await install(several)
    for name in ("app_uninstalled", "tokens_revoked"):
        await several.hears({**payload(name), "event_time": now().timestamp() - 3600})
    await several.hears({**payload("tokens_revoked_of_a_user"), "event_time": now().timestamp() + 5})
    await several.handled(4)
    assert len(rows()) == 1
