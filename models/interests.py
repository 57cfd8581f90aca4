"""What people say of the topics that they are asked about: "I no longer do this", and "ask me more about this"."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now, personal
from models.people import Person

NEVER, MORE = "never", "more"
WISHES = (NEVER, MORE)


class Interest(Base):
    """Whether a person wants to be asked about a topic. never: nothing of it is offered to them · more: before others
    who know as much. Who said nothing is asked as what they did speaks for them."""

    __tablename__ = "interest"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True, index=True)
    wish: Mapped[str] = mapped_column(info=personal("row"))
    made_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (CheckConstraint(f"wish in {WISHES}", name="interest_wish"),)


def wish(session: Session, person: Person, topic_id: int, what: str) -> bool:
    """Remember what ``person`` wants of a topic (one of ``WISHES``), instead of what they wanted before; whether that
    is news."""
    if wishes_of(session, person).get(topic_id) == what:
        return False
    row = insert(Interest).values(person_id=person.id, topic_id=topic_id, wish=what, made_at=now())
    values = {"wish": row.excluded.wish, "made_at": row.excluded.made_at}
    session.execute(row.on_conflict_do_update(index_elements=["person_id", "topic_id"], set_=values))
    return True


def forget(session: Session, person: Person, topic_id: int) -> bool:
    """Nothing is known of what they want any more; whether anything was."""
    theirs = (Interest.person_id == person.id) & (Interest.topic_id == topic_id)
    return session.execute(delete(Interest).where(theirs).returning(Interest.topic_id)).first() is not None


def wishes_of(session: Session, person: Person) -> dict[int, str]:
    """What ``person`` wants, by topic."""
    query = select(Interest.topic_id, Interest.wish).where(Interest.person_id == person.id)
    return {topic_id: what for topic_id, what in session.execute(query)}  # noqa: C416


def wishes_in(session: Session, topic_id: int | None, people: Collection[int]) -> dict[int, str]:
    """What these people want of a topic, by person; who said nothing is not in it."""
    query = select(Interest.person_id, Interest.wish)
    query = query.where(Interest.topic_id == topic_id, Interest.person_id.in_(people))
    return {person_id: what for person_id, what in session.execute(query)}  # noqa: C416
