"""Masks: who asks anonymously acts through a person of its own that leads back to nobody but by the company's keys.

A mask is a ``Person`` of kind ``mask`` with a chat of its own on the platform ``relay``. What is said there reaches the
asker's real chat by the sealed address that only ``AGORA_KEYS`` open. Nothing else in the tables joins the two: no
fact, no correlation, no payload. When the question is over, the seal is destroyed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import joins
from models.base import Base, now, personal
from models.people import MASK, Account, Person
from models.places import PRIVATE, Membership, Place
from models.questions import OVER, Question

RELAY = "relay"
KEPT_AFTER = timedelta(days=7)  # as long as a settled question is likely to be reopened
SOMEBODY = "Somebody"

_cipher: MultiFernet | None = None


class Seal(Base):
    """Where a mask leads, encrypted; gone when its question has been over for a while."""

    __tablename__ = "seal"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Address:
    """Whose mask it is, and their own chat: what is sealed."""

    person_id: int
    platform: str
    installation: str
    conversation: str


def use_keys(keys: Sequence[str]) -> None:
    """The keys of the company, newest first: the first one seals, all open."""
    global _cipher
    _cipher = MultiFernet([Fernet(key) for key in keys]) if keys else None


def put_on(session: Session, person: Person, account: Account) -> tuple[Person, Place]:
    """A new mask for ``person``, who is reached by ``account``; and its own chat. Only their language shows."""
    name = secrets.token_hex(8)
    key = f"{RELAY}:{name}"
    mask = Person(handle=key, name=SOMEBODY, kind=MASK, locale=person.locale)
    mask.accounts = [Account(platform=RELAY, installation=RELAY, external=key, private=key)]
    place = Place(
        platform=RELAY, installation=RELAY, key=key, kind=PRIVATE, name=SOMEBODY, closed=True, locale=person.locale
    )
    session.add_all((mask, place))
    session.flush()
    session.add(Membership(place_id=place.id, person_id=mask.id))
    address = Address(person.id, account.platform, account.installation, account.private or "")
    session.add(Seal(person_id=mask.id, sealed=_sealing().encrypt(json.dumps(asdict(address)).encode())))
    session.flush()
    return mask, place


def behind(session: Session, mask_id: int) -> Address | None:
    """Where a mask leads: to who its wearer is by now (``models.joins``). ``None`` where its seal is destroyed or the
    key is gone."""
    seal = session.get(Seal, mask_id)
    address = _opened(seal) if seal is not None else None
    if address is None:
        return None
    wearer = session.get_one(Person, address.person_id)
    return replace(address, person_id=joins.who_stands_for(session, wearer).id)


def behind_chat(session: Session, conversation: str) -> Address | None:
    """Where what is said in a mask's own chat goes."""
    mask_id = session.scalar(
        select(Account.person_id).where(Account.platform == RELAY, Account.external == conversation)
    )
    return behind(session, mask_id) if mask_id is not None else None


def of(session: Session, person: Person) -> list[Person]:
    """The masks that ``person`` wears, and who they were before they were joined, newest first: every seal is opened,
    since nothing else leads from one to the other."""
    wearers = {person.id, *(before.id for before in joins.joined_into(session, person))}
    mine = [
        seal.person_id
        for seal in session.scalars(select(Seal))
        if (address := _opened(seal)) is not None and address.person_id in wearers
    ]
    return list(session.scalars(select(Person).where(Person.id.in_(mine)).order_by(Person.id.desc()))) if mine else []


def forget(session: Session) -> int:
    """Destroy the seals of questions that have been over for a while; how many."""
    waiting = select(Question.asker_id).where(Question.state.not_in(OVER) | (Question.changed_at >= now() - KEPT_AFTER))
    old = Seal.created_at < now() - KEPT_AFTER
    gone = session.execute(delete(Seal).where(Seal.person_id.not_in(waiting), old).returning(Seal.person_id)).all()
    return len(gone)


def _opened(seal: Seal) -> Address | None:
    try:
        return Address(**json.loads(_sealing().decrypt(seal.sealed)))
    except InvalidToken:
        return None


def _sealing() -> MultiFernet:
    if _cipher is None:
        raise RuntimeError("use_keys() has not been called")
    return _cipher
