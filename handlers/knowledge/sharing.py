"""Entries where people talk: links to them that somebody posts, and what can be looked up and put into a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.cards import Card, T, User
from bot.router import Hit, Router
from handlers.knowledge import cards
from models import access
from models.knowledge import CURRENT, Entry
from models.merging import standing
from models.people import Person
from models.search.analysis import plain
from models.search.find import find
from models.search.language import detect
from models.search.pool import Space, Vector

router = Router()
_FOUND = 10
_WORDS = 300  # characters of what is looked for


@router.unfurl("/entries/{id}")
def unfurled(session: Session, keys: Sequence[str], id: int) -> Card | None:
    """A current entry, for readers who all may read it."""
    found = session.get(Entry, id)
    entry = standing(session, found) if found else None
    if entry is None or entry.state != CURRENT or set(entry.audience).isdisjoint(keys):
        return None
    return cards.shared(entry, plain(entry.body), link=False)


@router.search(
    "knowledge",
    T("Search Agora"),
    T("Find what the company has written down, and put it into your message."),
)
def search(session: Session, person: Person, words: str, vectors: Mapping[Space, Vector]) -> Sequence[Hit]:
    """What ``person`` may read about ``words``. Of what is not for everybody, a message gets the title and the link
    alone: who is there may not be known."""
    wanted = words.replace("\0", "").strip()[:_WORDS]
    found = find(session, wanted, detect(wanted, person.locale), access.keys_of(session, person), _FOUND, vectors)
    return [_hit(hit.entry, plain(hit.passage.text)) for hit in found]


def _hit(entry: Entry, text: str) -> Hit:
    open_to_all = access.EVERYONE in entry.audience
    return Hit(User(entry.title), cards.state(entry), cards.shared(entry, text if open_to_all else ""))
