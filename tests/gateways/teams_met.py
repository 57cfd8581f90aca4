"""Agora, and the side of Teams that says who is where."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.claims import claim
from bot.held import Held
from bot.inbox import LEASE
from bot.jobs import perform, take
from bot.teams import roster
from bot.teams.tokens import Tokens
from bot.waiting import NOBODY
from bot.worker import _CLAIM
from models.base import reading, transaction
from models.people import Account, Person, by_account
from models.places import Membership, Place, place_at
from tests.gateways.teams import Teams
from tests.teams_roster import Roster
from tests.teams_service import TENANT, Json, activity

TEAM, OFFERS, BOARD, CHAT = "19:team@thread.tacv2", "19:offers@thread.tacv2", "19:board@thread.tacv2", "19:x@thread.v2"


@dataclass
class Met:
    """Agora, and what it may ask Teams about."""

    teams: Teams
    roster: Roster

    async def happens(
        self, kind: str = "message", by: str = "lea", where: str | None = None, **about: Any
    ) -> list[str]:
        """Something happens in Teams, and is handled; the outcomes."""
        told = about | {"serviceUrl": self.roster.url}
        sent = activity(kind, by=by, where=where, **told)
        if where in (TEAM, OFFERS, BOARD):
            sent["conversation"]["conversationType"] = "channel"
            sent["channelData"] |= {"team": {"id": TEAM}, "channel": {"id": where}} | about.get("channelData", {})
        response = await self.teams.send(sent, self.teams.issuer.token(serviceurl=self.roster.url))
        assert response.status in (200, 201, 202), response.status
        return await asyncio.to_thread(self._work)

    def _work(self) -> list[str]:
        outcomes: list[str] = []
        while True:
            with transaction() as session:
                rows = claim(session, "inbox", _CLAIM, self.teams.runtime.holder, 100, LEASE)
            if not rows:
                return outcomes
            for row in rows:
                held = Held(row.lane, row.id, row.platform, row.payload, row.attempts, row.correlation,
                            self.teams.runtime.holder)  # fmt: skip
                outcomes.append(self.teams.runtime.dispatcher.handle(held, NOBODY).outcome)

    async def works(self) -> Json | None:
        """What came of the job that waits; ``None`` where none does."""
        return await asyncio.to_thread(self._job)

    def _job(self) -> Json | None:
        with transaction() as session:
            run = take(session, "test", [roster.FILL])
        return perform(self.teams.runtime.router, run, roster.FILL, "test") if run is not None else None


class Given(Tokens):
    """A token without asking Microsoft for it."""

    async def get(self, resource: str = "", tenant: str | None = None) -> str | None:
        return "token"


def somebody(key: str) -> Person:
    with reading() as session:
        return by_account(session, "teams", TENANT, key)


def place(key: str) -> Place | None:
    with reading() as session:
        return place_at(session, "teams", TENANT, key)


def members(key: str) -> set[str]:
    with reading() as session:
        here = place_at(session, "teams", TENANT, key)
        assert here is not None
        rows = select(Account.external).join(Membership, Membership.person_id == Account.person_id)
        return set(session.scalars(rows.where(Membership.place_id == here.id, Account.platform == "teams")))


def team(met: Met, *people: Json) -> None:
    """A team of these people with two standard channels and a private one."""
    met.roster.teams[TEAM] = {"id": TEAM, "name": "Sales"}
    met.roster.channels[TEAM] = [{"id": TEAM, "type": "standard"}, {"id": OFFERS, "name": "Offers", "type": "standard"},
                                 {"id": BOARD, "name": "Board", "type": "private"}]  # fmt: skip
    met.roster.members |= {TEAM: list(people), OFFERS: list(people), BOARD: list(people[:1])}
