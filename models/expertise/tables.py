"""What the database itself keeps of who answered, by triggers: no path can forget it.

How often each person answered on each topic, so that nobody counts a million answers to show who knows what; and whose
answers are to be read anew, since one of them is gone, or does not count as it did.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, delete, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Identified, now, personal

KEPT = timedelta(days=3)
"""How long it is remembered whose answers changed: who has not looked for so long begins anew."""


class Answered(Base):
    """How many answers on a topic a person gave, private ones left out."""

    __tablename__ = "answered"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True, info=personal("row"))
    answers: Mapped[int]

    __table_args__ = (Index("answered_most", "topic_id", text("answers desc"), "person_id"),)


class Unlearned(Identified, Base):
    """What was known of a person's answers holds no more: one was deleted or made private, it is of another topic or
    somebody else's, or nobody finds it as good any more."""

    __tablename__ = "unlearned"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"), index=True)


def purge(session: Session) -> None:
    """Forget what every process that is in use has long seen."""
    session.execute(delete(Unlearned).where(Unlearned.at < now() - KEPT))
