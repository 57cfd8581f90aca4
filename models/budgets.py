"""How much models were used: by each person, and by the whole company. Every process counts in the same rows.

Before a call its estimate is reserved, and afterwards what it really took is set in its place; a process that dies in
between leaves its reservation, so that the company pays at most what it allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, Date, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now, personal

ALL = 0
"""Stands for the whole company in place of a person."""
MASKED = -1
"""Stands for everybody who asks without their name: to count them apart would tell them apart."""
_LOCK = 0x41676F72  # any number that no other lock of Agora's has
_KEPT = timedelta(days=62)


class ModelUse(Base):
    """What somebody (``ALL``, ``MASKED`` or a person's number) used in a day (UTC) for a purpose."""

    __tablename__ = "model_use"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info=personal("row"))
    purpose: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass(frozen=True)
class Limits:
    """Calls of one person in a day, and tokens of the company in a day and in a calendar month."""

    calls_per_person: int
    tokens_per_day: int
    tokens_per_month: int


def reserve(session: Session, limits: Limits, person_id: int, purpose: str, tokens: int) -> date | None:
    """Count a call that may take so many ``tokens``: the day on which it counts, or ``None`` where too little is left.
    One after another, whichever process asks; the lock lasts to the end of the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    day = now().date()
    calls = _sum(session, ModelUse.calls, person_id, day)
    today, month = (_sum(session, ModelUse.tokens, ALL, since) for since in (day, day.replace(day=1)))
    if calls >= limits.calls_per_person:
        return None
    if today + tokens > limits.tokens_per_day or month + tokens > limits.tokens_per_month:
        return None
    for each in (ALL, person_id):
        row = insert(ModelUse).values(day=day, person_id=each, purpose=purpose, calls=1, tokens=tokens)
        added = {"calls": ModelUse.calls + 1, "tokens": ModelUse.tokens + tokens}
        session.execute(row.on_conflict_do_update(index_elements=list(ModelUse.__table__.primary_key), set_=added))
    return day


def settle(session: Session, day: date, person_id: int, purpose: str, tokens: int) -> None:
    """The call took so many ``tokens`` more than was reserved for it, or fewer where that is negative."""
    these = (ModelUse.day == day) & ModelUse.person_id.in_((ALL, person_id)) & (ModelUse.purpose == purpose)
    session.execute(update(ModelUse).where(these).values(tokens=func.greatest(ModelUse.tokens + tokens, 0)))


def purge(session: Session) -> None:
    """Forget what no budget looks at any more."""
    session.execute(delete(ModelUse).where(ModelUse.day < (now() - _KEPT).date()))


def _sum(session: Session, column: Mapped[int], person_id: int, since: date) -> int:
    found = select(func.coalesce(func.sum(column), 0)).where(ModelUse.person_id == person_id, ModelUse.day >= since)
    return int(session.scalar(found) or 0)
