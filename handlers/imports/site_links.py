"""Links between imported pages, once every page has its entry: ``page:PATH#ANCHOR`` becomes ``/entries/ID#ANCHOR``."""

from __future__ import annotations

import re
from urllib.parse import unquote

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.knowledge import CURRENT, Entry, Passage, Revision

_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*+)\]\(<?page:([^)#>\s]*)(#[^)>\s]*)?>?(?:\s+\"[^\"]*\")?\)")


def resolve(session: Session, source_id: int, batch: list[int]) -> None:
    """Resolve the links of these entries, of their newest revision and of their passages."""
    known = _paths(session, source_id)
    for entry in session.scalars(select(Entry).where(Entry.id.in_(batch))):
        entry.body = resolved(entry.body, known)
        newest = session.get(Revision, (entry.id, entry.revision))
        if newest is not None:
            newest.body = entry.body
        for passage in session.scalars(select(Passage).where(Passage.entry_id == entry.id)):
            passage.text = resolved(passage.text, known)


def to_resolve(session: Session, source_id: int) -> list[int]:
    """The entries of a source that still hold unresolved links."""
    return list(
        session.scalars(
            select(Entry.id)
            .where(Entry.source_id == source_id, Entry.state == CURRENT, Entry.body.contains("(page:"))
            .order_by(Entry.id)
        )
    )


def resolved(markdown: str, known: dict[str, int]) -> str:
    """``markdown`` with its links between pages resolved; a link to a page that was not taken becomes its text."""

    def replace(match: re.Match[str]) -> str:
        words, path, anchor = match.group(1), unquote(match.group(2)), match.group(3) or ""
        return f"[{words}](/entries/{known[path]}{anchor})" if path in known else words

    return _LINK.sub(replace, markdown)


def _paths(session: Session, source_id: int) -> dict[str, int]:
    rows = session.execute(select(Entry.source_path, Entry.id).where(Entry.source_id == source_id))
    return {path: id for path, id in rows if path}
