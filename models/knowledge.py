"""The shared knowledge store: topics, entries, their passages, their history, and where they were imported from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    delete,
    insert,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Identified, now, personal
from models.markdown.passages import split
from models.people import Person
from models.rows import Rows
from models.secrets import masked

CURRENT, DRAFT, VANISHED = "current", "draft", "vanished"
REFUSED, RETIRED, WITHDRAWN, MERGED = "refused", "retired", "withdrawn", "merged"


class Topic(Identified, Base):
    """A subject with an owner, who is asked when nothing and nobody else answers."""

    __tablename__ = "topic"
    HELD = True
    key: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, Any]]
    """The name by locale; ``en`` is always there."""
    descriptions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    strategy: Mapped[str] = mapped_column(default="one")
    """How its questions are offered: one of ``models.strategies.STRATEGIES``."""
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])

    def name(self, locale: str) -> str:
        """Its name in ``locale``, else in English, else its key."""
        return str(self.names.get(locale) or self.names.get("en") or self.key)


class Entry(Identified, Base):
    """A piece of what the company knows. ``audience`` are the keys of which a reader must hold one.

    current: found by whoever may read it · draft: waits for somebody to verify it · refused: not worth keeping ·
    vanished: the page it came from is gone · retired: nobody confirmed it any more · withdrawn: it was wrong ·
    merged: another entry says it too, and stands for it.
    """

    __tablename__ = "entry"
    title: Mapped[str] = mapped_column(info=personal("keep"))
    body: Mapped[str] = mapped_column(info=personal("keep"))
    language: Mapped[str]
    state: Mapped[str] = mapped_column(default=CURRENT)
    audience: Mapped[list[str]]
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id", ondelete="SET NULL"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    author_name: Mapped[str | None] = mapped_column(info=personal("erase"))
    """Who wrote it, where that is nobody Agora knows (an imported page's author)."""
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    verified_at: Mapped[datetime | None]
    review_on: Mapped[date | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))
    source_path: Mapped[str | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of the imported page as it was taken, to see whether it changed."""
    seen_in: Mapped[int | None] = mapped_column(BigInteger)
    """The import (a job's number) that met the page last: what none of a source's last import met has vanished."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"), index=True)
    """The question whose answer it was made of."""
    answer_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    """That answer: one makes one entry, however often it is accepted."""
    asked_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Who was asked to verify it, or whether it is still true; none where nobody is asked."""
    unconfirmed: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    """Nobody said that it is still true when that was due: it counts for less."""
    next_step: Mapped[str | None]
    """What happens to it by itself, at ``next_at``: ``models.learning`` says what there is."""
    next_at: Mapped[datetime | None]
    step_number: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many next steps it has had: tells its timer from stale ones."""
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="SET NULL"))
    """The announcement that it is about: what that says itself, or the answer to a question about it."""
    ends_at: Mapped[datetime | None]
    """From when on it is not found any more; none where it has no such end."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="SET NULL"), index=True)
    """The entry that stands for it, where it was merged."""
    compared: Mapped[int | None]
    """The revision at which it was last compared with other entries (``models.likeness``)."""
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    topic: Mapped[Topic | None] = relationship()
    author: Mapped[Person | None] = relationship(foreign_keys=[author_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    verified_by: Mapped[Person | None] = relationship(foreign_keys=[verified_by_id])

    __table_args__ = (
        UniqueConstraint("source_id", "source_path", name="entry_source_once"),
        Index("entry_author", "author_id", postgresql_where=sql("author_id is not null")),
        Index("entry_verifier", "verified_by_id", postgresql_where=sql("verified_by_id is not null")),
        Index("entry_announcement", "announcement_id", postgresql_where=sql("announcement_id is not null")),
        Index(
            "entry_not_compared", "id", postgresql_where=sql("state = 'current' and compared is distinct from revision")
        ),
        CheckConstraint(
            "(next_step is null) = (next_at is null) and (state <> 'draft' or next_at is not null)",
            name="entry_next_step",
        ),
    )

    @property
    def about(self) -> str:
        """What its cards are about, for ``turn.edit``."""
        return f"entry:{self.id}"

    @property
    def found(self) -> bool:
        """Whether it is found by whoever may read it."""
        return self.state == CURRENT and (self.ends_at is None or self.ends_at > now())


ENTRIES = Rows(Entry, without=("body",))
TOPICS = Rows(Topic)


_TOPIC = f"select {TOPICS.columns('t')} from topic t where id = %(id)s"  # noqa: S608 the names are our own, never input


def subject(session: Session, topic_id: int | None) -> Topic | None:
    """The topic with this number, which the session holds from now on."""
    return None if topic_id is None else TOPICS.first(session, _TOPIC, {"id": topic_id})


class TopicFollower(Base):
    """A person who wants to know what is new in a topic."""

    __tablename__ = "topic_follower"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True, info=personal("row"))


class Revision(Base):
    """How an entry read after its ``number``-th change, who changed it, and why.

    ``audience`` is who could read it then: what was written for few is not shown to the many who may read it now.
    """

    __tablename__ = "revision"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(info=personal("keep"))
    body: Mapped[str] = mapped_column(info=personal("keep"))
    language: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    reason: Mapped[str]
    audience: Mapped[list[str]]
    at: Mapped[datetime] = mapped_column(default=now)
    author: Mapped[Person | None] = relationship()


class Passage(Identified, Base):
    """A part of an entry that answers by itself: what search finds. It repeats its entry's language and audience, so
    that one index decides who may find it; only entries that are current have passages."""

    __tablename__ = "passage"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    anchor: Mapped[str]
    heading: Mapped[str] = mapped_column(info=personal("keep"))
    text: Mapped[str] = mapped_column(info=personal("keep"))
    language: Mapped[str]
    audience: Mapped[list[str]]
    entry: Mapped[Entry] = relationship()


PASSAGES = Rows(Passage)


class Source(Identified, Base):
    """Somewhere that entries are imported from again and again, known by ``key`` (a folder's or export's name)."""

    __tablename__ = "source"
    key: Mapped[str] = mapped_column(unique=True)
    format: Mapped[str]
    base_url: Mapped[str | None]
    last_run_at: Mapped[datetime | None]
    owner_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("person.id"), info=personal("keep"))


@dataclass(frozen=True)
class Part:
    """What a passage is made of, before it is stored: heading path as text, anchor in the page, Markdown."""

    heading: str
    anchor: str
    text: str


def parts_of(markdown: str) -> list[Part]:
    """A Markdown text cut into what search finds: a few paragraphs at a time, each with the way of headings to it."""
    return [Part(" › ".join(one.headings), one.anchor, one.markdown) for one in split(markdown)]


def store_parts(session: Session, entry: Entry, parts: Sequence[Part]) -> None:
    """Replace the passages of ``entry`` by ``parts``, without the secrets in them; none where it is not current."""
    session.flush()
    session.execute(delete(Passage).where(Passage.entry_id == entry.id))
    if entry.state != CURRENT:
        return
    for position, part in enumerate(parts):
        session.execute(
            insert(Passage).values(
                entry_id=entry.id,
                position=position,
                anchor=part.anchor,
                heading=masked(part.heading).text,
                text=masked(part.text).text,
                language=entry.language,
                audience=entry.audience,
            )
        )


def revise(
    session: Session, entry: Entry, *, title: str, body: str, language: str, by: Person | None, reason: str
) -> None:
    """Write a new revision of ``entry``. The caller stores its parts anew."""
    session.flush()
    entry.title, entry.body, entry.language = title, body, language
    entry.changed_at = now()
    newest = session.scalar(
        select(Revision.number).where(Revision.entry_id == entry.id).order_by(Revision.number.desc()).limit(1)
    )
    entry.revision = (newest or 0) + 1
    session.add(
        Revision(
            entry_id=entry.id,
            number=entry.revision,
            title=title,
            body=body,
            language=language,
            author_id=by.id if by else None,
            reason=reason,
            audience=list(entry.audience),
        )
    )


def topics(session: Session) -> list[Topic]:
    """Every topic, by key."""
    return list(session.scalars(select(Topic).order_by(Topic.key)))
