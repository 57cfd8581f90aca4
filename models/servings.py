"""Which entries were shown for which questions, and whether they helped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now
from models.knowledge import ENTRIES, Entry
from models.pending import pending, write
from models.questions import Question
from models.rows import Rows, run


class Serving(Base):
    """An entry was shown for a question, at this revision and place in the list, with this confidence (0 to 1)."""

    __tablename__ = "serving"
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, index=True)
    revision: Mapped[int]
    position: Mapped[int]
    confidence: Mapped[float]
    likely: Mapped[float | None]
    """The same before the company's votes corrected it: what they are learned from. None where words decided alone."""
    helped: Mapped[bool | None]
    """True after "This solved it", False after "Not what I meant"."""
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("serving_helped", "at", postgresql_where=text("helped is not null")),)


SERVINGS = Rows(Serving)
_SERVED = f"select {SERVINGS.columns('s')} from serving s where question_id = %(question)s order by position"  # noqa: S608
_ENTRIES = f"""
select exists (select from file f where f.question_id = %(question)s), s.helped is false, {ENTRIES.columns("e")}
from (select) always left join (serving s join entry e on e.id = s.entry_id) on s.question_id = %(question)s
order by s.position
"""  # noqa: S608 the names are our own, never input


def serve(
    session: Session, question: Question, entry: Entry, position: int, confidence: float, likely: float | None = None
) -> None:
    """``entry`` is shown for ``question``."""
    pending(session).servings.append(
        {
            "question_id": question.id,
            "entry_id": entry.id,
            "revision": entry.revision,
            "position": position,
            "confidence": confidence,
            "likely": likely,
        }
    )


def _settle(session: Session) -> None:
    if pending(session).servings:
        write(session)


def served(session: Session, question: Question) -> list[Serving]:
    """What was shown for ``question``, in the order shown; nothing where it is not asked yet."""
    if not question.id:
        return []
    _settle(session)
    return SERVINGS.all(session, _SERVED, {"question": question.id})


def entries_served(session: Session, question: Question) -> tuple[list[tuple[Entry, bool]], bool]:
    """The entries that were shown for ``question``, in the order shown, and whether each was called not meant; and
    whether files are attached to it."""
    _settle(session)
    rows = run(session, _ENTRIES, {"question": question.id}).fetchall()
    entries = [(entry, row[1]) for row in rows if (entry := ENTRIES.maybe(session, row[2:])) is not None]
    return entries, rows[0][0]
