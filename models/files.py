"""Pictures and attachments: kept in the database, read by whoever may read what they are attached to."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.announcements.tables import Announcement
from models.answers import Answer
from models.base import Base, Identified, Refusal, now, personal
from models.knowledge import Entry
from models.people import Person
from models.places import Place
from models.questions import Question
from models.rows import Rows

MOST_BYTES = 10 * 1024 * 1024
MOST_AT_ONCE = 10
LONGEST_NAME = 120  # characters
UNKNOWN = "application/octet-stream"
PICTURES = {  # what a browser may show by itself, known by its first bytes: no SVG, which is a program
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_OTHERS = {b"%PDF-": "application/pdf", b"PK\x03\x04": "application/zip"}

Holder = Question | Answer | Entry | Announcement


class File(Identified, Base):
    """A file that somebody gave: posted in a place, or attached to one thing, or both. Whoever may read one of them
    may read it; where it is in neither, its owner alone."""

    __tablename__ = "file"
    name: Mapped[str] = mapped_column(info=personal("keep"))
    media_type: Mapped[str]
    """What its bytes say it is, whatever its name says."""
    size: Mapped[int]
    """In bytes."""
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    """Where it was posted in a message, if it was."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        CheckConstraint("num_nonnulls(question_id, answer_id, entry_id, announcement_id) <= 1", name="file_one_holder"),
    )

    @property
    def is_picture(self) -> bool:
        """Whether a browser may show it by itself."""
        return self.media_type in PICTURES.values() or self.media_type == "image/webp"

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/files/{self.id}"


class FileContent(Base):
    """The bytes of a file, apart from it: what lists files does not read them."""

    __tablename__ = "file_content"
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, info=personal("keep"))


def sniffed(content: bytes) -> str:
    """The media type that the bytes themselves show; ``application/octet-stream`` where they show none.

    First bytes after the WHATWG's MIME Sniffing Standard, 6.1 and 7.1.
    """
    for start, media_type in (PICTURES | _OTHERS).items():
        if content.startswith(start):
            return media_type
    if content[:4] == b"RIFF" and content[8:14] == b"WEBPVP":
        return "image/webp"
    return "text/plain" if _is_text(content) else UNKNOWN


def safe_name(name: str) -> str:
    """The last part of ``name`` without what could act or mislead: separators, control and direction characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(kept) > LONGEST_NAME and len(ending) <= 10:
        return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending
    return kept[:LONGEST_NAME] or "file"


def keep(session: Session, owner: Person, name: str, content: bytes) -> File:
    """Keep a file, attached to nothing yet. ``Refusal("file_empty")``, ``Refusal("file_too_large")``."""
    if not content:
        raise Refusal("file_empty", name=safe_name(name))
    if len(content) > MOST_BYTES:
        raise Refusal("file_too_large", name=safe_name(name), most=MOST_BYTES // 1024 // 1024)
    file = File(
        name=safe_name(name),
        media_type=sniffed(content),
        size=len(content),
        sha256=hashlib.sha256(content).digest(),
        owner_id=owner.id,
    )
    session.add(file)
    session.flush()
    session.add(FileContent(file_id=file.id, content=content))
    session.flush()
    return file


def attach(session: Session, owner: Person, ids: Iterable[int], to: Holder) -> list[File]:
    """Attach what ``owner`` gave to something. Others' files, and files that are attached
    already, are refused as if they did not exist."""
    found = _given(session, owner, ids)
    for file in found:
        setattr(file, f"{to.__tablename__}_id", to.id)
    session.flush()
    return found


def posted(session: Session, owner: Person, ids: Iterable[int], place: Place) -> list[File]:
    """The files that ``owner`` posts in a message in ``place``; refused like ``attach``."""
    found = _given(session, owner, ids)
    for file in found:
        file.place_id = place.id
    session.flush()
    return found


FILES = Rows(File)


def files_of(session: Session, holder: Holder) -> list[File]:
    """What is attached to ``holder``, in the order given."""
    column = f"{holder.__tablename__}_id"
    statement = f"select {FILES.columns('f')} from file f where {column} = %(holder)s order by id"  # noqa: S608
    return FILES.all(session, statement, {"holder": holder.id})


def holder_of(session: Session, file: File) -> Holder | None:
    """What ``file`` is attached to; whoever may read that may read the file."""
    if file.question_id is not None:
        return session.get(Question, file.question_id)
    if file.answer_id is not None:
        return session.get(Answer, file.answer_id)
    if file.announcement_id is not None:
        return session.get(Announcement, file.announcement_id)
    return session.get(Entry, file.entry_id) if file.entry_id is not None else None


def content_of(session: Session, file: File) -> bytes:
    """The bytes of ``file``; ``Refusal("not_found")`` where they were erased."""
    content = session.scalar(select(FileContent.content).where(FileContent.file_id == file.id))
    if content is None:
        raise Refusal("not_found")
    return content


def _given(session: Session, owner: Person, ids: Iterable[int]) -> list[File]:
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_AT_ONCE:
        raise Refusal("too_many_files", most=MOST_AT_ONCE)
    if not wanted:
        return []
    found = list(session.scalars(select(File).where(File.id.in_(wanted)).order_by(File.id).with_for_update()))
    if len(found) < len(wanted) or any(file.owner_id != owner.id or _holder_id(file) for file in found):
        raise Refusal("file_gone")
    return found


def _holder_id(file: File) -> int | None:
    return file.question_id or file.answer_id or file.entry_id or file.announcement_id


def _is_text(content: bytes) -> bool:
    head = content[:4096]
    if any(byte < 0x20 and byte not in b"\t\n\r\f\x1b" for byte in head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 4 and len(content) > len(head)  # a character cut in two
    return True
