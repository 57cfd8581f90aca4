"""Announcements where people talk: links to them that somebody posts, and what can be looked up and put into a
message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.cards import Card, Heading, Link, Markdown, T, Text, User, Words
from bot.mentions import named
from bot.router import Hit, Router
from bot.shorten import shortened
from handlers.announcements import cards, missed
from models import access
from models.announcements import reading, texts
from models.announcements.tables import OUT, Announcement
from models.base import now
from models.people import Person
from models.search.find import find
from models.search.language import detect
from models.search.pool import Space, Vector

router = Router()
_FOUND = 10
_WORDS = 300  # characters of what is looked for
_SHOWN = 600  # characters of one below a link


@router.unfurl("/announcements/{id}")
def unfurled(session: Session, keys: Sequence[str], id: int) -> Card | None:
    """One that still holds, where everybody who reads it there has got it."""
    found = session.get(Announcement, id)
    if found is None or found.state not in OUT or (found.expires_at is not None and found.expires_at <= now()):
        return None
    if f"announcement:{id}" not in keys and not (access.EVERYONE in keys and reading.is_for_all(session, found)):
        return None
    said: Words = T("{name} announces: {title}", name=named(found.author), title=User(found.title))
    text = Markdown(shortened(found.text, _SHOWN), found.language)
    return Card(said, (Heading(User(found.title)), Text(T("from {name}", name=named(found.author)), True), text))


@router.search(
    "announcements", T("Search announcements"), T("Find what was announced to you, and put it into your message.")
)
def search(session: Session, person: Person, words: str, vectors: Mapping[Space, Vector]) -> Sequence[Hit]:
    """What was announced to ``person`` about ``words``. A message gets the title and the link alone: who is there may
    not be known."""
    wanted = words.replace("\0", "").strip()[:_WORDS]
    held = [key for key in access.keys_of(session, person) if key.startswith("announcement:")]
    if not wanted or not held:
        return []
    hits = find(session, wanted, detect(wanted, person.locale), held, _FOUND, vectors)
    numbers = dict.fromkeys(hit.entry.announcement_id for hit in hits if hit.entry.announcement_id)
    found = (session.get(Announcement, number) for number in numbers)
    return [_hit(session, person, one) for one in found if one and access.may(session, person, "read", one)]


def _hit(session: Session, person: Person, announcement: Announcement) -> Hit:
    wording = texts.best(texts.wordings(session, announcement), announcement, person.locale)
    _, about = missed.line(session, person, announcement)
    title = User(wording.title)
    said = T("{name} announced: {title}", name=named(announcement.author), title=title)
    shown = (Heading(title), about, Link(T("Read it"), cards.path(announcement)))
    return Hit(title, about.words if isinstance(about, Text) else title, Card(said, shown))
