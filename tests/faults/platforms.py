"""Platforms that outlive a process: a table of their own, or the playground's. Deliveries are points to die at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, from_json, to_json
from bot.gateway import DELETE, EDIT, Delivery, Gateway
from bot.inbound import Inbound
from bot.plaintext import plain
from bot.runtime import Runtime
from bot.texts import Reader
from bot.web.gateway import WebGateway
from bot.web.store import WebMessage
from models import base
from models.people import Account

TABLE = """create table if not exists platform_message (id bigint generated always as identity, platform text,
  conversation text, thread text, only_for text, outbox_id bigint, card jsonb)"""
Reach = Callable[[str], None]


@dataclass(frozen=True)
class Standing:
    """A message as it stands on a platform."""

    platform: str
    id: str
    conversation: str
    thread: str | None
    only_for: str | None
    outbox_id: int | None
    card: Card

    @property
    def buttons(self) -> list[Button]:
        """What can be pressed on it."""
        elements = [each for each in self.card.elements if isinstance(each, Actions)]
        return [button for each in elements for button in each.buttons]

    @property
    def text(self) -> str:
        """As it reads in English."""
        return plain(self.card, Reader("en"))

    def is_for(self, handle: str) -> bool:
        """Whether this person sees it: everybody is in the channel."""
        return self.only_for in (None, handle) and self.conversation in ("security", f"dm:{handle}")


class StoredPlatform(Gateway):
    """A platform that posts whatever it is given, however often, and can be asked what it was given."""

    def __init__(self, name: str, forgets: bool) -> None:
        self.name, self._forgets = name, forgets
        url = base.engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._store = psycopg.connect(url, autocommit=True)  # every statement stands by itself: it is another's store

    def routes(self) -> list[Any]:
        """Nothing is served."""
        return []

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """Events are kept in the one shape."""
        return Inbound.from_json(payload)

    async def deliver(self, delivery: Delivery) -> str:
        """Show, change or remove it."""
        card = Jsonb(to_json(delivery.card)) if delivery.card else None
        if delivery.operation == DELETE:
            self._store.execute("delete from platform_message where id = %s", [delivery.reference])
            return str(delivery.reference)
        if delivery.operation == EDIT:
            self._store.execute("update platform_message set card = %s where id = %s", [card, delivery.reference])
            return str(delivery.reference)
        row = self._store.execute(
            "insert into platform_message (platform, conversation, thread, only_for, outbox_id, card) "
            "values (%s, %s, %s, %s, %s, %s) returning id",
            [self.name, delivery.conversation, delivery.thread, delivery.only_for, delivery.outbox_id, card],
        ).fetchone()
        return str(row[0]) if row else ""

    async def reconcile(self, delivery: Delivery) -> str | None:
        """What was delivered is known."""
        row = self._store.execute(
            "select id from platform_message where outbox_id = %s", [delivery.outbox_id]
        ).fetchone()
        return str(row[0]) if row and not self._forgets else None

    async def close(self) -> None:
        """Nothing is open."""


class Mortal:
    """A gateway before and after each of whose deliveries the process may die."""

    def __init__(self, gateway: Gateway, reach: Reach) -> None:
        self.name, self._gateway, self._reach = gateway.name, gateway, reach

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def deliver(self, delivery: Delivery) -> str:
        """With two points."""
        self._reach("before a delivery")
        reference = await self._gateway.deliver(delivery)
        self._reach("after a delivery")
        return reference


def gateways(platforms: dict[str, str], forgets: bool, runtime: Runtime, reach: Reach) -> dict[str, Any]:
    """The gateways of these platforms."""
    made: dict[str, Any] = {}
    for name in sorted(set(platforms.values())):
        made[name] = Mortal(WebGateway(runtime) if name == "web" else StoredPlatform(name, forgets), reach)
    return made


def standing(session: Session) -> list[Standing]:
    """Everything that stands anywhere, oldest first."""
    rows = session.execute(sql("select platform, id::text, conversation, thread, only_for, outbox_id, card "
                               "from platform_message order by id"))  # fmt: skip
    found = [Standing(*row[:-1], from_json(row.card)) for row in rows]
    accounts = {each.person_id: each.external for each in session.scalars(select(Account))}
    for each in session.scalars(select(WebMessage).where(WebMessage.deleted_at.is_(None)).order_by(WebMessage.id)):
        only_for = accounts[each.only_for_id] if each.only_for_id else None
        found.append(Standing("web", str(each.id), each.conversation, each.thread, only_for, each.outbox_id,
                              from_json(each.card or {})))  # fmt: skip
    return found
