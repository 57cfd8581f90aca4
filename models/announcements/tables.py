"""Announcements, their translations, who gets them, and what those said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, false, true
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Identified, now, personal
from models.knowledge import Topic
from models.people import Person
from models.rows import Rows

DRAFT, PROPOSED, SCHEDULED, SENDING, SENT = "draft", "proposed", "scheduled", "sending", "sent"
RECALLED, CANCELLED = "recalled", "cancelled"
STATES = (DRAFT, PROPOSED, SCHEDULED, SENDING, SENT, RECALLED, CANCELLED)
OUT = (SENDING, SENT)
"""The states in which people have it, or are about to."""
SINGLE, MULTIPLE, SCALE = "single", "multiple", "scale"
POLLS = (SINGLE, MULTIPLE, SCALE)


class Announcement(Identified, Base):
    """Something that one person has to say to many, each of whom may answer.

    draft: only its author has it · proposed: it waits for whoever must approve it · scheduled: it goes out at
    ``send_at`` · sending: those whom it reaches are being looked up, and their copies written · sent: all copies are
    with the outbox · recalled: every copy says that it was taken back · cancelled: it never went out.
    """

    __tablename__ = "announcement"
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    state: Mapped[str] = mapped_column(default=DRAFT)
    title: Mapped[str] = mapped_column(default="", info=personal("keep"))
    text: Mapped[str] = mapped_column(default="", info=personal("keep"))
    """Markdown."""
    language: Mapped[str] = mapped_column(default="en")
    picture_alt: Mapped[str] = mapped_column(default="", info=personal("keep"))
    """What its picture (the file that it holds) shows, for whoever does not see it."""
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict, info=personal("keep"))
    """Whom it is for, as ``models.announcements.audience`` reads it."""
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id", ondelete="SET NULL"))
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Goes ahead of others, and into quiet hours."""
    questions: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether those who get it are invited to ask."""
    newcomers: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether whoever joins its audience before it expires gets it, too."""
    unseen: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether translations that nobody checked may be sent."""
    send_at: Mapped[datetime | None]
    """When it goes out; none: at once."""
    local: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether ``send_at`` is meant by each reader's own clock: the same hour of the day that it is for the author."""
    repeat: Mapped[str | None]
    """The rule by which it is sent again (RFC 5545, as ``FREQ=WEEKLY;BYDAY=MO``), in the author's time zone."""
    series_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="SET NULL"), index=True)
    """The announcement whose rule brought this one about."""
    expires_at: Mapped[datetime | None]
    acknowledge_by: Mapped[datetime | None]
    """By when readers are to say "Got it"; none where nobody is asked to."""
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    approved_at: Mapped[datetime | None]
    refused_because: Mapped[str | None] = mapped_column(info=personal("erase"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Goes up with every change of the draft: who changes an older one is told."""
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was changed after it went out."""
    known: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether what it says, or answers to questions about it, are knowledge of whoever got it."""
    sent_at: Mapped[datetime | None]
    recalled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    approver: Mapped[Person | None] = relationship(foreign_keys=[approver_id])
    topic: Mapped[Topic | None] = relationship()

    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="announcement_state"),
        Index("announcement_out", "sent_at", postgresql_where=sql("state in ('sending', 'sent')")),
        Index("announcement_known", "id", postgresql_where=sql("known")),
    )

    @property
    def about(self) -> str:
        """What the cards of its readers are about."""
        return f"announcement:{self.id}"

    @property
    def desk(self) -> str:
        """What the cards of those who look after it are about."""
        return f"announcement-desk:{self.id}"


ANNOUNCEMENTS = Rows(Announcement)


class AnnouncementText(Base):
    """An announcement in another language than its author's."""

    __tablename__ = "announcement_text"
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(info=personal("keep"))
    text: Mapped[str] = mapped_column(info=personal("keep"))
    picture_alt: Mapped[str] = mapped_column(default="", info=personal("keep"))
    polls: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}", info=personal("keep"))
    """Its polls, by their position: the question, then the answers in order, where these are words."""
    by_model: Mapped[bool] = mapped_column(default=False, server_default=false())
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Who found it right; none where nobody has looked."""
    checked_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=now)


class Authorship(Identified, Base):
    """Who may announce something, to whom: a person, or whoever has a role."""

    __tablename__ = "authorship"
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    role: Mapped[str | None]
    audience: Mapped[dict[str, Any]]
    """The most that they may reach."""
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether they may call something urgent."""
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Who must approve what they write; none where nobody must."""
    made_at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    approver: Mapped[Person | None] = relationship(foreign_keys=[approver_id])

    __table_args__ = (CheckConstraint("(person_id is null) <> (role is null)", name="authorship_of_one"),)


class Receipt(Base):
    """That a person is among those whom an announcement is for, what became of their copy, and what they said.

    How far the copy got stands with its card (``PostedCard.state``, found by ``posted_id``).
    """

    __tablename__ = "receipt"
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True, info=personal("row"))
    language: Mapped[str]
    """The language of the text that they got."""
    posted_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """The card that brought it last; none while it is not written yet, or nobody can be reached."""
    due_at: Mapped[datetime | None]
    """When it is to be sent, by their own clock; none once that is done."""
    unreachable: Mapped[str | None]
    """Why nothing can be delivered, if nothing can: a word of the code."""
    seen_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]
    objection: Mapped[str | None] = mapped_column(info=personal("row"))
    """Why it does not work for them."""
    reply: Mapped[str | None] = mapped_column(info=personal("row"))
    """What its author replied to that."""
    replied_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How often they were asked to acknowledge it after the first time."""
    added_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("receipt_due", "announcement_id", "due_at", postgresql_where=sql("due_at is not null")),)


class Poll(Identified, Base):
    """A question that an announcement puts to its readers, with the answers to choose from."""

    __tablename__ = "poll"
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    """``single``, ``multiple``, or ``scale`` from 1 to as many as there are options."""
    words: Mapped[str] = mapped_column(info=personal("keep"))
    options: Mapped[list[str]] = mapped_column(info=personal("keep"))
    anonymous: Mapped[bool] = mapped_column(default=False, server_default=false())
    open: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether readers see the results, once they took part."""

    __table_args__ = (
        UniqueConstraint("announcement_id", "position", name="poll_place"),
        CheckConstraint(f"kind in {POLLS}", name="poll_kind"),
    )


class Ballot(Base):
    """That a person took part in a poll, and what they chose: nothing where it is anonymous."""

    __tablename__ = "ballot"
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True, info=personal("row"))
    choices: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger), info=personal("row"))
    at: Mapped[datetime | None] = mapped_column(default=now)
    """None where it is anonymous: moments would tell who chose what."""


class Tally(Base):
    """How many chose an option of an anonymous poll, from 1; option 0 counts who took part.

    ``shown`` is what anybody sees of it: it goes on in steps of several ballots, so that no single one can be told.
    """

    __tablename__ = "tally"
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True)
    option: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    votes: Mapped[int] = mapped_column(default=0)
    shown: Mapped[int] = mapped_column(default=0, server_default="0")
