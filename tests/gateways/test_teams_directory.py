"""Who and what there is in Teams: met when something happens, and followed when Teams says so."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from sqlalchemy import select

from models import access
from models.base import reading, transaction
from models.facts import Fact
from models.joining import Profile, account_for
from models.mail import FAILED, Inbox
from models.people import Account
from models.places import place_at
from tests.gateways.teams_met import BOARD, CHAT, OFFERS, TEAM, Met, members, place, somebody, team
from tests.teams_roster import DOMAIN, member
from tests.teams_service import BOT, TENANT, Json, person


async def test_whoever_writes_first_is_met(met: Met) -> None:
    met.roster.members["a:lea"] = [member("lea")]
    about: Json = {"entities": [{"type": "clientInfo", "locale": "it-IT", "timezone": "Europe/Rome"}]}
    assert await met.happens(text="help", **about) == ["done"]
    lea = somebody("aad-lea")
    assert (lea.name, lea.email, lea.kind) == ("Lea of Teams", f"lea@{DOMAIN}", "employee")
    own = place("aad-lea")
    assert own is not None and (own.kind, own.closed) == ("private", True) and members("aad-lea") == {"aad-lea"}
    await met.happens(text="help", **about)
    await met.happens(text="help", **about | {"localTimezone": "Asia/Dubai"})
    lea = somebody("aad-lea")
    assert (lea.locale, lea.timezone) == ("it", "Asia/Dubai")
    assert len(met.roster.asked) == 1  # they are asked about once


async def test_whom_the_company_knows_from_slack_is_the_same(met: Met) -> None:
    with transaction() as session:
        known = account_for(session, Profile("slack", "T1", "U1", "Lea", email=f"lea@{DOMAIN}"), trusted=True)
    met.roster.members["a:lea"] = [member("lea")]
    await met.happens(text="help")
    assert somebody("aad-lea").id == known.person_id


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ({"userRole": "guest"}, "guest"),
        ({"userPrincipalName": "lea_partner.example#EXT#@acme.onmicrosoft.example"}, "guest"),
        ({"tenantId": "another"}, "outsider"),
        ({"tenantId": None}, "outsider"),
        ({"userRole": "anonymous"}, "outsider"),
        ({"userRole": None}, "outsider"),
    ],
    ids=str,
)
async def test_who_is_no_employee_is_not_taken_for_one(met: Met, about: Json, kind: str) -> None:
    met.roster.members["a:lea"] = [member("lea", **about)]
    await met.happens(text="help")
    lea = somebody("aad-lea")
    assert (lea.kind, lea.email) == (kind, None)


async def test_a_channel_is_met_with_everybody_in_it(met: Met) -> None:
    met.roster.page = 2
    team(met, *(member(name) for name in ("lea", "tom", "ada", "ben", "eva")))
    await met.happens(where=OFFERS, text="<at>Agora</at> help")
    here = place(OFFERS)
    assert here is not None
    assert (here.name, here.kind, here.closed, here.members_known) == ("Sales › Offers", "channel", True, True)
    assert members(OFFERS) == {f"aad-{name}" for name in ("lea", "tom", "ada", "ben", "eva")}
    await met.happens(where=TEAM, by="tom", text="<at>Agora</at> help")
    general = place(TEAM)
    assert general is not None and general.name == "Sales"


async def test_only_what_all_of_them_may_read_is_shown_in_a_channel(met: Met) -> None:
    team(met, member("lea"), member("tom", userRole="guest"))
    await met.happens(where=OFFERS, text="<at>Agora</at> help")
    with reading() as session:
        here = place_at(session, "teams", TENANT, OFFERS)
        assert here is not None and access.EVERYONE not in access.keys_in(session, here)


async def test_a_chat_of_several_is_closed_and_named_by_who_is_in_it(met: Met) -> None:
    met.roster.members[CHAT] = [member(name) for name in ("lea", "tom", "ada", "ben")]
    await met.happens(where=CHAT, text="<at>Agora</at> help")
    here = place(CHAT)
    assert here is not None and (here.kind, here.closed) == ("group", True)
    assert here.name == "Lea of Teams, Tom of Teams, Ada of Teams, …"
    await met.happens("conversationUpdate", where=CHAT, topicName="Lunch")
    assert (found := place(CHAT)) is not None and found.name == "Lunch"


async def test_who_joins_a_team_joins_its_standard_channels(met: Met) -> None:
    team(met, member("lea"))
    for channel in (OFFERS, BOARD):
        await met.happens(where=channel, text="<at>Agora</at> help")
    met.roster.members[TEAM].append(member("tom"))
    await met.happens("conversationUpdate", where=TEAM, membersAdded=[person("tom")],
                      channelData={"eventType": "teamMemberAdded"})  # fmt: skip
    assert members(OFFERS) == {"aad-lea", "aad-tom"} and members(BOARD) == {"aad-lea"}
    await met.happens("conversationUpdate", where=TEAM, membersRemoved=[person("lea")],
                      channelData={"eventType": "teamMemberRemoved"})  # fmt: skip
    assert members(OFFERS) == {"aad-tom"} and members(BOARD) == set()


async def test_who_joins_a_private_channel_is_in_that_one(met: Met) -> None:
    team(met, member("lea"), member("tom"))
    for channel in (OFFERS, BOARD):
        await met.happens(where=channel, text="<at>Agora</at> help")
    await met.happens("conversationUpdate", where=BOARD, membersAdded=[person("tom")],
                      channelData={"eventType": "teamMemberAdded"})  # fmt: skip
    assert members(BOARD) == {"aad-lea", "aad-tom"}
    await met.happens("conversationUpdate", where=BOARD, membersRemoved=[person("tom")],
                      channelData={"eventType": "teamMemberRemoved"})  # fmt: skip
    assert members(BOARD) == {"aad-lea"} and members(OFFERS) == {"aad-lea", "aad-tom"}


async def test_new_names_are_followed(met: Met) -> None:
    team(met, member("lea"))
    for channel in (TEAM, OFFERS):
        await met.happens(where=channel, text="<at>Agora</at> help")
    await met.happens("conversationUpdate", where=TEAM, channelData={
        "eventType": "channelRenamed", "channel": {"id": OFFERS, "name": "Bids"},
        "team": {"id": TEAM, "name": "Sales"}})  # fmt: skip
    assert (found := place(OFFERS)) is not None and found.name == "Sales › Bids"
    await met.happens("conversationUpdate", where=TEAM, channelData={
        "eventType": "teamRenamed", "team": {"id": TEAM, "name": "Sales South"}})  # fmt: skip
    assert (found := place(OFFERS)) is not None and found.name == "Sales South › Bids"
    assert (found := place(TEAM)) is not None and found.name == "Sales South"


async def test_whoever_installs_it_is_welcomed_once(met: Met) -> None:
    met.roster.members["a:lea"] = [member("lea")]
    await met.happens("installationUpdate", action="add")
    await met.happens("conversationUpdate", membersAdded=[{"id": BOT}])
    await met.happens("installationUpdate", action="add")
    assert facts("person.greeted") == 1


async def test_a_channel_is_welcomed_once(met: Met) -> None:
    team(met, member("lea"))
    await met.happens("installationUpdate", where=TEAM, action="add")
    await met.happens("conversationUpdate", where=TEAM, membersAdded=[{"id": BOT}])
    assert facts("place.welcomed") == 1


async def test_whoever_removes_it_cannot_be_reached_until_they_are_back(met: Met) -> None:
    met.roster.members["a:lea"] = [member("lea")]
    await met.happens(text="help")
    await met.happens("installationUpdate", action="remove")
    assert unreachable("aad-lea") == "removed"
    await met.happens("installationUpdate", action="add")
    assert unreachable("aad-lea") is None


async def test_what_teams_cannot_say_now_is_asked_again(met: Met) -> None:
    met.roster.members["a:lea"] = [member("lea")]
    met.roster.faults = [web.Response(status=429, headers={"Retry-After": "0.1"}), web.Response(status=503)]
    assert await met.happens(text="help") == ["again"]
    async with asyncio.timeout(30):
        while (await asyncio.to_thread(met._work)) != ["done"]:
            await asyncio.sleep(0.05)
    assert somebody("aad-lea").kind == "employee"


async def test_whom_teams_does_not_know_is_nobody(met: Met) -> None:
    assert await met.happens(text="help") == ["refused"]
    with reading() as session:
        assert session.scalars(select(Account).where(Account.external == "aad-lea")).first() is None
        assert session.scalars(select(Inbox).where(Inbox.state == FAILED)).first() is None


def facts(verb: str) -> int:
    with reading() as session:
        return len(session.scalars(select(Fact.id).where(Fact.verb == verb)).all())


def unreachable(key: str) -> str | None:
    with reading() as session:
        return session.scalars(select(Account.unreachable).where(Account.external == key)).one()
