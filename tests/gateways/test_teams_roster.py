"""Who is in a conversation of Teams: all of them in the end, and nobody who left."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.teams import roster
from models import access
from models.base import reading, transaction
from models.places import place_at
from tests.gateways.teams_met import OFFERS, TEAM, Met, members, place, team
from tests.teams_roster import member
from tests.teams_sending import unreachable as lost
from tests.teams_service import BOT, TENANT


async def test_of_a_very_large_team_only_its_own_is_shown_until_a_job_has_met_all(
    met: Met, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "FEW", 4)
    met.roster.page = 2
    team(met, *(member(f"p{n}") for n in range(9)))
    await met.happens(where=OFFERS, by="p8", text="<at>Agora</at> help")
    here = place(OFFERS)
    assert here is not None and not here.members_known and members(OFFERS) >= {"aad-p0", "aad-p8"}
    with reading() as session:
        assert access.keys_in(session, here) == [f"place:{here.id}"]
    asked = len(met.roster.asked)
    await met.happens(where=OFFERS, by="p7", text="<at>Agora</at> help")
    assert len(met.roster.asked) == asked + 1, "the job is at it: only who is new is asked about"
    met.roster.faults = [web.Response(status=429, headers={"Retry-After": "0.1"}), web.Response(status=503)]
    assert await met.works() == {"members": 9, "complete": True}
    here = place(OFFERS)
    assert here is not None and here.members_known and len(members(OFFERS)) == 9
    assert await met.works() is None


async def test_who_left_while_agora_was_away_is_no_member(met: Met) -> None:
    team(met, member("lea"), member("tom"))
    for channel in (OFFERS, TEAM):
        await met.happens(where=channel, text="<at>Agora</at> help")
    await met.happens("installationUpdate", where=TEAM, action="remove")
    assert lost(OFFERS) == "removed"
    met.roster.members |= {TEAM: [member("lea")], OFFERS: [member("lea")]}
    await met.happens("conversationUpdate", where=TEAM, membersAdded=[{"id": BOT}])
    assert members(TEAM) == {"aad-lea"} and lost(OFFERS) is None
    assert await met.works() == {"members": 1, "complete": True}
    assert members(OFFERS) == {"aad-lea"} and (found := place(OFFERS)) is not None and found.members_known


async def test_of_whom_teams_does_not_tell_the_members_nothing_is_known(met: Met) -> None:
    team(met, member("lea"))
    await met.happens(where=OFFERS, text="<at>Agora</at> help")
    with transaction() as session:
        here = place_at(session, "teams", TENANT, OFFERS)
        assert here is not None
        here.members_known = False
        roster.fill_later(session, here)
        roster.fill_later(session, here)
    del met.roster.members[OFFERS]
    assert await met.works() == {"members": 0, "complete": False} and await met.works() is None
    assert members(OFFERS) == {"aad-lea"} and (found := place(OFFERS)) is not None and not found.members_known


async def test_while_agora_is_away_it_does_not_know_who_is_there(met: Met) -> None:
    team(met, member("lea"))
    await met.happens(where=OFFERS, text="<at>Agora</at> help")
    await met.happens("installationUpdate", where=TEAM, action="remove")
    assert (found := place(OFFERS)) is not None and not found.members_known
    met.roster.members[OFFERS].append(member("tom"))
    await met.happens("conversationUpdate", where=OFFERS, membersAdded=[{"id": BOT}])
    assert (found := place(OFFERS)) is not None and found.members_known
    assert members(OFFERS) == {"aad-lea", "aad-tom"}
