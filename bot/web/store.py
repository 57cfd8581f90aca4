"""The playground's own messages: what Slack and Teams keep for their users, the web platform keeps here.

Every change gets the next number of one sequence, taken under one lock, so numbers become visible in their order: who
has seen everything up to a number misses nothing by asking for what is above it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Identified, now, personal
from models.people import Person

CHANNEL = "agora_web"
"""What PostgreSQL notifies when a message has changed."""
_LOCK = 0x41_67_6F_72_61_77_65_62


class WebMessage(Identified, Base):
    """A message of a person, or of Agora where there is no author."""

    __tablename__ = "web_message"
    installation: Mapped[str]
    conversation: Mapped[str]
    thread: Mapped[str | None]
    """The number of the message that this one answers, as text."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    only_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("row"))
    """The only person who sees it."""
    text: Mapped[str] = mapped_column(default="", info=personal("erase"))
    card: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), info=personal("erase"))
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default="[]", info=personal("erase")
    )
    """What went along: the number, name and size of each file, and whether it is a picture."""
    key: Mapped[str | None]
    """The author's own key of the message: sent twice, it stands once."""
    outbox_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    """The delivery that posted it: delivered twice, it stands once."""
    changed: Mapped[int] = mapped_column(BigInteger, Identity())
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    author: Mapped[Person | None] = relationship(foreign_keys=[author_id])

    __table_args__ = (
        UniqueConstraint("author_id", "key", name="web_message_once"),
        Index("web_message_place", "installation", "conversation", "id"),
        Index("web_message_thread", "installation", "conversation", "thread", "id"),
        Index("web_message_changed", "changed"),
    )


class WebRead(Base):
    """Up to which message a person has read a conversation."""

    __tablename__ = "web_read"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    installation: Mapped[str] = mapped_column(primary_key=True)
    conversation: Mapped[str] = mapped_column(primary_key=True)
    upto: Mapped[int] = mapped_column(BigInteger)


def write(session: Session, message: WebMessage) -> WebMessage:
    """Store a new message, or find the one that stands already by its author's key or its delivery."""
    _in_order(session)
    found = _standing(session, message)
    if found is not None:
        return found
    session.add(message)
    session.flush()
    _announce(session, message)
    return message


def touch(session: Session, message: WebMessage) -> None:
    """Tell everybody who looks that ``message`` has changed."""
    _in_order(session)
    message.changed = func.nextval("web_message_changed_seq")
    session.flush()
    _announce(session, message)


def posted_by(session: Session, outbox_id: int) -> WebMessage | None:
    """The message that a delivery posted, or ``None``."""
    return session.scalars(select(WebMessage).where(WebMessage.outbox_id == outbox_id)).one_or_none()


def latest_change(session: Session) -> int:
    """The number of the newest change; 0 before the first."""
    return session.scalar(select(func.coalesce(func.max(WebMessage.changed), 0))) or 0


def mark_read(session: Session, person_id: int, installation: str, conversation: str, upto: int) -> None:
    """``person_id`` has read the conversation up to this message; never back."""
    row = insert(WebRead).values(person_id=person_id, installation=installation, conversation=conversation, upto=upto)
    higher = func.greatest(WebRead.upto, row.excluded.upto)
    keys = (WebRead.person_id, WebRead.installation, WebRead.conversation)
    session.execute(row.on_conflict_do_update(index_elements=keys, set_={"upto": higher}))


def _in_order(session: Session) -> None:
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _standing(session: Session, message: WebMessage) -> WebMessage | None:
    if message.outbox_id is not None:
        return posted_by(session, message.outbox_id)
    return session.scalars(
        select(WebMessage).where(WebMessage.author_id == message.author_id, WebMessage.key == message.key)
    ).one_or_none()


def _announce(session: Session, message: WebMessage) -> None:
    session.execute(select(func.pg_notify(CHANNEL, message.installation)))
