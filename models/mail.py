"""What came in, what goes out, what is due and what takes long: every side effect is a row here first.

Rows carry a *lane*, a hash of their conversation: order holds within a lane, and the tables can be distributed by it.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Identified, now, personal

NEW, HELD, DONE, FAILED = "new", "held", "done", "failed"
SENT, UNCERTAIN, DROPPED = "sent", "uncertain", "dropped"
WITHDRAWN = "withdrawn"
URGENT, USUAL, BULK = 0, 1, 2


def lane_of(platform: str, installation: str, conversation: str) -> int:
    """The lane of a conversation: a stable hash from 0 to 2**31 - 1."""
    return zlib.crc32(f"{platform}/{installation}/{conversation}".encode()) & 0x7FFFFFFF


class Laned:
    """A queue row: claimed by a holder until its lease ends, in order within its lane."""

    lane: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    state: Mapped[str] = mapped_column(default=NEW)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    not_before: Mapped[datetime] = mapped_column(default=now)
    holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]
    correlation: Mapped[str]


class Inbox(Laned, Base):
    """An event of a platform, or of Agora itself, unique by (platform, installation, conversation, kind, key)."""

    __tablename__ = "inbox"
    platform: Mapped[str]
    installation: Mapped[str]
    conversation: Mapped[str]
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any] | None] = mapped_column(info=personal("erase"))
    reply: Mapped[dict[str, Any] | None] = mapped_column(info=personal("erase"))
    received_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    sign_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row of the outbox that says that Agora is at it; 0 where none is needed."""

    __table_args__ = (
        UniqueConstraint("lane", "platform", "installation", "conversation", "kind", "key", name="inbox_once"),
        Index("inbox_pending", "id", postgresql_where=text("state in ('new', 'held')")),
        Index("inbox_pending_lane", "lane", "id", postgresql_where=text("state in ('new', 'held')")),
    )


class Outbox(Laned, Base):
    """One thing to do on a platform: post, edit or delete a message."""

    __tablename__ = "outbox"
    platform: Mapped[str]
    installation: Mapped[str]
    conversation: Mapped[str]
    operation: Mapped[str]
    urgency: Mapped[int] = mapped_column(SmallInteger, default=USUAL, server_default=text(str(USUAL)))
    """``USUAL``: for one conversation, sent as soon as it may be; ``URGENT`` or ``BULK``: one of what many get
    (``bot.masses``), which lets the others go first."""
    payload: Mapped[dict[str, Any] | None] = mapped_column(info=personal("erase"))
    reference: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]

    __table_args__ = (
        Index("outbox_pending", "id", postgresql_where=text(f"state in ('new', 'held') and urgency = {USUAL}")),
        Index("outbox_pending_lane", "lane", "id", postgresql_where=text("state in ('new', 'held')")),
        Index(
            "outbox_mass",
            "urgency",
            "platform",
            "installation",
            "operation",
            "not_before",
            "id",
            postgresql_where=text(f"state in ('new', 'held') and urgency <> {USUAL}"),
        ),
        Index("outbox_trouble", "id", postgresql_where=text("state in ('failed', 'uncertain')")),
    )


class Sender(Base):
    """Which process sends what many get in an installation, until when: one, since only so its limits are kept."""

    __tablename__ = "sender"
    platform: Mapped[str] = mapped_column(primary_key=True)
    installation: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
    sent: Mapped[dict[str, Any] | None]
    """What it had used up of its limits (``used``, as ``bot.pacing.Pacing.used`` says it), and when (``at``, seconds
    since 1970), for whoever takes its place."""


class Allowance(Base):
    """What a platform has said, or shown, of one of its limits (``bot.pacing.Pace``), for all processes."""

    __tablename__ = "allowance"
    key: Mapped[str] = mapped_column(primary_key=True)
    paused_until: Mapped[datetime | None]
    """It asked for nothing more before."""
    learned: Mapped[dict[str, Any] | None]
    """As ``bot.learned`` writes it."""
    changed_at: Mapped[datetime] = mapped_column(default=now)


class SharedCard(Identified, Base):
    """A card that many messages show, kept once: rows of the outbox name it by its number (``payload.shared``)."""

    __tablename__ = "shared_card"
    card: Mapped[dict[str, Any]] = mapped_column(info=personal("keep"))
    digest: Mapped[bytes] = mapped_column(unique=True)
    """The SHA-256 of it, with sorted keys: the same card is not kept twice."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    """When it was asked for last."""


class PostedCard(Identified, Base):
    """A card that stands, or will stand, in a conversation: found again by what it is ``about``, to be edited.

    Written with its outbox row; ``reference`` (the platform's id of the message) is filled in when it was delivered.
    """

    __tablename__ = "posted_card"
    about: Mapped[str]
    outbox_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    outbox: Mapped[Outbox] = relationship(primaryjoin="foreign(PostedCard.outbox_id) == Outbox.id")
    platform: Mapped[str]
    installation: Mapped[str]
    conversation: Mapped[str]
    thread: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(BigInteger, info=personal("row"))
    reference: Mapped[str | None]
    state: Mapped[str | None]
    """How its delivery ended, as the outbox's row says; none while it has not. It stays when that row is gone. A card
    that was taken away is ``withdrawn``, and changed no more."""
    error: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    """When it ended."""

    __table_args__ = (
        Index("posted_card_about", "about", "person_id"),
        Index("posted_card_relay", "reference", postgresql_where=text("platform = 'relay'")),
        Index("posted_card_teams", "reference", postgresql_where=text("platform = 'teams'")),
        Index(
            "posted_card_announced", "conversation", "reference", postgresql_where=text("about like 'announcement:%'")
        ),
        Index("posted_card_answer", "conversation", "reference", postgresql_where=text("about like 'answer:%'")),
    )


class Timer(Identified, Base):
    """Something due: at ``due_at`` the route is called once. (schedule, slot) is unique, so a fire cannot happen
    twice."""

    __tablename__ = "timer"
    schedule: Mapped[str]
    slot: Mapped[str]
    route: Mapped[str]
    args: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]
    correlation: Mapped[str]

    __table_args__ = (
        UniqueConstraint("schedule", "slot", name="timer_once"),
        Index("timer_due", "due_at", postgresql_where=text("fired_at is null")),
    )


class Job(Identified, Base):
    """Long work, done outside any conversation: claimed, checkpointed, with progress; its end calls a result route."""

    __tablename__ = "job"
    kind: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(info=personal("erase"))
    state: Mapped[str] = mapped_column(default=NEW)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime] = mapped_column(default=now)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    checkpoint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any] | None] = mapped_column(info=personal("erase"))
    error: Mapped[str | None]
    correlation: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]

    __table_args__ = (Index("job_pending", "id", postgresql_where=text("state in ('new', 'held')")),)
