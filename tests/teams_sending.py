"""Agora's side of what is sent to Teams: people and places there, and what is to be delivered to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.cards import Card, Link, T, simple
from bot.config import Settings
from bot.gateway import POST, Delivery, Gateway
from bot.inbound import Inbound
from bot.pacing import Pace
from bot.router import Router
from bot.runtime import Runtime
from bot.teams import store
from bot.teams.delivery import Deliverer
from bot.teams.store import CHANNEL, PERSONAL, Reference
from bot.teams.tokens import Tokens
from bot.texts import Reader
from models.base import transaction
from models.people import Account, Person
from models.places import CHANNEL as OPEN
from models.places import PRIVATE, Membership, Place
from tests.teams_server import TeamsServer

APP, TENANT, GENERAL = "6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b", "t1", "19:general@thread.tacv2"
BOT = f"28:{APP}"


class Answer:
    """An answer of ``Authority``, as msal reads it."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status_code, self.headers, self.text = status, {"Content-Type": "application/json"}, json.dumps(body)

    def raise_for_status(self) -> None:
        assert self.status_code < 400


class Authority:
    """Microsoft's login, and a machine's own identity, at the edge of the network: it counts tokens."""

    def __init__(self, lasts: int = 3600) -> None:
        self.asked: list[dict[str, Any]] = []
        self.lasts = lasts
        self.refuses = False

    def get(self, url: str, params: dict[str, Any] | None = None, **about: Any) -> Answer:
        """What the login is made of; or, by a machine's own identity, a token."""
        if "169.254.169.254" in url:
            return self._token({**(params or {}), "url": url})
        base = url.partition("/v2.0")[0]
        return Answer(200, {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token",
                            "issuer": base, "device_authorization_endpoint": f"{base}/device"})  # fmt: skip

    def post(self, url: str, data: dict[str, Any] | None = None, **about: Any) -> Answer:
        """A token."""
        return self._token({**(data or {}), "url": url})

    def close(self) -> None:
        """Nothing is open."""

    def _token(self, asked: dict[str, Any]) -> Answer:
        self.asked.append(asked)
        if self.refuses:
            return Answer(400, {"error": "invalid_client", "error_description": "AADSTS7000222"})
        token = {"access_token": f"token{len(self.asked)}", "token_type": "Bearer"}
        return Answer(200, {**token, "expires_in": self.lasts, "resource": "x"})


def settings(**about: Any) -> Settings:
    """Those of an app with a secret."""
    given = {"teams_app_id": APP, "teams_app_secret": "s", "teams_tenants": (TENANT,), "company_domains": ("x.org",)}
    return Settings(public_url="https://agora.example.com", **{**given, **about})


class Writing(Gateway):
    """What the outbox knows of Teams."""

    name = "teams"

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """Nothing comes in."""
        raise ValueError("nothing comes in")

    def paces(self, delivery: Delivery) -> Sequence[Pace]:
        """See ``Gateway``."""
        return self._deliverer.paces(delivery)

    async def deliver(self, delivery: Delivery) -> str:
        """See ``Gateway``."""
        return await self._deliverer.deliver(delivery)

    async def reconcile(self, delivery: Delivery) -> str | None:
        """See ``Gateway``."""
        return await self._deliverer.reconcile(delivery)


@asynccontextmanager
async def sending(server: TeamsServer, authority: Authority | None = None, **about: Any) -> AsyncIterator[Deliverer]:
    """What writes to ``server``."""
    given = settings(**about)
    runtime = Runtime(given, Router(), "test")
    deliverer = Deliverer(runtime, Tokens(given, authority or Authority()), graph=server.url.rstrip("/"))
    try:
        yield deliverer
    finally:
        await deliverer.close()


def someone(handle: str, locale: str = "en", met: str | None = None, spoken: bool = True) -> int:
    """A person with an account; ``met`` is the service's address where Agora has heard of their own chat, which is
    begun where they have ``spoken``."""
    key = f"aad-{handle}"
    with transaction() as session:
        person = Person(handle=handle, name=handle.title(), locale=locale)
        person.accounts = [Account(platform="teams", installation=TENANT, external=key, private=key)]
        session.add(person)
        session.flush()
        place = Place(platform="teams", installation=TENANT, key=key, kind=PRIVATE, name=person.name, closed=True)
        session.add(place)
        session.flush()
        session.add(Membership(place_id=place.id, person_id=person.id))
        if met is not None:
            known = Reference(TENANT, key, PERSONAL, f"a:{handle}" if spoken else None, f"29:{handle}", met, BOT)
            store.refresh(session, known)
        return person.id


def channel(url: str, *people: int, key: str = GENERAL) -> None:
    """A channel with these people in it."""
    with transaction() as session:
        place = Place(platform="teams", installation=TENANT, key=key, kind=OPEN, name="General")
        session.add(place)
        session.flush()
        session.add_all(Membership(place_id=place.id, person_id=each) for each in people)
        store.refresh(session, Reference(TENANT, key, CHANNEL, key, None, url, BOT))


def unreachable(key: str) -> str | None:
    """Why nothing reaches this conversation."""
    with transaction() as session:
        found = store.reference_of(session, TENANT, key)
        return found.unreachable if found else None


def delivery(conversation: str, card: Card | None = None, number: int = 1, **about: Any) -> Delivery:
    """Something to be delivered."""
    card = card or simple(T("Hello"), Link(T("Open the page"), "/entries/5"))
    given = {"operation": POST, "reader": Reader("en"), **about}
    return Delivery(number, TENANT, conversation, card=card, **given)


def words(card: Any) -> str:
    """All that a card says."""
    return json.dumps(card, ensure_ascii=False)


async def until_called(look: Any, seconds: float = 10.0) -> None:
    """Wait until ``look()`` is true."""
    async with asyncio.timeout(seconds):
        while not look():
            await asyncio.sleep(0.01)
