"""The audit log: what happened, read from the facts; shown, and given as a file."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import tabled
from models.facts import Fact
from models.people import Person

SHOWN = 200
MOST = 200_000  # rows of one file: about 5 MB packed
_HEADER = ("number", "time (UTC)", "who", "verb", "entity", "entity number", "details", "correlation")


def newest(session: Session, limit: int = SHOWN) -> Sequence[tuple[Fact, str | None]]:
    """The newest facts with the names of who did them, newest first."""
    query = (
        select(Fact, Person.name).outerjoin(Person, Person.id == Fact.actor_id).order_by(Fact.id.desc()).limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def packed(session: Session) -> bytes:
    """The log as a CSV file in a .zip, newest first: at most ``MOST`` rows."""
    return tabled.packed(("agora-audit.csv", _HEADER, (_row(fact, name) for fact, name in newest(session, MOST))))


def _row(fact: Fact, name: str | None) -> tuple[object, ...]:
    details = orjson.dumps(fact.data).decode()
    at = fact.at.isoformat()
    return (fact.id, at, name or "Agora", fact.verb, fact.entity, fact.entity_id, details, fact.correlation)
