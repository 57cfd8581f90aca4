"""Webhooks: programs that Agora tells, and programs that tell Agora."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, true
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Identified, now, personal
from models.people import Person

OUTGOING, INCOMING = "outgoing", "incoming"
DIRECTIONS = (OUTGOING, INCOMING)
NOBODY, NAMES, EMAILS = "nobody", "names", "emails"
PEOPLE = (NOBODY, NAMES, EMAILS)


class Hook(Identified, Base):
    """A program at the other end of a webhook. outgoing: it is told of what happens, at ``url`` · incoming: it makes
    and finishes tasks. Both ways what is sent is signed with the secret."""

    __tablename__ = "hook"
    direction: Mapped[str]
    name: Mapped[str]
    url: Mapped[str | None]
    """Where an outgoing one listens."""
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted, as all secrets that must be read again."""
    secret_at: Mapped[datetime] = mapped_column(default=now)
    """Since when it is its secret, and"""
    former: Mapped[bytes | None] = mapped_column(LargeBinary)
    """the one before, which is good for a while longer: see ``models.hooks.life``."""
    key: Mapped[str | None] = mapped_column(unique=True)
    """Of an incoming one: the part of its address that names it."""
    events: Mapped[list[str]]
    """What an outgoing one is told of: verbs of facts, such as ``task.made``."""
    people: Mapped[str] = mapped_column(default=NOBODY, server_default=NOBODY)
    """What an outgoing one is told of people beside their number: nothing, ``names``, or also ``emails``."""
    audience: Mapped[list[str]]
    """The keys that it holds: it is told of what a person with these keys may see, and what it makes is for them."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """The administrator who made it: tasks that come in are asked for in their name unless they say in whose."""
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    failures: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How many deliveries failed one after the other."""
    last_error: Mapped[str | None]
    """Why: a status of HTTP, or a word of ``bot.hooks.client``."""
    failed_at: Mapped[datetime | None]
    """When a delivery failed last."""
    last_at: Mapped[datetime | None]
    """When it was last reached, or last sent something."""
    made_at: Mapped[datetime] = mapped_column(default=now)

    made_by: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint(f"direction in {DIRECTIONS}", name="hook_direction"),
        CheckConstraint(f"people in {PEOPLE}", name="hook_people"),
        CheckConstraint(
            "case when direction = 'outgoing' then url is not null and key is null"
            " else url is null and key is not null end",
            name="hook_address",
        ),
        Index("hook_told", "active", postgresql_where=sql("direction = 'outgoing'")),
    )

    @property
    def about(self) -> str:
        """What its cards are about, for ``turn.edit``."""
        return f"hook:{self.id}"
