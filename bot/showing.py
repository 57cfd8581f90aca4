"""The whole of a message on a page, for platforms where there was no room for all of it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Actions, Card
from bot.gateway import Delivery
from bot.router import Page, Router
from bot.sending import card_of
from models import access
from models.base import Refusal
from models.mail import Outbox, lane_of
from models.masks import RELAY
from models.people import Account, Person
from models.places import place_at
from models.questions import Question

_PATH = "/messages/{lane}/{id}"


def register(router: Router) -> None:
    """Let ``router`` know the page, once."""
    if router.page_at(path_of(0, 0)) is None:
        router.page(_PATH)(whole)


def path_of(lane: int, outbox_id: int) -> str:
    """The page with the whole of what this row of the outbox says."""
    return _PATH.format(lane=lane, id=outbox_id)


def page_of(session: Session, platform: str, delivery: Delivery) -> str:
    """The page with the whole of what is delivered. Behind a mask that of its question, which its wearer may read: a
    link of theirs to what the mask was sent would tell whose it is."""
    if delivery.mask is None:
        return path_of(lane_of(platform, delivery.installation, delivery.conversation), delivery.outbox_id)
    worn = (Account.platform == RELAY) & (Account.external == delivery.mask)
    asked = select(Question.id).join(Account, Account.person_id == Question.asker_id).where(worn)
    return f"/questions/{session.scalars(asked.order_by(Question.id).limit(1)).first() or 0}"


def whole(session: Session, person: Person, lane: int, id: int) -> Page:
    """What it says, for whom it was sent to; what was sent to a place, for who may read there. Nothing can be pressed
    here. ``Refusal("not_found")`` for others, and when what it says was blanked."""
    row = session.get(Outbox, (lane, id)) if lane < 2**31 else None
    card = card_of(session, row.payload or {}) if row is not None and _may_read(session, person, row) else None
    if not isinstance(card, Card):
        raise Refusal("not_found")
    return Page(card.summary, tuple(each for each in card.elements if not isinstance(each, Actions)))


def _may_read(session: Session, person: Person, row: Outbox) -> bool:
    reader = (row.payload or {}).get("person_id")
    if reader is not None:
        return bool(reader == person.id)
    place = place_at(session, row.platform, row.installation, row.conversation)
    return place is not None and access.may(session, person, "read", place)
