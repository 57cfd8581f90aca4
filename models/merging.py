"""Several entries made one, and back: what was merged leads to what stays, and both keep their history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import learning
from models.access import EVERYONE
from models.base import Refusal
from models.history import revision
from models.knowledge import CURRENT, MERGED, Entry
from models.learning import Content
from models.people import Person

MERGE, UNDONE = "merged", "merge undone"
_DEEPEST = 50  # merged into what was merged, and so on: nobody does that by hand
_OF_EMPLOYEES = ("department", "location", "role", EVERYONE)


def standing(session: Session, entry: Entry) -> Entry:
    """The entry that ``entry`` leads to: itself, unless it was merged. It may have been taken back since."""
    for _ in range(_DEEPEST):
        after = session.get(Entry, entry.merged_into_id) if entry.merged_into_id else None
        if entry.state != MERGED or after is None:
            return entry
        entry = after
    return entry


def leads_to(session: Session, entry_id: int) -> int:
    """The number of the entry that this one leads to: buttons outlive what they stood on."""
    entry = session.get(Entry, entry_id)
    return entry_id if entry is None else standing(session, entry).id


def merged_into(session: Session, entry: Entry) -> list[int]:
    """The numbers of all entries that lead to ``entry``, at whatever distance."""
    found: list[int] = []
    front = [entry.id]
    while front and len(found) < 1000:
        here = (Entry.merged_into_id.in_(front)) & (Entry.state == MERGED)
        front = [id for id in session.scalars(select(Entry.id).where(here)) if id not in found]
        found += front
    return found


def merge(session: Session, kept: Entry, others: Sequence[Entry], content: Content, by: Person) -> None:
    """``kept`` says ``content`` from now on, and ``others`` lead to it."""
    if leaking(kept, others, content):
        raise Refusal("merge_widens", field="audience")
    for other in others:
        learning.merge(session, other, kept)
    learning.change(session, kept, content, by, MERGE)


def unmerge(session: Session, kept: Entry, others: Sequence[Entry], made: int | None, by: Person) -> bool:
    """Each stands for itself again; whether ``kept`` reads as before, too: not where it was changed since ``made``, the
    revision that the merge made of it (none where it changed nothing)."""
    for other in others:
        if other.state == MERGED:
            learning.part(session, other, by)
    if made is None:
        return True
    if kept.state != CURRENT or kept.revision != made:
        return False
    before = revision(session, kept, made - 1)
    content = Content(before.title, before.body, before.language, kept.topic_id, tuple(before.audience))
    learning.change(session, kept, content, by, UNDONE)
    return True


def leaking(kept: Entry, others: Iterable[Entry], content: Content) -> bool:
    """Whether more people could read the words of one of them than could before. The words of all are in ``content``,
    unless that is, word for word, one that its readers could read anyway."""
    everything = (kept, *others)
    if any(content.body == each.body and _within(content.audience, each.audience) for each in everything):
        return False
    return not all(_within(content.audience, each.audience) for each in everything)


def _within(keys: Iterable[str], wider: Iterable[str]) -> bool:
    """Whether all who hold one of ``keys`` hold one of ``wider``."""
    wide = set(wider)
    return all(key in wide or (EVERYONE in wide and key.partition(":")[0] in _OF_EMPLOYEES) for key in keys)


def combined(kept: Entry, others: Iterable[Entry]) -> str:
    """The text of ``kept``, and every paragraph of the others that it does not have."""
    paragraphs = _paragraphs(kept.body)
    known = {_bare(each) for each in paragraphs}
    for other in others:
        for paragraph in _paragraphs(other.body):
            if _bare(paragraph) not in known:
                known.add(_bare(paragraph))
                paragraphs.append(paragraph)
    return "\n\n".join(paragraphs)


def _paragraphs(text: str) -> list[str]:
    return [each.strip("\n") for each in text.split("\n\n") if each.strip()]


def _bare(paragraph: str) -> str:
    return " ".join(paragraph.casefold().split())
