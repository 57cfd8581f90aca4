"""The platform of masks: what is said to one is delivered to the chat behind it, whose address is opened only here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from bot.gateway import Delivery, Gateway, Undeliverable
from bot.inbound import Inbound
from models import masks
from models.base import reading
from models.mail import PostedCard
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
        )
        return self._gateways[address.platform], real


# The platform is written out, for the index of what masks were sent: a plan for any platform could not use it.
_SENT_TO = select(PostedCard.conversation).where(
    PostedCard.platform == literal_column(f"'{RELAY}'"), PostedCard.reference == bindparam("reference")
)


def masked(session: Session, inbound: Inbound, actor: Person) -> tuple[Inbound, Person] | None:
    """The same event as done by the actor's mask, where it was done on a message that a mask was sent."""
    if inbound.conversation.startswith(RELAY):
        return None
    pressed_on = None if inbound.kind == "message" else inbound.message  # a message is new: nothing was sent as it
    for reference in (pressed_on, inbound.thread):
        if reference is None:
            continue
        chat = session.scalar(_SENT_TO, {"reference": reference})
        if chat is not None and _is_behind(masks.behind_chat(session, chat), inbound, actor):
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
