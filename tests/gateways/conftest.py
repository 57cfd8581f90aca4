"""Agora at work on a small company, reached over HTTP."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bot.runtime import Runtime
from bot.serve import application
from bot.teams import invokes
from bot.teams.delivery import Deliverer
from bot.teams.gateway import TeamsGateway
from bot.web import lookup
from bot.web.store import WebMessage
from bot.web.views import place_for, viewer_of
from models import base
from models.base import reading
from tests.gateways.teams import Teams, served
from tests.gateways.teams_met import Given, Met
from tests.teams_roster import DOMAIN, Roster
from tests.teams_sending import sending
from tests.teams_server import TeamsServer
from tests.town import populate, settle, working


@dataclass
class Tab:
    """A person in their browser."""

    client: TestClient[Any, Any]
    handle: str
    installation: str = "slack"
    _keys: itertools.count[int] = field(default_factory=lambda: itertools.count(10_000_000))

    @property
    def base(self) -> str:
        return f"/as/{self.handle}/{self.installation}"

    async def post(self, path: str, headers: dict[str, str] | None = None, **data: Any) -> ClientResponse:
        data.setdefault("key", f"key-{next(self._keys)}")
        return await self.client.post(f"{self.base}/{path}", json=data, headers=headers)

    async def says(self, text: str, place: str | None = None, **more: Any) -> dict[str, Any]:
        """Write; what came back."""
        return await (await self.post("messages", place=place or f"dm:{self.handle}", text=text, **more)).json()

    async def presses(self, route: str, id: int, message: WebMessage, **more: Any) -> dict[str, Any]:
        """Press a button on ``message``; what came back."""
        more = {"place": message.conversation, "message": str(message.id), **more}
        return await (await self.post("press", route=route, id=id, **more)).json()

    async def page(self, path: str) -> str:
        """The HTML of a page of this tab."""
        response = await self.client.get(f"{self.base}{path}")
        assert response.status == 200, await response.text()
        return await response.text()

    def messages(self, place: str | None = None, thread: str | None = None) -> list[WebMessage]:
        """What the person sees there."""
        with reading() as session:
            viewer = viewer_of(session, self.handle, self.installation)
            found = place_for(session, viewer, place or f"dm:{self.handle}")
            return lookup.messages(session, viewer.person, found, thread) if found else []

    async def sees(self, count: int, place: str | None = None, thread: str | None = None) -> list[WebMessage]:
        """What the person sees there once there are ``count`` messages."""
        return await until(lambda: self._if_so_many(count, place, thread))

    def _if_so_many(self, count: int, place: str | None, thread: str | None) -> list[WebMessage] | None:
        found = self.messages(place, thread)
        return found if len(found) >= count else None


async def until(look: Callable[[], Any], seconds: float = 60) -> Any:
    """What ``look`` returns as soon as that is something."""
    async with asyncio.timeout(seconds):
        while not (found := await asyncio.to_thread(look)):
            await asyncio.sleep(0.02)
        return found


@dataclass
class Site:
    """Agora, and a way to be each person."""

    runtime: Runtime
    client: TestClient[Any, Any]

    def tab(self, handle: str, installation: str = "slack") -> Tab:
        return Tab(self.client, handle, installation)


Starter = Callable[..., Awaitable[Site]]


@pytest.fixture
async def start(database: str) -> AsyncIterator[Starter]:
    """Starts Agora with settings of the test's choosing."""
    base.connect(database)
    populate()
    stack: list[Any] = []

    async def begin(**about: Any) -> Site:
        context = working(settle(**about), database)
        runtime = await context.__aenter__()
        client = TestClient(TestServer(application(runtime)))
        await client.start_server()
        stack.extend([context, client])
        return Site(runtime, client)

    yield begin
    for context, client in zip(stack[::2], stack[1::2], strict=True):
        await client.close()
        await context.__aexit__(None, None, None)


@pytest.fixture
async def site(start: Starter) -> Site:
    """Agora with its playground."""
    return await start()


@pytest.fixture
def connected(database: str) -> Iterator[str]:
    """A database, and connections to it."""
    base.connect(database, pool=12)
    yield database
    base.disconnect()


@pytest.fixture
async def service(connected: str) -> AsyncIterator[TeamsServer]:
    """Teams, as whoever writes there sees it."""
    async with TeamsServer() as service:
        yield service


@pytest.fixture
async def deliverer(service: TeamsServer) -> AsyncIterator[Deliverer]:
    """What writes into Teams."""
    async with sending(service) as deliverer:
        yield deliverer


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a machine is busy, an answer that takes long is not what is looked at here."""
    monkeypatch.setattr(invokes, "PATIENCE", 60.0)


@pytest.fixture
async def teams(database: str) -> AsyncIterator[Teams]:
    """Agora in Teams."""
    async with served(database) as found:
        yield found


@pytest.fixture
async def met(database: str) -> AsyncIterator[Met]:
    """Agora in Teams, where nobody of these conversations was met yet."""
    roster = Roster()
    await roster.start()
    async with served(database, company_domains=(DOMAIN,)) as teams:
        gateway = teams.runtime.gateways["teams"]
        assert isinstance(gateway, TeamsGateway)
        gateway.deliverer._tokens = Given(teams.runtime.settings)
        yield Met(teams, roster)
    await roster.server.close()
