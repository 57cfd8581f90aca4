"""What Teams sends is kept before it is acknowledged, once however often it comes; and the playground's door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.teams import references
from bot.teams.store import TeamsConversation, lost
from models.base import connect, reading, transaction
from tests.gateways.teams import Teams, kept, served
from tests.gateways.test_teams_hostile import JSON, KINDS, NAMES
from tests.teams_service import CHANNEL, TENANT, Json, activity


@pytest.fixture
async def local(database: str) -> AsyncIterator[Teams]:
    """Agora for the Teams playground on this machine, without an app."""
    async with served(database, teams_app_id=None, teams_local=True, teams_tenants=()) as found:
        yield found


def reference(conversation: str, installation: str = TENANT) -> TeamsConversation | None:
    with reading() as session:
        return session.get(TeamsConversation, (installation, conversation))


async def test_what_is_acknowledged_is_kept(teams: Teams) -> None:
    said = activity(id="1", text="How do I reset the VPN?")
    assert (await teams.send(said)).status == 200
    (row,) = kept()
    assert (row.installation, row.conversation, row.kind, row.key) == (TENANT, "aad-mona", "message", "1")
    assert row.payload and row.payload["actor"] == "aad-mona" and row.payload["activity"] == said


async def test_the_same_again_changes_nothing(teams: Teams) -> None:
    said = activity(text="hi")
    answers = await asyncio.gather(*(teams.send(said) for _ in range(5)))
    assert [each.status for each in answers] == [200] * 5
    assert len(kept()) == 1


async def test_an_edit_is_an_event_of_its_own(teams: Teams) -> None:
    await teams.send(activity(id="1", text="one"))
    for when in ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z", "2026-11-20T09:05:00Z"):
        await teams.send(activity("messageUpdate", id="1", text="two", timestamp=when))
    assert [row.kind for row in kept()] == ["message", "message_changed", "message_changed"]


async def test_what_is_passed_over_is_acknowledged_all_the_same(teams: Teams) -> None:
    for kind in ("typing", "event", "brandNew"):
        assert (await teams.send(activity(kind))).status == 200
    assert kept() == []


async def test_nothing_is_acknowledged_that_cannot_be_kept(teams: Teams) -> None:
    assert (await teams.send(activity(text="before"))).status == 200
    connect("postgresql+psycopg://agora@127.0.0.1:1/nothing")
    store = teams.runtime.inbox._store
    assert store is not None
    await store.line.close()
    for by in ("mona", "somebody new"):
        answer = await teams.send(activity(text="lost", by=by))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2"), by


async def test_bodies_that_are_no_activities(teams: Teams) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'"x"',
        b"[" * 3000,
        b"\xff\xfe",
        b'{"conversation": {"id": 7}}',
    ):
        headers = {"Authorization": f"Bearer {teams.issuer.token()}", "Content-Type": "application/json"}
        response = await teams.client.post("/api/messages", data=body, headers=headers)
        assert response.status in (400, 401), body
    wrong = {"Authorization": f"Bearer {teams.issuer.token()}", "Content-Type": "text/plain"}
    assert (await teams.client.post("/api/messages", data=b"{}", headers=wrong)).status == 415
    assert (await teams.client.get("/api/messages")).status in (404, 405)
    assert kept() == []


async def test_a_body_that_is_too_long(teams: Teams) -> None:
    assert (await teams.send(activity(text="x" * 3_000_000))).status == 413


async def test_any_activity_at_all_is_taken_or_refused(teams: Teams) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([*KINDS, "invoke"]), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5))
    def ask(kind: str, parts: Json) -> None:
        said = {**activity(kind, text="hi"), **parts}
        answer = asyncio.run_coroutine_threadsafe(teams.send(said), loop).result(20)
        assert answer.status < 500 and answer.status != 404, said

    await asyncio.to_thread(ask)


# -- how conversations are reached


async def test_who_writes_can_be_reached(teams: Teams) -> None:
    await teams.send(activity(text="hi"))
    found = reference("aad-mona")
    assert found is not None and (found.external, found.member, found.kind) == ("a:mona", "29:mona", "personal")


async def test_who_writes_in_a_channel_can_be_written_to(teams: Teams) -> None:
    await teams.send(activity(text="hi", where=f"{CHANNEL};messageid=1", by="omar"))
    channel, own = reference(CHANNEL), reference("aad-omar")
    assert channel is not None and (channel.external, channel.team) == (CHANNEL, CHANNEL)
    assert own is not None and (own.external, own.member) == (None, "29:omar")


async def test_a_service_that_moved_is_followed(teams: Teams) -> None:
    await teams.send(activity(text="hi"))
    moved = "https://smba.trafficmanager.net/uk/"
    await teams.send({**activity(text="hi"), "serviceUrl": moved}, teams.issuer.token(serviceurl=moved))
    found = reference("aad-mona")
    assert found is not None and found.service_url == moved


async def test_who_removed_agora_is_out_of_reach_until_they_are_back(teams: Teams) -> None:
    await teams.send(activity("installationUpdate", action="add"))
    await teams.send(activity("installationUpdate", action="remove"))
    found = reference("aad-mona")
    assert found is not None and found.unreachable == "removed"
    await teams.send(activity(text="I am back"))
    found = reference("aad-mona")
    assert found is not None and found.unreachable is None


async def test_who_is_back_after_blocking_can_be_reached(teams: Teams, monkeypatch: pytest.MonkeyPatch) -> None:
    """Teams tells neither: it refuses what is sent, and one day they write again."""
    monkeypatch.setattr(references, "_AGAIN_ALONE", 0.0)
    await teams.send(activity(text="hi"))
    with transaction() as session:
        lost(session, TENANT, "aad-mona", "blocked (403)", "blocked")
    await teams.send(activity(text="I am back"))
    found = reference("aad-mona")
    assert found is not None and found.unreachable is None


async def test_a_team_that_removed_agora_is_out_of_reach_with_its_channels(teams: Teams) -> None:
    other = {"channel": {"id": "19:other@thread.tacv2"}}
    said = activity(text="hi", where=CHANNEL, channelData=other)
    said["conversation"]["id"] = "19:other@thread.tacv2;messageid=1"
    await teams.send(said)
    await teams.send(activity("installationUpdate", action="remove", where=CHANNEL))
    for key in (CHANNEL, "19:other@thread.tacv2"):
        found = reference(key)
        assert found is not None and found.unreachable == "removed", key


# -- the playground


async def test_without_an_app_there_is_no_endpoint(database: str) -> None:
    async with served(database, teams_app_id=None) as nothing:
        assert (await nothing.client.post("/api/messages", json=activity(text="hi"))).status == 404


async def test_the_playground_needs_no_token(local: Teams) -> None:
    assert (await local.client.post("/api/messages", json=activity(text="hi"))).status == 200
    assert [row.kind for row in kept()] == ["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "agora.example.com"},
        {"Host": "127.0.0.1.evil.example"},
        {"X-Forwarded-For": "10.0.0.1"},
        {"Forwarded": "for=10.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_the_playground_is_for_this_machine_alone(local: Teams, headers: dict[str, str]) -> None:
    answer = await local.client.post("/api/messages", json=activity(text="hi"), headers=headers)
    assert answer.status == 404
    assert kept() == []


async def test_a_page_of_elsewhere_cannot_pass_for_the_playground(local: Teams) -> None:
    """Without asking first a page can send these kinds of bodies only."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = json.dumps(activity(text="hi"))
        answer = await local.client.post("/api/messages", data=body, headers={"Content-Type": kind})
        assert answer.status == 415
    assert kept() == []


async def test_with_an_app_the_playground_has_no_door(database: str) -> None:
    async with served(database, teams_local=True) as teams:
        assert (await teams.client.post("/api/messages", json=activity(text="hi"))).status == 401


async def test_a_tenant_may_be_missing_in_the_playground(local: Teams) -> None:
    said: dict[str, Any] = activity(text="hi", channelData={"tenant": None})
    said["conversation"].pop("tenantId")
    assert (await local.client.post("/api/messages", json=said)).status == 200
    assert [row.installation for row in kept()] == ["local"]
