"""Pages into entries: new ones are written, changed ones get a revision, unchanged ones are only noted as met."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.jobs import Run
from handlers.imports.outcome import NotTaken, Refused
from handlers.imports.pages import Page
from handlers.imports.people import People
from handlers.imports.report import Outcome
from models.base import now
from models.knowledge import CURRENT, VANISHED, Entry, Part, Source, Topic, revise, store_parts
from models.people import Person


@dataclass(frozen=True)
class Defaults:
    """What holds for pages that do not say otherwise: audience keys, topic key, and the owner's address or handle."""

    audience: tuple[str, ...] = ("everyone",)
    topic: str | None = None
    owner: str | None = None


class Store:
    """Writes the pages of one source, within the transaction of one step."""

    def __init__(self, session: Session, source_id: int, run: Run, defaults: Defaults) -> None:
        self._session = session
        self._source_id = source_id
        self._run = run
        self._defaults = defaults
        self._people = People(session)
        self._topics = {topic.key: topic for topic in session.scalars(select(Topic))}

    def put(self, page: Page) -> Outcome:
        """Store one page; what happened to it."""
        entry = self._session.scalars(
            select(Entry).where(Entry.source_id == self._source_id, Entry.source_path == page.path)
        ).one_or_none()
        digest = bytes.fromhex(page.digest)
        if entry is None:
            self._add(page, digest)
            return "new"
        entry.seen_in = self._run.id
        if entry.digest == digest and entry.state != VANISHED:  # what people took back stays back
            return "unchanged"
        self._write(entry, page, digest, "imported again" if entry.state == CURRENT else "back again")
        return "changed"

    def met(self, left_out: NotTaken) -> None:
        """A page that could not be read this time has not vanished: what was read of it before stays."""
        if isinstance(left_out, Refused):
            here = (Entry.source_id == self._source_id) & (Entry.source_path == left_out.path)
            self._session.execute(update(Entry).where(here).values(seen_in=self._run.id))

    def _add(self, page: Page, digest: bytes) -> None:
        owner = self._people.named(page.owner) or self._people.named(self._defaults.owner)
        author = self._people.named(page.owner)
        entry = Entry(
            title=page.title,
            body=page.markdown,
            language=page.language,
            audience=list(self._defaults.audience),
            author_id=author.id if author else None,
            owner_id=owner.id if owner else None,
            source_id=self._source_id,
            source_path=page.path,
            seen_in=self._run.id,
        )
        self._session.add(entry)
        self._write(entry, page, digest, "imported")

    def _write(self, entry: Entry, page: Page, digest: bytes, reason: str) -> None:
        entry.state, entry.digest, entry.tags = CURRENT, digest, list(page.tags)
        entry.merged_into_id = None  # it stands for itself again
        owner = self._people.named(page.owner)
        entry.author_name = None if owner else page.owner
        topic = self._topic(page)
        entry.topic_id = topic.id if topic else entry.topic_id
        self._verify(entry, page, owner)
        revise(
            self._session, entry, title=page.title, body=page.markdown, language=page.language, by=owner, reason=reason
        )
        entry.changed_at = page.changed or now()
        store_parts(self._session, entry, [Part(" › ".join(p.headings), p.anchor, p.markdown) for p in page.passages])

    def _verify(self, entry: Entry, page: Page, owner: Person | None) -> None:
        """A page that says when its owner last declared it right is verified by them, on that day."""
        verified = owner is not None and page.reviewed is not None
        entry.verified_by_id = owner.id if verified and owner else None
        entry.verified_at = page.reviewed if verified else None

    def _topic(self, page: Page) -> Topic | None:
        """The topic asked for, else the one that the page names and Agora knows."""
        wanted = self._defaults.topic or (page.topic or "").casefold().replace(" ", "-")
        return self._topics.get(wanted)


def source_named(session: Session, key: str, format: str) -> Source:
    """The source with this key, made if it is new."""
    source = session.scalars(select(Source).where(Source.key == key)).one_or_none()
    if source is None:
        source = Source(key=key, format=format)
        session.add(source)
        session.flush()
    return source


def mark_vanished(session: Session, source_id: int, run: Run) -> list[str]:
    """Take out of search what the import did not meet any more; the paths. The entries and their history stay."""
    gone = session.scalars(
        select(Entry).where(
            Entry.source_id == source_id, Entry.state == CURRENT, Entry.seen_in.is_distinct_from(run.id)
        )
    ).all()
    for entry in gone:
        entry.state = VANISHED
        store_parts(session, entry, [])
    return [entry.source_path or "" for entry in gone]
