"""A claimed row of the outbox with what is needed to deliver it: its reader, and the message that it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot.cards import Card, from_json
from bot.gateway import DELETE, EDIT, POST, Delivery
from bot.texts import Reader
from models.mail import USUAL, PostedCard, SharedCard
from models.people import Person
from models.places import PRIVATE

# As text, since it is asked for every batch: to put it together would take longer than to run it.
_READERS = sql("""
select p.platform, p.installation, p.key, p.locale, reader.locale, reader.timezone, reader.id
from unnest(cast(:platforms as text[]), cast(:installations as text[]), cast(:keys as text[]))
  as wanted(platform, installation, key)
join place p using (platform, installation, key)
left join membership m on m.place_id = p.id and p.kind = :private
left join person reader on reader.id = m.person_id
""")


class Reading(NamedTuple):
    """Who reads what stands in a place; ``person_id``: nobody else does, since it is their own chat."""

    reader: Reader
    person_id: int | None = None


NOBODY_KNOWN = Reading(Reader("en"))


@dataclass(frozen=True)
class Sending:
    """A claimed row with what is needed to deliver it: its reader, and ``person_id``, who alone sees it, if so."""

    lane: int
    id: int
    attempts: int
    was: str
    platform: str
    installation: str
    conversation: str
    operation: str
    payload: dict[str, Any]
    correlation: str
    reader: Reader
    person_id: int | None
    target: PostedCard | None
    shared: Card | None = None
    """What it shows, where that is kept once for many."""
    urgency: int = USUAL

    @property
    def for_one(self) -> bool:
        """Whether it goes to somebody's own chat, sent to them alone (``turn.send``)."""
        return self.payload.get("person_id") is not None and "place_id" not in self.payload

    def delivery(self, posted: dict[int, str]) -> Delivery | None:
        """What the gateway gets; ``None`` where a message is to be changed that never arrived. ``posted`` are the
        references that this lane has just learned."""
        reference, operation = self.payload.get("reference"), self.operation
        if self.target is not None:
            reference = posted.get(self.target.outbox_id) or self.target.reference
        if operation == POST and reference is not None:  # it takes the place of what was said meanwhile
            operation = EDIT
        if self.operation in (EDIT, DELETE) and reference is None:
            return None
        card = self.payload.get("card")
        return Delivery(
            outbox_id=self.id,
            installation=self.installation,
            conversation=self.conversation,
            operation=operation,
            card=from_json(card) if card else self.shared,
            reader=self.reader,
            thread=self.payload.get("thread"),
            reference=reference,
            only_for=self.payload.get("only_for"),
            person_id=self.person_id,
            link=self.payload.get("link"),
            data=self.payload.get("data"),
        )


def _loaded(session: Session, numbers: set[int]) -> dict[int, Card]:
    """Cards that many messages show. They are read each time: erasing somebody changes them."""
    if not numbers:
        return {}
    rows = session.execute(select(SharedCard.id, SharedCard.card).where(SharedCard.id.in_(numbers)))
    return {id: from_json(card) for id, card in rows}


def card_of(session: Session, payload: dict[str, Any]) -> Card | None:
    """What a row of the outbox with this payload shows; ``None`` where that was blanked."""
    card, shared = payload.get("card"), payload.get("shared")
    if card is None and shared is not None:
        return _loaded(session, {shared}).get(shared)
    shown: Card | None = from_json(card)
    return shown


def sendings(session: Session, rows: Sequence[Any]) -> list[Sending]:
    """Claimed rows with their readers, and the cards that they change."""
    payloads = [row.payload or {} for row in rows]
    people = _by_id(session, Person, {p.get("person_id") for p in payloads})
    there = readers(session, {_where(row) for row in rows if (row.payload or {}).get("person_id") not in people})
    cards = _by_id(session, PostedCard, {_changes(p) for p in payloads})
    shown = _loaded(session, {p["shared"] for p in payloads if "shared" in p})
    sendings = []
    for row, payload in zip(rows, payloads, strict=True):
        person = people.get(payload.get("person_id"))
        known = there.get(_where(row), NOBODY_KNOWN)
        read = Reading(Reader(person.locale, person.timezone), person.id) if person else known
        sendings.append(
            Sending(row.lane, row.id, row.attempts, row.was, row.platform, row.installation, row.conversation,
                    row.operation, payload, row.correlation, *read, cards.get(_changes(payload)),
                    shown.get(payload.get("shared", 0)), row.urgency)
        )  # fmt: skip
    return sendings


def _changes(payload: dict[str, Any]) -> int | None:
    """The card that is to be changed, or in whose place it is posted."""
    return payload.get("posted") or payload.get("instead")


def _where(row: Any) -> tuple[str, str, str]:
    return row.platform, row.installation, row.conversation


def readers(session: Session, places: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], Reading]:
    """Who reads what stands for all in these places: in somebody's own chat they do, elsewhere its language counts."""
    if not places:
        return {}
    names = dict(zip(("platforms", "installations", "keys"), map(list, zip(*places, strict=True)), strict=True))
    found = session.execute(_READERS, {**names, "private": PRIVATE})
    return {(platform, installation, key): Reading(Reader(locale, zone) if locale else Reader(spoken), id)
            for platform, installation, key, spoken, locale, zone, id in found}  # fmt: skip


def _by_id(session: Session, kind: type[Any], ids: set[Any]) -> dict[Any, Any]:
    wanted = [id for id in ids if id is not None]
    if not wanted:
        return {}
    return {row.id: row for row in session.scalars(select(kind).where(kind.id.in_(wanted)))}
