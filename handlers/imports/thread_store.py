"""Answered threads into draft entries, which whoever looks after the topic verifies before anybody is served them."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.jobs import Run
from handlers.imports.people import People
from handlers.imports.report import Outcome
from handlers.imports.store import Defaults
from handlers.imports.threads import Message, Thread
from models import learning
from models.base import now
from models.knowledge import DRAFT, Entry, Revision, Topic, revise
from models.learning import Content
from models.places import place_named

IMPORTED = "imported"
A_DAY = 5  # drafts shown to somebody in a day: an export has hundreds


class ThreadStore:
    """Writes the threads of one source, within the transaction of one step."""

    def __init__(self, session: Session, source_id: int, run: Run, defaults: Defaults) -> None:
        self._session = session
        self._source_id = source_id
        self._run = run
        self._defaults = defaults
        self._people = People(session)
        self._topics = {topic.key: topic.id for topic in session.scalars(select(Topic))}

    def put(self, thread: Thread, number: int) -> Outcome:
        """Store one thread, the ``number``-th of this import; what happened to it. What people made of a draft
        stays."""
        entry = self._session.scalars(
            select(Entry).where(Entry.source_id == self._source_id, Entry.source_path == thread.key)
        ).one_or_none()
        title, body = _title(thread), _body(thread)
        digest = hashlib.sha256(f"{title}\n{body}".encode()).digest()
        if entry is None:
            self._add(thread, title, body, digest, number)
            return "new"
        entry.seen_in = self._run.id
        if entry.digest == digest or entry.state != DRAFT or self._was_edited(entry):
            return "unchanged"
        revise(
            self._session, entry, title=title, body=body, language=thread.language, by=None, reason=f"{IMPORTED} again"
        )
        entry.digest = digest
        return "changed"

    def _was_edited(self, entry: Entry) -> bool:
        newest = self._session.get(Revision, (entry.id, entry.revision))
        return newest is not None and not newest.reason.startswith(IMPORTED)

    def _add(self, thread: Thread, title: str, body: str, digest: bytes, number: int) -> None:
        best = thread.answers[thread.best]
        author = self._people.named(best.email)
        content = Content(title, body, thread.language, self._topic(thread.channel), self._defaults.audience)
        entry = learning.draft(self._session, content, author, reason=IMPORTED)
        entry.source_id, entry.source_path, entry.digest = self._source_id, thread.key, digest
        entry.seen_in, entry.author_name = self._run.id, None if author else best.author
        learning.plan(self._session, entry, learning.OFFER, now() + timedelta(days=number // A_DAY))

    def _topic(self, channel: str) -> int | None:
        """The topic asked for, else the channel's own, where Agora knows the channel."""
        if self._defaults.topic:
            return self._topics.get(self._defaults.topic)
        place = place_named(self._session, channel)
        return place.topic_id if place else self._topics.get(channel)


def _title(thread: Thread) -> str:
    first = next((line.strip() for line in thread.question.text.splitlines() if line.strip()), thread.channel)
    return first if len(first) <= learning.TITLE else first[: learning.TITLE - 1].rstrip() + "…"


def _body(thread: Thread) -> str:
    """The question and its best answer; other answers follow where anybody agreed with them."""
    others = [each for i, each in enumerate(thread.answers) if i != thread.best and (each.agreed or each.solved)]
    said = [thread.answers[thread.best], *others]
    return "\n\n".join([_quoted(thread.question), *(_signed(each) for each in said)])


def _quoted(message: Message) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in message.text.splitlines())


def _signed(message: Message) -> str:
    return f"{message.text}\n\n— {message.author}, {message.at:%Y-%m-%d}"
