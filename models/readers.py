"""Who is shown a thread, and in which languages they read."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from models.decisions.tables import Decision, Voice
from models.followers import Follower
from models.people import Person
from models.places import Membership
from models.questions import Question
from models.tasks.tables import Assignment, Task


def read_otherwise(session: Session, question: Question, language: str) -> bool:
    """Whether the asker, somebody who follows or somebody in the place of ``question`` reads another language."""
    following = select(Follower.person_id).where(Follower.question_id == question.id)
    too = or_(Person.id == question.asker_id, Person.id.in_(following))
    return _read_otherwise(session, question.place_id, too, {language})


def task_read_otherwise(session: Session, task: Task) -> bool:
    """Whether somebody in the place of ``task``, or who was asked, reads another language than it is in."""
    asked = select(Assignment.person_id).where(Assignment.task_id == task.id)
    return _read_otherwise(session, task.place_id, Person.id.in_(asked), {task.language})


def decision_read_otherwise(session: Session, decision: Decision, languages: Collection[str]) -> bool:
    """Whether somebody in the place of ``decision``, or who has a say in it, does not read one of ``languages``."""
    asked = select(Voice.person_id).where(Voice.decision_id == decision.id)
    too = or_(Person.id.in_((decision.asker_id, decision.decider_id)), Person.id.in_(asked))
    return _read_otherwise(session, decision.place_id, too, languages)


def _read_otherwise(
    session: Session, place_id: int | None, too: ColumnElement[bool], languages: Collection[str]
) -> bool:
    there = select(Membership.person_id).where(Membership.place_id == place_id)
    other = Person.locale.not_in(languages) if len(languages) == 1 else true()  # nobody reads several at once
    found = select(Person.id).where(Person.active, other, or_(too, Person.id.in_(there))).limit(1)
    return session.scalar(found) is not None
