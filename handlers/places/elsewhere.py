"""What a channel does not take any more, told to whom it concerns in their own chat."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Card, T, Text, User, from_json
from bot.recording import CLOSED
from bot.router import Router
from bot.turn import Turn
from models.answers import Answer
from models.base import Base
from models.mail import FAILED, Outbox, PostedCard
from models.people import Person
from models.places import PRIVATE, Place, place_at
from models.questions import Question

router = Router()


@router.result(CLOSED)
def closed(turn: Turn, outbox_id: int, values: dict[str, Any]) -> None:
    """A message could not be posted, since its channel is archived or closed to Agora. An administrator sees that; whom
    it was for, or who had asked, reads it in their own chat."""
    row = turn.session.get(Outbox, (int(values["lane"]), outbox_id))
    if row is None or row.state != FAILED:
        return
    place = place_at(turn.session, row.platform, row.installation, row.conversation)
    card = from_json((row.payload or {}).get("card"))
    if place is None or place.kind == PRIVATE or not isinstance(card, Card):
        return
    about = turn.session.scalar(select(PostedCard.about).where(PostedCard.outbox_id == outbox_id))
    person = _concerned(turn.session, row, about or "")
    if person is not None and person.active:
        turn.send(person, _moved(card, place), about=about)


def _concerned(session: Session, row: Outbox, about: str) -> Person | None:
    """Who alone was to see it; else whoever asked what it is about."""
    reader = (row.payload or {}).get("person_id")
    if reader is not None:
        return session.get(Person, reader)
    kind, _, number = about.partition(":")
    kinds: dict[str, type[Base]] = {"question": Question, "answer": Answer}
    found = session.get(kinds[kind], int(number)) if kind in kinds and number.isdecimal() else None
    asked = found.question if isinstance(found, Answer) else found
    return asked.asker if isinstance(asked, Question) else None


def _moved(card: Card, place: Place) -> Card:
    note = T("I could not post this in {place}: it is archived, or I may not write there.", place=User(place.name))
    return Card(card.summary, (Text(note, subtle=True), *(card.elements or (Text(card.summary),))))
