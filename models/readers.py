"""Who is shown a thread, and in which languages they read."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.followers import Follower
from models.people import Person
from models.places import Membership
from models.questions import Question


def read_otherwise(session: Session, question: Question, language: str) -> bool:
    """Whether the asker, somebody who follows or somebody in the place of ``question`` reads another language."""
    following = select(Follower.person_id).where(Follower.question_id == question.id)
    there = select(Membership.person_id).where(Membership.place_id == question.place_id)
    shown = or_(Person.id == question.asker_id, Person.id.in_(following), Person.id.in_(there))
    found = select(Person.id).where(Person.active, Person.locale != language, shown).limit(1)
    return session.scalar(found) is not None
