"""The web as a platform: it delivers into its own store, and serves the playground and Agora's pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.cards import Card, to_json
from bot.gateway import DELETE, EDIT, POST, Delivery, Gateway, Undeliverable
from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.web import lookup, store
from bot.web.lookup import PLATFORM
from bot.web.routes import Site
from bot.web.store import WebMessage
from models.base import Refusal, now, transaction
from models.people import by_account
from models.places import place_at

STREAMED = 0.25  # seconds between two updates of a message


class WebGateway(Gateway):
    """``bot.gateway.Gateway`` for the web."""

    name = PLATFORM

    def __init__(self, runtime: Runtime) -> None:
        self.site = Site(runtime)

    def routes(self) -> list[web.AbstractRouteDef]:
        """The playground, Agora's pages and the links that open them."""
        return self.site.routes()

    def wake(self, payload: str) -> None:
        """To be called when PostgreSQL notifies ``store.CHANNEL``."""
        self.site.hub.wake(payload)

    async def close(self) -> None:
        """Close the open tabs' connections, for which a server that stops would wait."""
        await self.site.hub.close()

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """What the playground captured."""
        try:
            inbound = Inbound.from_json(payload)
        except TypeError as error:
            raise ValueError("not an event of the playground") from error
        if inbound.platform != PLATFORM:
            raise ValueError("not an event of the playground")
        return inbound

    async def deliver(self, delivery: Delivery) -> str:
        """Post, edit or delete a message of Agora's; the same delivery twice changes nothing."""
        return await asyncio.to_thread(_in_transaction, delivery, _deliver)

    async def stream(self, delivery: Delivery, before: Card) -> float | None:
        """Change the message in place, if it is still as it was; the same lock that every change of it takes."""
        return await asyncio.to_thread(_in_transaction, delivery, partial(_stream, before=before))

    async def reconcile(self, delivery: Delivery) -> str | None:
        """The message of an earlier delivery: this store can always tell."""
        return await asyncio.to_thread(_in_transaction, delivery, _standing)


def _in_transaction(delivery: Delivery, do: Callable[[Session, Delivery], Any]) -> Any:
    with transaction() as session:
        return do(session, delivery)


def _deliver(session: Session, delivery: Delivery) -> str:
    if delivery.operation == EDIT:
        return _edit(session, delivery)
    if delivery.operation == DELETE:
        return _delete(session, delivery)
    if delivery.operation != POST:
        raise Undeliverable(f"there is no {delivery.operation} here")
    return _post(session, delivery)


def _standing(session: Session, delivery: Delivery) -> str | None:
    found = store.posted_by(session, delivery.outbox_id)
    return str(found.id) if found else None


def _post(session: Session, delivery: Delivery) -> str:
    if place_at(session, PLATFORM, delivery.installation, delivery.conversation) is None:
        raise Undeliverable(f"there is no place {delivery.conversation} in {delivery.installation}")
    message = WebMessage(
        installation=delivery.installation,
        conversation=delivery.conversation,
        thread=delivery.thread,
        only_for_id=_only_for(session, delivery),
        card=to_json(_card(delivery)),
        outbox_id=delivery.outbox_id,
    )
    return str(store.write(session, message).id)


def _only_for(session: Session, delivery: Delivery) -> int | None:
    if delivery.only_for is None:
        return None
    try:
        return by_account(session, PLATFORM, delivery.installation, delivery.only_for).id
    except Refusal:
        raise Undeliverable(f"{delivery.only_for} is nobody in {delivery.installation}") from None


def _edit(session: Session, delivery: Delivery) -> str:
    message = _existing(session, delivery)
    card = to_json(_card(delivery))
    if message.card != card:
        message.card, message.edited_at = card, now()
        store.touch(session, message)
    return str(message.id)


def _stream(session: Session, delivery: Delivery, before: Card) -> float | None:
    message = session.get(WebMessage, lookup.number(delivery.reference), with_for_update=True)
    if message is None or message.deleted_at is not None or message.card != to_json(before):
        return None
    message.card = to_json(_card(delivery))
    store.touch(session, message)
    return STREAMED


def _delete(session: Session, delivery: Delivery) -> str:
    message = _existing(session, delivery)
    if message.deleted_at is None:
        message.deleted_at, message.card = now(), None
        store.touch(session, message)
    return str(message.id)


def _existing(session: Session, delivery: Delivery) -> WebMessage:
    message = session.get(WebMessage, lookup.number(delivery.reference))
    here = (delivery.installation, delivery.conversation)
    if message is None or (message.installation, message.conversation) != here or message.author_id is not None:
        raise Undeliverable(f"there is no message {delivery.reference} of Agora's here")
    if message.deleted_at is not None and delivery.operation == EDIT:
        raise Undeliverable(f"message {delivery.reference} is gone")
    return message


def _card(delivery: Delivery) -> Card:
    if delivery.card is None:
        raise Undeliverable("there is nothing to say")
    return delivery.card
