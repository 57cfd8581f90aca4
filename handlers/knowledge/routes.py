"""The ways to what is written."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cards import Element, Heading, T
from bot.router import Page, Router
from handlers.knowledge import cards
from models import access
from models.base import Refusal
from models.knowledge import CURRENT, Entry, Topic, topics
from models.people import Person

router = Router()
_MOST = 500


@router.page("/entries/{id}")
def entry_page(session: Session, person: Person, id: int) -> Page:
    """A whole entry."""
    entry = session.get(Entry, id)
    if entry is None or not access.may(session, person, "read", entry):
        raise Refusal("not_found")
    return Page(entry.title, cards.page(entry), entry.language)


@router.page("/topics/{id}")
def topic_page(session: Session, person: Person, id: int) -> Page:
    """What a person may read on a topic."""
    topic = session.get(Topic, id)
    if topic is None:
        raise Refusal("not_found")
    entries = session.scalars(
        select(Entry).where(Entry.topic_id == id, _readable(session, person)).order_by(Entry.title).limit(_MOST)
    )
    return Page(topic.name(person.locale), cards.in_topic(list(entries)))


@router.home(40)
def browse(session: Session, person: Person) -> tuple[Element, ...]:
    """The topics, how much is known of each, and who looks after it."""
    grouped = select(Entry.topic_id, func.count()).where(_readable(session, person)).group_by(Entry.topic_id)
    counts = dict(session.execute(grouped).tuples().all())
    lines = [part for topic in topics(session) for part in cards.topic_line(topic, counts.get(topic.id, 0))]
    return (Heading(T("Topics")), *lines) if lines else ()


def _readable(session: Session, person: Person):  # type: ignore[no-untyped-def]
    return (Entry.state == CURRENT) & Entry.audience.overlap(access.keys_of(session, person))
