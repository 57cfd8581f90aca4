"""Agora in Teams, without workers: what is captured stays where it can be looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

import app
from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.serve import application
from bot.teams.gateway import TeamsGateway
from models import base
from models.base import reading, transaction
from models.mail import Inbox, Outbox
from models.people import GUEST, Account, Person
from models.places import CHANNEL as OPEN
from models.places import PRIVATE, Membership, Place
from tests.teams_service import APP, CHANNEL, TENANT, Issuer, Json
from tests.town import populate, settle


@dataclass
class Teams:
    """Agora, and the service that sends to it."""

    runtime: Runtime
    client: TestClient[Any, Any]
    issuer: Issuer

    async def send(self, activity: Any, token: str | None = None, **headers: str) -> ClientResponse:
        """Post an activity as the service does; with another ``token``, as somebody else would."""
        headers.setdefault("Authorization", f"Bearer {self.issuer.token() if token is None else token}")
        return await self.client.post("/api/messages", json=activity, headers=headers)

    async def answer(self, activity: Json) -> Json:
        """The body of the answer to an invoke; ``{}`` where it has none."""
        response = await self.send(activity)
        assert response.status == 200, await response.text()
        return await response.json() if await response.read() else {}

    def heard(self) -> list[Inbound]:
        """What was captured, parsed, in order."""
        gateway = self.runtime.gateways["teams"]
        return [gateway.parse(row.payload or {}) for row in kept()]


def kept() -> list[Inbox]:
    """The rows of the inbox."""
    with reading() as session:
        return list(session.scalars(select(Inbox).where(Inbox.platform == "teams").order_by(Inbox.id)))


def settle_in() -> None:
    """People of the town, in Teams too; and a channel for all who are employed."""
    with transaction() as session:
        channel = Place(platform="teams", installation=TENANT, key=CHANNEL, kind=OPEN, name="General")
        session.add(channel)
        session.flush()
        for someone in session.scalars(select(Person).order_by(Person.id)).all():
            key = f"aad-{someone.handle}"
            own = Place(platform="teams", installation=TENANT, key=key, kind=PRIVATE, name=someone.name, closed=True)
            session.add(own)
            session.add(Account(person_id=someone.id, platform="teams", installation=TENANT, external=key, private=key))
            session.flush()
            places = (own,) if someone.kind == GUEST else (own, channel)
            session.add_all([Membership(place_id=place.id, person_id=someone.id) for place in places])


@asynccontextmanager
async def served(database: str, **about: Any) -> AsyncIterator[Teams]:
    """Agora with an app in Teams."""
    issuer = Issuer()
    await issuer.start()
    given = {"teams_app_id": APP, "teams_tenants": (TENANT,), "teams_openid_metadata_url": issuer.url, **about}
    runtime, _ = app.build(settle(**given), database)
    gateway = runtime.gateways.get("teams")
    if isinstance(gateway, TeamsGateway):
        gateway.keys.pause = 0.2
    populate()
    settle_in()
    runtime.inbox.start()
    client = TestClient(TestServer(application(runtime)))
    await client.start_server()
    try:
        yield Teams(runtime, client, issuer)
    finally:
        await client.close()
        await runtime.inbox.stop()
        await issuer.server.close()
        base.disconnect()


def outbox() -> list[Outbox]:
    """What was, or is to be, sent to Teams."""
    with reading() as session:
        return list(session.scalars(select(Outbox).where(Outbox.platform == "teams").order_by(Outbox.id)))


def words(body: Any) -> str:
    """A body as text, without isolates."""
    return str(body).replace("\u2068", "").replace("\u2069", "")
