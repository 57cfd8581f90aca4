"""What an announcement says, and the answers to questions about it, as knowledge of whoever got it: until it expires.

They are entries like others. Their readers are those who hold the announcement's key: its author, and everybody with a
receipt (``models.access.JOINED``), as long as the announcement is ``known``.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import learning
from models.announcements.tables import OUT, Announcement
from models.answers import Answer
from models.base import now
from models.knowledge import CURRENT, DRAFT, Entry, revise
from models.learning import TITLE, YEAR, Content
from models.people import Person


def key(announcement_id: int) -> str:
    """The audience key of those who got an announcement."""
    return f"announcement:{announcement_id}"


def about(session: Session, announcement: Announcement) -> Sequence[Entry]:
    """Every entry of ``announcement``, oldest first, also those that are not found any more."""
    of = select(Entry).where(Entry.announcement_id == announcement.id)
    return session.scalars(of.order_by(Entry.id)).all()


def follow(session: Session, announcement: Announcement) -> None:
    """Let what is known be what the announcement says now: nothing where it was taken back."""
    entries = about(session, announcement)
    if announcement.state not in OUT or is_over(announcement):
        end(session, announcement)
        return
    text = next((entry for entry in entries if entry.question_id is None and entry.state == CURRENT), None)
    if text is None:
        content = Content(announcement.title, announcement.text, announcement.language, announcement.topic_id, ())
        publish(session, announcement, content, announcement.author)
        _end_earlier(session, announcement)
    else:
        content = Content(
            announcement.title, announcement.text, announcement.language, announcement.topic_id, tuple(text.audience)
        )
        learning.change(session, text, content, announcement.author, "announced")
    for entry in entries:
        if entry.state == CURRENT and entry.ends_at != announcement.expires_at:
            learning.ends(session, entry, announcement.expires_at)


def answer(session: Session, announcement: Announcement, asked: str, given: Answer) -> Entry:
    """An answer to a question about it, as everybody reads it who got it: ``asked`` in the words of its author."""
    content = Content(asked[:TITLE], given.text, given.language, announcement.topic_id, ())
    return publish(session, announcement, content, given.author, given)


def publish(
    session: Session, announcement: Announcement, content: Content, author: Person, given: Answer | None = None
) -> Entry:
    """A current entry of ``announcement``."""
    entry = Entry(
        title=content.title, body=content.body, language=content.language, topic_id=content.topic_id, state=CURRENT,
        author_id=author.id, question_id=given.question_id if given else None, answer_id=given.id if given else None,
    )  # fmt: skip
    belong(entry, announcement)
    entry.owner_id = announcement.author_id
    entry.verified_by_id, entry.verified_at = author.id, now()
    entry.review_on = (now() + YEAR).date()  # which matters where it has no end
    session.add(entry)
    revise(session, entry, title=entry.title, body=entry.body, language=entry.language, by=author, reason="announced")
    learning.store(session, entry)
    learning.ends(session, entry, announcement.expires_at)
    return entry


def _end_earlier(session: Session, announcement: Announcement) -> None:
    """Of one that is sent again and again only the last one is known; what was asked about the others stays."""
    root = announcement.series_id or announcement.id
    of = (Announcement.id == root) | (Announcement.series_id == root)
    earlier = select(Announcement).where(of, Announcement.known, Announcement.id != announcement.id)
    for each in session.scalars(earlier):
        for entry in about(session, each):
            if entry.state == CURRENT and entry.question_id is None:
                learning.retire(session, entry)
        session.flush()
        forget(session, each)


def belong(entry: Entry, announcement: Announcement) -> None:
    """Let an entry be for those who got ``announcement``, and end with it."""
    entry.announcement_id, entry.audience = announcement.id, [key(announcement.id)]
    entry.ends_at = announcement.expires_at
    announcement.known = True


def end(session: Session, announcement: Announcement) -> None:
    """Nothing of it is found any more; what was said stays in the history."""
    for entry in about(session, announcement):
        if entry.state == CURRENT:
            learning.retire(session, entry)
    announcement.known = False


def is_over(announcement: Announcement) -> bool:
    """Whether it has expired."""
    return announcement.expires_at is not None and announcement.expires_at <= now()


def forget(session: Session, announcement: Announcement) -> None:
    """Where nothing of it is found any more, nobody need hold its key."""
    left = select(Entry.id).where(Entry.announcement_id == announcement.id, Entry.state.in_((CURRENT, DRAFT)))
    if session.scalar(left.limit(1)) is None:
        announcement.known = False
