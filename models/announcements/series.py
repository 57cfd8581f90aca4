"""Announcements that repeat: each occurrence is one of its own, and brings about the next when it goes out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from models.announcements.tables import SCHEDULED, Announcement, AnnouncementText, Poll
from models.base import Base, now
from models.files import File, FileContent
from models.recurring import following, moved

_ITS_OWN = frozenset(
    "id state sent_at recalled_at created_at changed_at revision version known refused_because series_id send_at "
    "expires_at acknowledge_by".split()
)


def follow(session: Session, announcement: Announcement) -> Announcement | None:
    """The next occurrence of what goes out now, scheduled, with everything that stands on it; ``None`` where there is
    none. What was missed, because nobody served it for a while, is left out."""
    if announcement.repeat is None:
        return None
    announcement.send_at = before = announcement.send_at or announcement.sent_at or now()
    zone = announcement.author.zone
    at = following(announcement.repeat, _first(session, announcement), max(before, now()), zone)
    if at is None:
        return None
    root = announcement.series_id or announcement.id
    copy = Announcement(**_values(announcement, _ITS_OWN), state=SCHEDULED, series_id=root, send_at=at)
    copy.expires_at = moved(announcement.expires_at, before, at, zone)
    copy.acknowledge_by = moved(announcement.acknowledge_by, before, at, zone)
    session.add(copy)
    session.flush()
    _copy_what_stands_on_it(session, announcement, copy)
    return copy


def _first(session: Session, announcement: Announcement) -> Any:
    """When the series began: its rule counts from there."""
    root = announcement.series_id or announcement.id
    in_it = (Announcement.id == root) | (Announcement.series_id == root)
    return session.scalar(select(func.min(Announcement.send_at)).where(in_it))


def _copy_what_stands_on_it(session: Session, announcement: Announcement, copy: Announcement) -> None:
    for kind in (AnnouncementText, Poll):
        for row in session.scalars(select(kind).where(kind.announcement_id == announcement.id)):
            session.add(kind(**_values(row, frozenset({"id", "announcement_id"})), announcement_id=copy.id))
    for file in session.scalars(select(File).where(File.announcement_id == announcement.id)):
        content = session.get_one(FileContent, file.id).content
        twin = File(**_values(file, frozenset({"id", "announcement_id", "created_at"})), announcement_id=copy.id)
        session.add(twin)
        session.flush()
        session.add(FileContent(file_id=twin.id, content=content))
    session.flush()


def _values(row: Base, without: frozenset[str]) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).columns if column.key not in without}
