"""The platform of masks: what is said to one is delivered to the chat behind it, whose address is opened only here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.gateway import Delivery, Gateway, Undeliverable
from bot.inbound import Inbound
from models import masks
from models.base import reading
from models.masks import RELAY, Address
from models.people import Account, Person


class RelayGateway(Gateway):
    """``bot.gateway.Gateway`` for masks."""

    name = RELAY

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = gateways

    def parse(self, payload: dict[str, Any]) -> Inbound:
        """Nothing comes from here: masks act through their wearer's platform."""
        raise ValueError("nothing comes from the relay")

    async def deliver(self, delivery: Delivery) -> str:
        """Deliver to the chat behind the mask."""
        gateway, real = await asyncio.to_thread(self._behind, delivery)
        return await gateway.deliver(real)

    async def reconcile(self, delivery: Delivery) -> str | None:
        """Ask the platform behind the mask."""
        gateway, real = await asyncio.to_thread(self._behind, delivery)
        return await gateway.reconcile(real)

    def _behind(self, delivery: Delivery) -> tuple[Gateway, Delivery]:
        with reading() as session:
            address = masks.behind_chat(session, delivery.conversation)
        if address is None or address.platform not in self._gateways:
            raise Undeliverable("the question is over, and the way to its asker is forgotten")
        real = replace(
            delivery,
            installation=address.installation,
            conversation=address.conversation,
            person_id=address.person_id,
            only_for=None,
            mask=delivery.conversation,
        )
        return self._gateways[address.platform], real


def messages(inbound: Inbound) -> list[str]:
    """The messages on or below which this was done, of which a mask may have been sent one."""
    if inbound.conversation.startswith(RELAY):
        return []
    pressed_on = None if inbound.kind == "message" else inbound.message  # a message is new: nothing was sent as it
    return [message for message in (pressed_on, inbound.thread) if message is not None]


def masked(session: Session, inbound: Inbound, actor: Person, chats: Sequence[str]) -> tuple[Inbound, Person] | None:
    """The same event as done by the actor's mask, where it was done on a message that was sent to one of these chats of
    masks."""
    for chat in chats:
        if _is_behind(masks.behind_chat(session, chat), inbound, actor):
            return behind_mask(session, inbound, chat)
    return None


def behind_mask(session: Session, inbound: Inbound, chat: str) -> tuple[Inbound, Person]:
    """``inbound`` as done in a mask's own chat, and the mask."""
    worn = (Account.platform == RELAY) & (Account.external == chat)
    mask = session.scalars(select(Person).join(Account).where(worn)).one()
    return replace(inbound, platform=RELAY, installation=RELAY, conversation=chat, actor=chat), mask


def _is_behind(address: Address | None, inbound: Inbound, actor: Person) -> bool:
    here = (inbound.platform, inbound.installation, inbound.conversation)
    return (
        address is not None
        and address.person_id == actor.id
        and (address.platform, address.installation, address.conversation) == here
    )
