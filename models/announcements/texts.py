"""The languages of an announcement: what its author wrote, and the translations that somebody found right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.announcements.tables import SCALE, Announcement, AnnouncementText, Poll
from models.base import now
from models.people import Person


@dataclass(frozen=True)
class Wording:
    """An announcement in one language. ``translated``: not in its author's; ``unchecked``: by a model, and nobody has
    looked at it."""

    language: str
    title: str
    text: str
    picture_alt: str = ""
    translated: bool = False
    unchecked: bool = False
    polls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """As ``AnnouncementText.polls``."""


def original(announcement: Announcement) -> Wording:
    """What its author wrote."""
    return Wording(announcement.language, announcement.title, announcement.text, announcement.picture_alt)


def wording(announcement: Announcement, text: AnnouncementText) -> Wording:
    """What a translation says."""
    alt = text.picture_alt or announcement.picture_alt
    return Wording(text.language, text.title, text.text, alt, True, text.checked_at is None, text.polls)


def texts(session: Session, announcement: Announcement) -> list[AnnouncementText]:
    """Its translations, checked or not, in the order of their languages."""
    of = AnnouncementText.announcement_id == announcement.id
    return list(session.scalars(select(AnnouncementText).where(of).order_by(AnnouncementText.language)))


def wordings(session: Session, announcement: Announcement) -> dict[str, Wording]:
    """Everything that may be sent, by language: a translation that nobody has checked is there only where its author
    allowed that."""
    written = {announcement.language: original(announcement)}
    for each in texts(session, announcement):
        if each.checked_at is not None or announcement.unseen:
            written.setdefault(each.language, wording(announcement, each))
    return written


def best(written: Mapping[str, Wording], announcement: Announcement, locale: str) -> Wording:
    """What somebody who reads ``locale`` gets: their language, else what its author wrote."""
    return written.get(locale) or written[announcement.language]


def spoken(poll: Poll) -> list[str]:
    """What of a poll is language: the question, and the answers unless they are numbers."""
    return [poll.words] if poll.kind == SCALE else [poll.words, *poll.options]


def in_words(poll: Poll, wording: Wording) -> Poll:
    """``poll`` as it reads in ``wording``, to be shown, not kept; as its author wrote it where it is not translated."""
    said = wording.polls.get(str(poll.position), ())
    if len(said) != len(spoken(poll)):
        return poll
    options = list(said[1:]) or list(poll.options)
    return Poll(id=poll.id, announcement_id=poll.announcement_id, position=poll.position, kind=poll.kind, words=said[0],
                options=options, anonymous=poll.anonymous, open=poll.open)  # fmt: skip


def put(session: Session, announcement: Announcement, said: Wording, by: Person | None) -> AnnouncementText:
    """Keep a translation, instead of the one before: checked by ``by``, or a model's that nobody has looked at. What
    somebody has checked is not replaced by a model's."""
    found = session.get(AnnouncementText, (announcement.id, said.language), with_for_update=True)
    if found is None:
        found = AnnouncementText(announcement_id=announcement.id, language=said.language)
        session.add(found)
    elif by is None and found.checked_at is not None:
        return found
    found.title, found.text, found.picture_alt, found.changed_at = said.title, said.text, said.picture_alt, now()
    found.polls = {position: list(words) for position, words in said.polls.items()}
    found.by_model = by is None or (found.by_model or False)
    found.checked_by_id, found.checked_at = (by.id, now()) if by is not None else (None, None)
    session.flush()
    return found


def outdate(session: Session, announcement: Announcement) -> Sequence[AnnouncementText]:
    """The author's text has changed: nobody has checked its translations against this one. Those that were."""
    checked = [each for each in texts(session, announcement) if each.checked_at is not None]
    for each in checked:
        each.checked_by_id = each.checked_at = None
    session.flush()
    return checked


def forget_poll(session: Session, announcement: Announcement, poll: Poll) -> None:
    """A poll goes: another one may stand at its place."""
    for each in texts(session, announcement):
        each.polls = {position: said for position, said in each.polls.items() if position != str(poll.position)}
