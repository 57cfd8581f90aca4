"""Somebody left, as the list of people says: told to every feature, by a turn of its own."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.router import Router
from bot.turn import Turn
from models.base import now
from models.mail import Timer
from models.people import Person

router = Router()
_LEFT = "admin.person_left"


def announce(session: Session, person: Person, correlation: str) -> None:
    """Let a worker tell that ``person`` left, once this transaction is committed."""
    moment = now()
    session.add(
        Timer(
            schedule=f"person:{person.id}:left",
            slot=f"{moment.isoformat()} {correlation}",
            route=_LEFT,
            args={"person_id": person.id},
            due_at=moment,
            correlation=correlation,
        )
    )


@router.timer(_LEFT)
def left(turn: Turn, person_id: int) -> None:
    """Others act on it. Who has come back meanwhile has not left."""
    person = turn.session.get(Person, person_id, with_for_update=True)
    if person is not None and not person.active:
        turn.emit("person.left", person)
