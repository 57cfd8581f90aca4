"""Forms of announcements that somebody has open: what they saw in it, and what they filled in that was refused.

A chat does not say what was typed into a form that was closed. What was sent, and could not be taken as it was, is
kept: it stands in the form when it is opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.announcements.tables import Announcement
from models.base import Base, Identified, Refusal, now, personal
from models.people import Person

_FORGOTTEN = timedelta(days=30)


class Opened(Identified, Base):
    """A person opened a form: of a new announcement, or of one that was at this version."""

    __tablename__ = "announcement_form"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    """Which of its forms."""
    version: Mapped[int] = mapped_column(default=0)
    """Of the announcement, when it was opened."""
    filled: Mapped[dict[str, Any] | None] = mapped_column(info=personal("row"))
    """What was sent and could not be taken, by field."""
    at: Mapped[datetime] = mapped_column(default=now)


def begin(session: Session, person: Person, kind: str, announcement: Announcement | None = None) -> Opened:
    """Note that ``person`` opens a form: the one again in which they filled in what was not taken, if there is one."""
    session.execute(delete(Opened).where(Opened.at < now() - _FORGOTTEN))
    number = announcement.id if announcement is not None else None
    same = (Opened.person_id == person.id) & (Opened.kind == kind) & Opened.announcement_id.is_not_distinct_from(number)
    left = select(Opened).where(same, Opened.filled.is_not(None)).order_by(Opened.id.desc()).limit(1)
    opened = session.scalars(left.with_for_update()).first() or Opened(
        person_id=person.id, announcement_id=number, kind=kind
    )
    opened.version = announcement.version if announcement is not None else 0
    opened.at = now()
    session.add(opened)
    session.flush()
    return opened


def find(session: Session, id: int, person: Person, kind: str) -> Opened:
    """The form that ``person`` sends, locked; ``Refusal("form_too_old")`` where it is forgotten, or another's."""
    opened = session.get(Opened, id, with_for_update=True)
    if opened is None or opened.person_id != person.id or opened.kind != kind:
        raise Refusal("form_too_old")
    return opened


def keep(opened: Opened, values: Mapping[str, Any]) -> None:
    """Keep what was filled in: it was not taken."""
    opened.filled = {name: value for name, value in values.items() if isinstance(value, str)}


def taken(session: Session, opened: Opened, announcement: Announcement) -> None:
    """What was filled in is in the announcement: sent once more, the form changes that one."""
    opened.filled, opened.announcement_id, opened.version = None, announcement.id, announcement.version
    session.flush()
