"""What is remembered of the tasks of somebody who left, or is away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now, personal

ROUTE = "tasks.leaving"
"""The timer that looks at what a manager is to decide: see ``Leaving.next_at``."""


class Leaving(Base):
    """That somebody left, or is away for long, without naming who gets their tasks: their manager decides."""

    __tablename__ = "leaving"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Who was asked; none where nobody could be."""
    next_at: Mapped[datetime | None]
    """When that is looked at again; none once it is settled."""
    reminders: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    at: Mapped[datetime] = mapped_column(default=now)


def schedule(person_id: int) -> str:
    """What that timer is for."""
    return f"leaving:{person_id}"


class HandedOver(Base):
    """That a task was given to somebody else since its person left or is away."""

    __tablename__ = "handed_over"
    kind: Mapped[str] = mapped_column(primary_key=True)
    """Of what: ``task``."""
    ref_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Who got it; none where it went back to whoever asked."""
    at: Mapped[datetime] = mapped_column(default=now)
