"""That Agora offers, once for a message, to make a task of what its author said: where a channel lets it, and to
nobody who does not want that."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import now
from models.people import EMPLOYEE, Person
from models.places import PRIVATE, Place
from models.tasks.tables import Suggestion, TaskWish


def wanted(session: Session, person: Person, place: Place) -> bool:
    """Whether it may be offered to ``person`` in ``place``."""
    if not place.suggests or place.kind == PRIVATE or person.kind != EMPLOYEE:
        return False
    said = session.get(TaskWish, person.id)
    return said is None or said.suggestions


def begin(session: Session, person: Person, place: Place, message: str) -> Suggestion | None:
    """That it is offered for this message; ``None`` where it was before."""
    row = insert(Suggestion).values(place_id=place.id, message=message, person_id=person.id, at=now())
    once = row.on_conflict_do_nothing(constraint="suggestion_once").returning(Suggestion.id)
    number = session.scalar(once)
    return session.get_one(Suggestion, number) if number is not None else None


def wish(session: Session, person: Person, wanted: bool) -> None:
    """Whether ``person`` wants them."""
    row = insert(TaskWish).values(person_id=person.id, suggestions=wanted)
    session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_={"suggestions": wanted}))
