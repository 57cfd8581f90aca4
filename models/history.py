"""How entries read before: revisions, what differs between two, and who is editing since which one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import access
from models.base import Base, Identified, Refusal, now, personal
from models.knowledge import Entry, Revision
from models.people import Person

SAME, ADDED, REMOVED = "same", "added", "removed"
Piece = tuple[str, str]
_WORDS = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")
_FINE = 2_000  # lines, or words of a stretch, compared one by one: comparing takes their square, and longest texts come
_FORGOTTEN = timedelta(days=7)


class Editing(Identified, Base):
    """A person opened the form of an entry when it was at this revision: what they send is checked against it."""

    __tablename__ = "editing"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("row"))
    revision: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)


def begin(session: Session, entry: Entry, person: Person) -> Editing:
    """Note that ``person`` starts to edit ``entry`` as it reads now."""
    session.execute(delete(Editing).where(Editing.entry_id == entry.id, Editing.at < now() - _FORGOTTEN))
    editing = Editing(entry_id=entry.id, person_id=person.id, revision=entry.revision)
    session.add(editing)
    session.flush()
    return editing


def overtaken(session: Session, editing: Editing, entry: Entry) -> Revision | None:
    """The newest revision, where somebody wrote one since this form was opened. Sending it again then goes through."""
    if editing.revision == entry.revision:
        return None
    editing.revision = entry.revision
    return session.get(Revision, (entry.id, entry.revision))


def revisions(session: Session, entry: Entry, newest: int = 50) -> list[Revision]:
    """The revisions of ``entry``, newest first."""
    query = select(Revision).where(Revision.entry_id == entry.id).order_by(Revision.number.desc()).limit(newest)
    return list(session.scalars(query))


def readable(session: Session, person: Person, entry: Entry, found: Sequence[Revision]) -> list[Revision]:
    """Those revisions that ``person`` may read: all for who looks after the entry, for others, admins too, those that
    were meant for them at the time."""
    if access.may(session, person, "read older", entry):
        return list(found)
    held = set(access.keys_of(session, person))
    return [one for one in found if held & set(one.audience)]


def revision(session: Session, entry: Entry, number: int) -> Revision:
    """One of them; ``Refusal("unknown_revision")`` where there is none of this number."""
    found = session.get(Revision, (entry.id, number))
    if found is None:
        raise Refusal("unknown_revision", field="revision")
    return found


def difference(before: str, after: str) -> list[Piece]:
    """What became of a text: stretches that are the same, added or removed, in order. Joined without what was removed
    they are ``after``, joined without what was added ``before``."""
    return list(_joined(_by_line(before.splitlines(keepends=True), after.splitlines(keepends=True))))


def _by_line(old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, gone, come in _compared(old, new):
        if kind == SAME:
            yield SAME, gone
        else:
            yield from _by_word(gone, come)


def _by_word(old: str, new: str) -> Iterator[Piece]:
    for kind, gone, come in _compared(_WORDS.findall(old), _WORDS.findall(new)):
        if kind == SAME:
            yield SAME, gone
        else:
            yield REMOVED, gone
            yield ADDED, come


def _compared(old: list[str], new: list[str]) -> Iterator[tuple[str, str, str]]:
    """Stretches of two lists: the same, or else what stood there and what stands there now."""
    if len(old) + len(new) > _FINE:
        yield REMOVED, "".join(old), "".join(new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        yield SAME if tag == "equal" else REMOVED, "".join(old[a:b]), "".join(new[c:d])


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    kind, text = SAME, ""
    for next_kind, more in pieces:
        if not more:
            continue
        if next_kind != kind:
            if text:
                yield kind, text
            kind, text = next_kind, ""
        text += more
    if text:
        yield kind, text
