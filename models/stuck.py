"""Questions that are stuck: on their way to a person for long, and nobody does anything."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from models.knowledge import Topic
from models.people import Person, with_role
from models.questions import ACCEPTED, OFFERED, OPEN, Question
from models.steps import NUDGE, SEEK

FOR_DAYS = timedelta(days=1)  # that nobody could be found, or the last resort did nothing
FOR_LONG = timedelta(days=7)  # since it was asked, whoever has it now


def stuck(session: Session, moment: datetime, most: int = 500) -> list[Question]:
    """Questions of which nothing came, oldest first. Those that wait for their asker are not among them."""
    nobody = Question.next_step.in_((SEEK, NUDGE)) & (Question.created_at <= moment - FOR_DAYS)
    slow = Question.state.in_((OFFERED, ACCEPTED)) & (Question.created_at <= moment - FOR_LONG)
    query = select(Question).where(or_(nobody, slow)).order_by(Question.created_at, Question.id).limit(most)
    return list(session.scalars(query))


def any_on_their_way(session: Session) -> bool:
    """Whether there are questions that could be stuck in a week."""
    way = Question.state.in_((OFFERED, ACCEPTED)) | ((Question.state == OPEN) & (Question.next_step == SEEK))
    return bool(session.scalar(select(exists().where(way))))


def concerned(session: Session, found: list[Question]) -> dict[int, Person]:
    """Who can do something about them: the administrators, and whoever looks after their topics."""
    people = {person.id: person for person in with_role(session, "admin")}
    topics = {question.topic_id for question in found if question.topic_id}
    for topic in session.scalars(select(Topic).where(Topic.id.in_(topics))):
        if topic.owner is not None and topic.owner.active:
            people[topic.owner.id] = topic.owner
    return people


def of(person: Person, found: list[Question]) -> list[Question]:
    """Those of ``found`` that are this person's business; an administrator's are all."""
    if person.has("admin"):
        return found
    return [one for one in found if one.topic is not None and one.topic.owner_id == person.id]
