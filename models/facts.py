"""What happened, appended in the same transaction as the state it speaks of. Audit, history and reports read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, now, personal


class Fact(Identified, Base):
    """``verb`` (such as ``question.asked``) was done to ``entity`` ``entity_id`` by ``actor_id`` (none: Agora
    itself)."""

    __tablename__ = "fact"
    at: Mapped[datetime] = mapped_column(default=now)
    verb: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(BigInteger, info=personal("keep"))
    entity: Mapped[str]
    entity_id: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict, info=personal("erase"))
    correlation: Mapped[str]

    __table_args__ = (Index("fact_entity", "entity", "entity_id"), Index("fact_verb", "verb", "at"))
