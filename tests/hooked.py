"""Programs at the other end of webhooks: one that listens, and one that asks."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.hooks import signing
from models.base import reading, transaction
from models.hooks import life
from models.hooks.tables import EMAILS, Hook
from models.people import Person

LOCAL = "127.0.0.1"
TOLD = ("task.made", "task.done", "decision.decided")
_numbers = itertools.count(1)


@dataclass
class Received:
    """What arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """It, read."""
        read: dict[str, Any] = orjson.loads(self.body)
        return read


@dataclass
class Receiver:
    """A program that listens: it answers with ``statuses``, one after the other, and then with 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Remember what arrived."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(headers, await request.read()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204, headers=self.headers)

    async def got(self, count: int, seconds: float = 30) -> list[Received]:
        """What arrived, once so many have."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:
                await asyncio.sleep(0.02)
        return self.received


@asynccontextmanager
async def receiver(*statuses: int, **headers: str) -> AsyncIterator[Receiver]:
    """A program that listens on this machine."""
    program = Receiver(statuses=list(statuses), headers=headers)
    app = web.Application()
    app.router.add_post("/told", program.take)
    server = TestServer(app, host=LOCAL)
    await server.start_server()
    program.url = str(server.make_url("/told"))
    yield program
    await server.close()


def made(handle: str, url: str | None = None, people: str = EMAILS, name: str = "Jira") -> Hook:
    """A webhook that ``handle`` made: outgoing where there is a ``url``."""
    with transaction() as session:
        admin = session.scalars(select(Person).where(Person.handle == handle)).one()
        hook = life.make(session, admin, name=name, audience="everyone", url=url, events=TOLD, people=people)
    return hook


def secret(hook: Hook) -> bytes:
    """Its newest secret."""
    with reading() as session:
        return life.keys(session.get_one(Hook, hook.id))[0]


def fresh(hook: Hook) -> Hook:
    """It as it is now."""
    with reading() as session:
        return session.get_one(Hook, hook.id)


@dataclass
class Program:
    """A program that asks, through a webhook."""

    client: TestClient[Any, Any]
    hook: Hook

    async def asks(self, kind: str, sent_as: str = "", /, **data: Any) -> tuple[int, dict[str, Any]]:
        """Ask; the status and what came back."""
        response = await self.sends(orjson.dumps({"type": kind, "data": data}), sent_as)
        return response.status, await response.json()

    async def sends(
        self, body: bytes, id: str = "", key: bytes | None = None, late: int = 0, headers: dict[str, str] | None = None
    ) -> ClientResponse:
        """Send ``body``, signed."""
        stamp = int(time.time()) - late
        signed = signing.signed([key or secret(self.hook)], id or f"sent-{next(_numbers)}", stamp, body)
        given = {"Content-Type": "application/json", **signed, **(headers or {})}
        return await self.client.post(f"/hooks/{self.hook.key}", data=body, headers=given)
