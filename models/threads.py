"""Who follows a question, and which questions were closed as duplicates of another."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.followers import Follower, followers
from models.people import Person
from models.places import Place
from models.questions import Question


def unfollow(session: Session, question: Question, person: Person) -> bool:
    """``person`` follows ``question`` no more; whether they did."""
    found = session.get(Follower, (question.id, person.id))
    if found is None:
        return False
    session.delete(found)
    session.flush()
    return True


def followed_by(session: Session, person: Person, limit: int = 20) -> list[Question]:
    """What ``person`` follows, newest first. They may have lost the right to read some of it."""
    return list(
        session.scalars(
            select(Question)
            .join(Follower, Follower.question_id == Question.id)
            .where(Follower.person_id == person.id)
            .order_by(Question.id.desc())
            .limit(limit)
        )
    )


def bring(session: Session, question: Question, into: Question) -> None:
    """Whoever asked or follows ``question`` follows ``into``, of which it is a duplicate."""
    already = {person.id for person in followers(session, into)} | {into.asker_id}
    for person in (question.asker, *followers(session, question)):
        if person.id not in already:
            already.add(person.id)
            session.add(Follower(question_id=into.id, person_id=person.id, via_id=question.id))
    session.flush()


def take_away(session: Session, question: Question) -> None:
    """Whom ``question`` brought along as a duplicate follows the other one no more."""
    session.flush()
    session.execute(delete(Follower).where(Follower.via_id == question.id))


def duplicates_of(session: Session, question: Question) -> list[Question]:
    """The questions that were closed as duplicates of ``question``."""
    return list(session.scalars(select(Question).where(Question.merged_into_id == question.id).order_by(Question.id)))


def asked_in(session: Session, place: Place, message: str | None) -> Question | None:
    """The question that was asked in this very message, or ``None``."""
    if message is None:
        return None
    return session.scalars(
        select(Question).where(Question.place_id == place.id, Question.message == message).limit(1).with_for_update()
    ).first()
