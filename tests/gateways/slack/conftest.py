"""Agora in a workspace of Slack, reached over HTTP, and the Slack that it talks to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from sqlalchemy import select

from bot.runtime import Runtime
from bot.slack.gateway import SlackGateway
from models.base import engine, reading, transaction
from models.mail import Inbox, Outbox
from models.people import Account, by_handle
from models.places import CHANNEL, PRIVATE, Membership, Place
from tests.gateways.conftest import Starter, until
from tests.gateways.slack.fake import TOKEN, FakeSlack, fake_slack
from tests.gateways.slack.sent import PUBLIC_URL, SECRET, encoded, signed
from tests.slack_here import Here, at_work

TEAM = "T0COMPANY"
PEOPLE = {"mona": "U0MONA", "omar": "U0OMAR", "noa": "U0NOA"}


@dataclass
class Workspace:
    """Agora, and the Slack around it."""

    runtime: Runtime
    client: TestClient[Any, Any]
    slack: FakeSlack

    @property
    def gateway(self) -> SlackGateway:
        found = self.runtime.gateways["slack"]
        assert isinstance(found, SlackGateway)
        return found

    async def hears(self, what: dict[str, Any], **headers: str) -> ClientResponse:
        """What comes back when Slack sends this."""
        kind, body = encoded(what)
        return await self.posts(body, {**signed(body), "Content-Type": kind, **headers})

    async def posts(self, body: bytes, headers: dict[str, str]) -> ClientResponse:
        response = await self.client.post("/slack/events", data=body, headers=headers)
        await response.read()
        return response

    def kept(self) -> list[Inbox]:
        """What was captured, in order."""
        with reading() as session:
            return list(session.scalars(select(Inbox).where(Inbox.platform == "slack").order_by(Inbox.id)))

    def sent(self) -> list[Outbox]:
        """What is to be said on Slack."""
        with reading() as session:
            return list(session.scalars(select(Outbox).where(Outbox.platform == "slack").order_by(Outbox.id)))

    async def handled(self, count: int) -> list[Inbox]:
        """What was captured, once so many events are done."""
        done: list[Inbox] = await until(
            lambda: found if len(found := [row for row in self.kept() if row.state == "done"]) >= count else None
        )
        return done


def settle_in() -> None:
    """The people and the channel of the workspace."""
    with transaction() as session:
        everybody = []
        for handle, id in PEOPLE.items():
            person = by_handle(session, handle)
            assert person is not None
            session.add(Account(person_id=person.id, platform="slack", installation=TEAM, external=id, private=id))
            own = Place(platform="slack", installation=TEAM, key=id, kind=PRIVATE, name=person.name, closed=True)
            session.add(own)
            session.flush()
            session.add(Membership(place_id=own.id, person_id=person.id))
            everybody.append(person)
        general = Place(platform="slack", installation=TEAM, key="C0GENERAL", kind=CHANNEL, name="general")
        session.add(general)
        session.flush()
        session.add_all(Membership(place_id=general.id, person_id=person.id) for person in everybody)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as found:
        yield found


@pytest.fixture
async def workspace(start: Starter, slack: FakeSlack) -> Workspace:
    """Agora by one token, over HTTP."""
    return await enter(start, slack)


async def enter(start: Starter, slack: FakeSlack, **about: Any) -> Workspace:
    """Agora with settings of the test's choosing."""
    given = {"slack_bot_token": TOKEN, "slack_signing_secret": SECRET, "public_url": PUBLIC_URL}
    site = await start(slack_api_url=slack.api, **{**given, **about})
    settle_in()
    return Workspace(site.runtime, site.client, slack)


@pytest.fixture
def here(database: str) -> Iterator[Here]:
    """Agora in a workspace of nobody yet."""
    with at_work(database) as found:
        yield found


@asynccontextmanager
async def no_database() -> AsyncIterator[None]:
    """The database takes nobody, and nobody is left in it."""
    url = engine().url.set(drivername="postgresql")
    elsewhere = url.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(elsewhere, autocommit=True) as admin:
        admin.execute(f'alter database "{url.database}" allow_connections false')
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (url.database,))
        left = "select count(*) from pg_stat_activity where datname = %s"
        while admin.execute(left, (url.database,)).fetchone() != (0,):  # they end when they come to it
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            admin.execute(f'alter database "{url.database}" allow_connections true')
