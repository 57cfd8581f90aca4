"""A channel that was open to the company is closed: what was said in it is for its members from now on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import learning
from models.access import EVERYONE, thread_audience
from models.decisions.tables import Decision
from models.knowledge import Entry
from models.places import Place
from models.questions import Question
from models.tasks.tables import Task


def narrow(session: Session, place: Place) -> None:
    """Let nobody but its members read what was asked, agreed on and decided in ``place``, nor what is known of that."""
    only = thread_audience(place)
    for question in session.scalars(select(Question).where(Question.place_id == place.id)):
        question.audience = list(only)
    for task in session.scalars(select(Task).where(Task.place_id == place.id, Task.audience.contains([EVERYONE]))):
        task.audience = list(only)
    for decision in session.scalars(select(Decision).where(Decision.place_id == place.id)):
        entry = session.get(Entry, decision.entry_id) if decision.entry_id else None
        if entry is not None and set(entry.audience) == set(decision.audience):
            entry.audience = list(only)
            learning.store(session, entry)
        decision.audience = list(only)
