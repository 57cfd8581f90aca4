"""Thanks that one person said to another, and how people want to be thanked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.answers import Answer, accepted_of, answers
from models.base import Base, Identified, now, personal
from models.knowledge import Entry
from models.people import Person
from models.questions import SOLVED, Question

MOST = 300  # characters: a word of thanks, not a letter


class Thanks(Identified, Base):
    """Whoever asked a question thanked somebody for the answer, or for the entry, that solved it."""

    __tablename__ = "thanks"
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    """Who thanks."""
    to_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    words: Mapped[str | None] = mapped_column(info=personal("row"))
    at: Mapped[datetime] = mapped_column(default=now)
    told_at: Mapped[datetime | None]
    """When it was said in the chat of whom it is for; none while it waits."""

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    question: Mapped[Question] = relationship()
    entry: Mapped[Entry | None] = relationship()

    __table_args__ = (
        UniqueConstraint("question_id", "to_id", name="thanks_once"),
        CheckConstraint("(answer_id is null) <> (entry_id is null)", name="thanks_for_one"),
    )


class Recognition(Base):
    """How a person wants to be thanked; who said nothing, as the defaults are."""

    __tablename__ = "recognition"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    counted: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether what they gave is added up and shown."""
    told: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether they get messages of thanks."""
    told_until: Mapped[datetime | None]
    """Until when they were told whose questions their entries solved."""


def choice(session: Session, person: Person) -> Recognition:
    """How ``person`` wants it; the row is new, and not written yet, where they never said."""
    return session.get(Recognition, person.id) or Recognition(person_id=person.id, counted=True, told=True)


def choose(session: Session, person: Person, *, counted: bool, told: bool) -> None:
    """``person`` wants it so from now on."""
    chosen = choice(session, person)
    chosen.counted, chosen.told = counted, told
    session.add(chosen)
    session.flush()


def solution(session: Session, question: Question) -> Answer | Entry | None:
    """What solved ``question``: an answer, else an entry; ``None`` where it is not solved, or nobody knows by what."""
    if question.state != SOLVED:
        return None
    given = accepted_of(session, question)
    only = answers(session, question)[:2] if given is None else []
    if given is not None or len(only) == 1:  # the only one is accepted in the same turn
        return given or only[0]
    return session.get(Entry, question.solved_by_id) if question.solved_by_id else None


def whom(session: Session, question: Question) -> list[Person]:
    """Who can be thanked for what solved ``question``: who wrote the answer or entry, and whose answer the entry was
    made of. Neither whoever asked nor who has left."""
    solved_by = solution(session, question)
    people = [] if solved_by is None else [solved_by.author]
    if isinstance(solved_by, Entry) and solved_by.answer_id is not None:
        origin = session.get(Answer, solved_by.answer_id)
        people.append(origin.author if origin else None)
    found = {person.id: person for person in people if person is not None and person.active}
    found.pop(question.asker_id, None)
    return list(found.values())


def thanked(session: Session, question: Question) -> bool:
    """Whether whoever asked has thanked already."""
    return session.scalar(select(select(Thanks).where(Thanks.question_id == question.id).exists())) or False


def thank(session: Session, question: Question, person: Person, to: Person, words: str | None) -> Thanks:
    """``person`` thanks ``to`` for what solved ``question``."""
    solved_by = solution(session, question)
    by_entry = isinstance(solved_by, Entry)
    said = Thanks(
        question_id=question.id,
        answer_id=None if by_entry or solved_by is None else solved_by.id,
        entry_id=solved_by.id if solved_by is not None and by_entry else None,
        person_id=person.id,
        to_id=to.id,
        words=words,
    )
    session.add(said)
    session.flush()
    return said


def waiting(session: Session, person: Person) -> Sequence[Thanks]:
    """What ``person`` was not told yet, oldest first; not for what turned out to be no solution."""
    theirs = (Thanks.to_id == person.id) & Thanks.told_at.is_(None) & (Thanks.person_id != person.id)
    query = select(Thanks).join(Question, Question.id == Thanks.question_id).where(theirs, Question.state == SOLVED)
    return session.scalars(query.order_by(Thanks.id)).all()


def last_told(session: Session, person: Person) -> datetime | None:
    """When ``person`` was last told that somebody thanked them."""
    return session.scalar(select(func.max(Thanks.told_at)).where(Thanks.to_id == person.id))
