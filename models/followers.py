"""Who follows a question."""

from __future__ import annotations

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, personal
from models.people import Person
from models.questions import Question


class Follower(Base):
    """A person who is told when the question is answered."""

    __tablename__ = "follower"
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    via_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    """The question that was merged into this one and brought them along; none where they chose it."""


def follow(session: Session, question: Question, person: Person) -> bool:
    """Let ``person`` follow ``question``; whether they did not already."""
    if session.get(Follower, (question.id, person.id)) is not None:
        return False
    session.add(Follower(question_id=question.id, person_id=person.id))
    return True


def followers(session: Session, question: Question) -> list[Person]:
    """Everybody who follows ``question``, the asker not among them unless they do."""
    return list(
        session.scalars(
            select(Person).join(Follower, Follower.person_id == Person.id).where(Follower.question_id == question.id)
        )
    )
