"""Whom Agora does not choose to ask: whoever asks without their name would not have their own manager answer, nor be
asked themselves.

That goes for what Agora chooses alone. Whom a colleague may pass a question on to is not limited by it: by what was
refused, anybody could find out who asked.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import masks
from models.people import MASK, Person
from models.questions import Question


def conflicts(session: Session, question: Question) -> frozenset[int]:
    """The people, by number, to whom ``question`` is not offered; only the seal of its asker's mask tells."""
    asker = session.get(Person, question.asker_id)
    if asker is None or asker.kind != MASK:
        return frozenset()
    address = masks.behind(session, asker.id)
    if address is None:
        return frozenset()
    wearer = session.get_one(Person, address.person_id)
    return frozenset(number for number in (wearer.id, wearer.manager_id) if number is not None)
