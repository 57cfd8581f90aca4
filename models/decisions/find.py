"""Finding what was decided: a search of its own among the entries of decisions, by the one ranker there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy.orm import Session

from models import access
from models.decisions.log import of_entries, with_words
from models.decisions.tables import Decision
from models.people import Person
from models.search.find import matches
from models.search.pool import Space, Vector

LEAST = 0.15
"""What is less sure is shown only where it has every word that is looked for."""


class Found(NamedTuple):
    """A decision, and how sure it is that it is meant (0 to 1)."""

    decision: Decision
    confidence: float


def find(
    session: Session, person: Person, text: str, language: str, limit: int, vectors: Mapping[Space, Vector]
) -> list[Found]:
    """The decisions about ``text`` that ``person`` may read, best first."""
    held = access.keys_of(session, person)
    hits = matches(session, text, language, held, limit, vectors, decided=True)
    known = of_entries(session, [hit.entry_id for hit in hits])
    found = {known[hit.entry_id].id: Found(known[hit.entry_id], hit.confidence)
             for hit in hits if hit.entry_id in known and hit.confidence >= LEAST}  # fmt: skip
    for decision in with_words(session, person, text, limit):
        found.setdefault(decision.id, Found(decision, 0.0))
    return [one for one in found.values() if access.may(session, person, "read", one.decision)][:limit]
