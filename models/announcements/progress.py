"""What those who look after an announcement were shown last: how far it was, and how fast it went on; and which leaders
want a summary of all once a week."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.announcements.figures import Figures, figures
from models.announcements.tables import Announcement
from models.base import Base, now, personal

SOONEST, LATEST = 5.0, 600.0  # seconds
_SHARE = 50  # times as long as it takes to count it rests before it counts again
_LIVELY = 0.5  # how much of the pace is what was seen last


class Progress(Base):
    """The figures of an announcement as they were counted last."""

    __tablename__ = "announcement_progress"
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"), primary_key=True)
    figures: Mapped[dict[str, Any]]
    digest: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Of the card that showed them."""
    at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    """When they were others than before."""
    took: Mapped[float] = mapped_column(default=0.0)
    """Seconds that it took to count."""
    rate: Mapped[float | None]
    """Copies that came to their end in a second, lately; none where nobody can say."""

    @property
    def every(self) -> float:
        """After how many seconds it may be counted again: the longer it takes, the more seldom."""
        return min(max(1, ceil(_SHARE * self.took / SOONEST)) * SOONEST, LATEST)

    @property
    def counted(self) -> Figures:
        """What was counted."""
        return Figures(**self.figures)

    @property
    def left(self) -> float | None:
        """Seconds until all copies that are on their way have come to their end, if it goes on like this; ``None``
        where nobody can say."""
        return self.counted.on_their_way / self.rate if self.rate else None


class Briefing(Base):
    """Whether a leader wants what was announced, and what came of it, once a week; who said nothing does."""

    __tablename__ = "briefing"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    wanted: Mapped[bool] = mapped_column(default=True)
    briefed_at: Mapped[datetime | None]
    """Until when they were told."""


def known(session: Session, announcement: Announcement) -> Progress | None:
    """What was counted last."""
    return session.get(Progress, announcement.id)


def count(session: Session, announcement: Announcement) -> tuple[Progress, Figures]:
    """Count again, and remember it."""
    began = time.perf_counter()
    found = figures(session, announcement)
    took = time.perf_counter() - began
    row = session.get(Progress, announcement.id, with_for_update=True, populate_existing=True)
    if row is None:
        row = Progress(announcement_id=announcement.id, figures={}, digest=b"", at=now(), changed_at=now(), rate=None)
        session.add(row)
    else:
        row.rate = _rate(row, found)
    plain = asdict(found) | {"next_at": None, "unreachable": dict(found.unreachable)}
    if plain != row.figures:
        row.changed_at = now()
    row.figures, row.at, row.took = plain, now(), took
    session.flush()
    return row, found


def _rate(before: Progress, found: Figures) -> float | None:
    """How fast copies come to their end: what was seen since the last time, and some of what was known."""
    passed = (now() - before.at).total_seconds()
    if passed < 1:
        return before.rate
    seen = max(0, found.ended - before.counted.ended) / passed
    if before.rate is None:
        return seen or None
    return _LIVELY * seen + (1 - _LIVELY) * before.rate or None
