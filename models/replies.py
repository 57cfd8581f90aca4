"""Who replied in threads on what subject, in channels that let that count. No word of what was said is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Identified, now, personal
from models.people import Person
from models.places import Place
from models.questions import Question

LASTS = timedelta(days=365)
"""So long a reply counts, and is kept."""
_BEGUN = timedelta(days=30)
"""So long it is remembered who began a thread: whoever goes on with their own thread knows no more by that."""


class Reply(Identified, Base):
    """Somebody replied in a thread of a channel, for the first time: about a question, or about the channel's topic.
    ``began``: they began the thread, which says nothing of what they know."""

    __tablename__ = "reply"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    thread: Mapped[str]
    reference: Mapped[str | None]
    """The platform's key of the message: who deletes it takes this back."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"))
    began: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("place_id", "thread", "person_id", name="reply_once"),
        CheckConstraint("num_nonnulls(question_id, topic_id) >= 1", name="reply_on_something"),
        Index("reply_topic", "topic_id", "person_id"),
    )


def keep(session: Session, person: Person, place: Place, thread: str, message: str | None, question: Question | None,
         began: bool = False) -> None:  # fmt: skip
    """``person`` replied in this thread, or ``began`` it: kept once, where one can tell what it is about."""
    topic_id = question.topic_id if question is not None and question.topic_id else place.topic_id
    if question is None and topic_id is None:
        return
    row = insert(Reply).values(
        person_id=person.id, place_id=place.id, thread=thread, reference=message, topic_id=topic_id, began=began,
        question_id=question.id if question is not None else None, at=now(),
    )  # fmt: skip
    session.execute(row.on_conflict_do_nothing(constraint="reply_once"))


def forget_message(session: Session, place: Place, message: str) -> None:
    """A message was deleted: it is no reply any more."""
    session.execute(delete(Reply).where(Reply.place_id == place.id, Reply.reference == message))


def forget_place(session: Session, place: Place) -> None:
    """What is said in a channel does not count any more: nothing of it is left."""
    session.execute(delete(Reply).where(Reply.place_id == place.id))


def purge(session: Session) -> None:
    """Forget what is too old to count."""
    moment = now()
    session.execute(delete(Reply).where(Reply.at < moment - LASTS))
    session.execute(delete(Reply).where(Reply.began, Reply.at < moment - _BEGUN))
