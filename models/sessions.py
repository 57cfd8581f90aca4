"""How a person reaches Agora's web pages: a short-lived single-use link from their own chat, then a session.

Only hashes of the secrets are stored: who reads the table can open nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, now, personal
from models.people import Person

LINK_LIFE = timedelta(hours=1)
SESSION_LIFE = timedelta(hours=12)


class Link(Base):
    """A single-use way into a page for one person."""

    __tablename__ = "link"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("row"))
    path: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser that came in by a link."""

    __tablename__ = "web_session"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("row"))
    expires_at: Mapped[datetime]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def new_link(session: Session, person_id: int, path: str) -> str:
    """A new link's secret, for ``path`` as ``person_id``."""
    secret = secrets.token_urlsafe(24)
    session.add(Link(digest=_digest(secret), person_id=person_id, path=path, expires_at=now() + LINK_LIFE))
    return secret


def use_link(session: Session, secret: str) -> tuple[Link, str] | None:
    """Spend a link: the link and a new session's secret; ``None`` where it is unknown, used or expired."""
    link = session.get(Link, _digest(secret), with_for_update=True)
    if link is None or link.used_at is not None or link.expires_at < now():
        return None
    person = session.get(Person, link.person_id)
    if person is None or not person.active:
        return None
    link.used_at = now()
    token = secrets.token_urlsafe(24)
    session.add(WebSession(digest=_digest(token), person_id=person.id, expires_at=now() + SESSION_LIFE))
    return link, token


def spent_link(session: Session, secret: str) -> Link | None:
    """A link that once was, for its person alone: to send them a fresh one, or to lead them there."""
    return session.get(Link, _digest(secret))


def session_person(session: Session, token: str) -> Person | None:
    """Who this browser belongs to; ``None`` where the session is unknown or over."""
    found = session.get(WebSession, _digest(token))
    if found is None or found.expires_at < now():
        return None
    person = session.get(Person, found.person_id)
    return person if person is not None and person.active else None


def purge(session: Session) -> None:
    """Forget links and sessions that are over, some days later: until then their messages lead on."""
    long_ago = now() - timedelta(days=7)
    session.execute(delete(Link).where(Link.expires_at < long_ago))
    session.execute(delete(WebSession).where(WebSession.expires_at < long_ago))
