"""Which entries were shown for which questions, and whether they helped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now
from models.questions import Question


class Serving(Base):
    """An entry was shown for a question, at this revision and place in the list, with this confidence (0 to 1)."""

    __tablename__ = "serving"
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, index=True)
    revision: Mapped[int]
    position: Mapped[int]
    confidence: Mapped[float]
    helped: Mapped[bool | None]
    """True after "This solved it", False after "Not what I meant"."""
    at: Mapped[datetime] = mapped_column(default=now)


_SERVED = select(Serving).where(Serving.question_id == bindparam("question")).order_by(Serving.position)


def served(session: Session, question: Question) -> list[Serving]:
    """What was shown for ``question``, in the order shown; nothing where it is not asked yet."""
    if not question.id:
        return []
    return list(session.scalars(_SERVED, {"question": question.id}))
