"""What a channel does not take any more, told to whom it concerns in their own chat."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Card, T, Text, User, from_json, simple
from bot.recording import CLOSED
from bot.router import Router
from bot.shorten import shortened
from bot.turn import Turn
from models.answers import Answer
from models.base import Base
from models.decisions.tables import Decision
from models.mail import FAILED, Outbox, PostedCard
from models.people import Person
from models.places import PRIVATE, Place, place_at
from models.questions import Question
from models.tasks.tables import Task

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
    task = _task(turn.session, about or "")
    if task is not None:
        turn.send(task.asker, _stands(task, place))
        return
    person = _concerned(turn.session, row, about or "")
    if person is not None and person.active:
        turn.send(person, _moved(card, place), about=about)


def _concerned(session: Session, row: Outbox, about: str) -> Person | None:
    """Who alone was to see it; else whoever asked what it is about."""
    reader = (row.payload or {}).get("person_id")
    if reader is not None:
        return session.get(Person, reader)
    kind, _, number = about.partition(":")
    kinds: dict[str, type[Base]] = {
        "question": Question, "answer": Answer, "decision": Decision, "decided": Decision
    }  # fmt: skip
    found = session.get(kinds[kind], int(number)) if kind in kinds and number.isdecimal() else None
    asked = found.question if isinstance(found, Answer) else found
    return asked.asker if isinstance(asked, Question | Decision) else None


def _task(session: Session, about: str) -> Task | None:
    """What a card in a thread is about, if that is a task."""
    kind, _, number = about.partition(":")
    return session.get(Task, int(number)) if kind == "task" and number.isdecimal() else None


def _stands(task: Task, place: Place) -> Card:
    """Whoever is asked has it in their own chat: nothing of it is lost."""
    title = User(shortened(task.title, 80))
    words = T("“{title}” stands, and whoever you asked has it in their own chat.", title=title)
    return simple(_not_there(place), Text(words))


def _not_there(place: Place) -> T:
    return T("I could not post this in {place}: it is archived, or I may not write there.", place=User(place.name))


def _moved(card: Card, place: Place) -> Card:
    note = _not_there(place)
    return Card(card.summary, (Text(note, subtle=True), *(card.elements or (Text(card.summary),))))
