"""Entries and topics on pages of their own, and what of them stands on everybody's home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Element, Heading, T, Text
from bot.router import Page, Router
from bot.translating import offered, on_page
from handlers.knowledge import attachments, audiences, cards, views
from models import access, history, recognition
from models.base import Refusal, now
from models.knowledge import CURRENT, DRAFT, REFUSED, Entry, Topic, TopicFollower, topics
from models.learning import REVIEW
from models.merging import standing
from models.people import Person
from models.questions import Question

router = Router()
_MOST = 500
_LISTED = 10
_REVISIONS = 20  # shown with their differences
NEWS = timedelta(days=7)


@router.page("/entries/{id}")
def entry_page(session: Session, person: Person, id: int) -> Page:
    """A whole entry."""
    entry, before = _standing(session, person, id)
    question = session.get(Question, entry.question_id) if entry.question_id else None
    if question is not None and not access.may(session, person, "read", question):
        question = None
    audience = audiences.in_words(session, entry.audience, access.keys_of(session, person))
    manages = access.may(session, person, "edit", entry)
    files = attachments.shown(session, entry)
    elements = views.page(entry, audience, files, question, manages)
    translated: Sequence[Element] = on_page(session, "entry", entry.id, entry.language, person)
    if not translated and offered("entry", entry.id, entry.language, person):
        translated = views.to_translate(entry)
    helped = views.helped(recognition.helped(session, entry))
    return Page(entry.title, (*views.merged_from(before), *helped, *translated, *elements), entry.language)


@router.page("/entries/{id}/history")
def history_page(session: Session, person: Person, id: int) -> Page:
    """Every revision, and what differs from the one before. Who looks after the entry sees all of it; others see what
    they could have read at the time."""
    entry = _read(session, person, id)
    shown = history.readable(session, person, entry, history.revisions(session, entry, _REVISIONS + 1))
    return Page(entry.title, views.history(entry, shown, _REVISIONS), entry.language)


@router.page("/topics/{id}")
def topic_page(session: Session, person: Person, id: int) -> Page:
    """What a person may read on a topic."""
    topic = session.get(Topic, id)
    if topic is None:
        raise Refusal("not_found")
    here = select(Entry).where(Entry.topic_id == id, _readable(session, person))
    entries = session.scalars(here.order_by(Entry.title, Entry.id).limit(_MOST)).all()
    return Page(topic.name(person.locale), views.topic(topic, entries))


@router.home(25, digest=True)
def to_verify(session: Session, person: Person) -> tuple[Element, ...]:
    """Drafts that wait for this person."""
    drafts = select(Entry).where(Entry.asked_of_id == person.id, Entry.state == DRAFT).order_by(Entry.id)
    lines: list[Element] = []
    for entry in session.scalars(drafts.limit(_LISTED)):
        private = audiences.is_private(session, entry.audience)
        lines += [*views.line(entry), cards.draft_actions(entry, private)]
    return (Heading(T("Drafts for you to verify")), *lines) if lines else ()


@router.home(26, digest=True)
def to_review(session: Session, person: Person) -> tuple[Element, ...]:
    """Entries of which this person was asked whether they are still true."""
    asked = select(Entry).where(Entry.asked_of_id == person.id, Entry.state == CURRENT, Entry.next_step != REVIEW)
    lines: list[Element] = []
    for entry in session.scalars(asked.order_by(Entry.next_at).limit(_LISTED)):
        lines += [*views.line(entry), cards.review_actions(entry)]
    return (Heading(T("Is this still true?")), *lines) if lines else ()


@router.home(35)
def mine(session: Session, person: Person) -> tuple[Element, ...]:
    """What this person wrote or looks after, newest first, and the way to write."""
    own = (Entry.owner_id == person.id) & (Entry.state == CURRENT)
    written = (Entry.author_id == person.id) & Entry.state.in_((CURRENT, DRAFT, REFUSED))
    newest = select(Entry).where(own | written).order_by(Entry.changed_at.desc(), Entry.id.desc()).limit(_LISTED)
    lines: list[Element] = []
    for entry in session.scalars(newest):
        lines += [*views.line(entry), cards.manage(entry)]
    if not lines:
        lines = [Text(T("You have written nothing yet. What did you explain twice this week? Write it down."), True)]
    write = Button(T("Write what you know"), "knowledge.new", 0, "primary", opens="form")
    may_write = access.may(session, person, "write", "entry")
    return (Heading(T("My knowledge")), *lines, Actions((write,))) if may_write else ()


@router.home(38)
def news(session: Session, person: Person) -> tuple[Element, ...]:
    """What was published in the last week in the topics that this person follows."""
    return views.news(_published(session, person, now() - NEWS), T("New this week in the topics you follow"))


@router.digest(38)
def news_since(session: Session, person: Person, since: datetime) -> tuple[Element, ...]:
    """What others published there since they were told last."""
    entries = [entry for entry in _published(session, person, since) if entry.verified_by_id != person.id]
    return views.news(entries, T("New in the topics you follow"))


@router.home(40)
def browse(session: Session, person: Person) -> tuple[Element, ...]:
    """The topics, how much is known of each, and who looks after it; the way to search."""
    grouped = select(Entry.topic_id, func.count()).where(_readable(session, person)).group_by(Entry.topic_id)
    counts = {topic_id: count for topic_id, count in session.execute(grouped)}  # noqa: C416 rows are no tuples to mypy
    followed = set(session.scalars(select(TopicFollower.topic_id).where(TopicFollower.person_id == person.id)))
    search = Actions((Button(T("Search"), "knowledge.search", 0, opens="form"),))
    lines: list[Element] = [search]
    for topic in topics(session):
        lines += views.topic_line(topic, counts.get(topic.id, 0), topic.id in followed)
    return (Heading(T("Topics")), *lines)


def _standing(session: Session, person: Person, id: int) -> tuple[Entry, Entry | None]:
    """The entry that this number leads to, if it may be read, and the merged one it came by, if its words may."""
    entry = session.get(Entry, id)
    if entry is None:
        raise Refusal("not_found")
    after = standing(session, entry)
    could_read = not set(entry.audience).isdisjoint(access.keys_of(session, person))
    return _read(session, person, after.id), entry if after is not entry and could_read else None


def _read(session: Session, person: Person, id: int) -> Entry:
    entry = session.get(Entry, id)
    if entry is None or not access.may(session, person, "read", entry):
        raise Refusal("not_found")
    return entry


def _published(session: Session, person: Person, since: datetime) -> Sequence[Entry]:
    """What was verified since then in the topics that ``person`` follows, as far as they may read it."""
    fresh = (
        select(Entry)
        .join(TopicFollower, TopicFollower.topic_id == Entry.topic_id)
        .where(TopicFollower.person_id == person.id, Entry.verified_at > since, _readable(session, person))
        .order_by(Entry.topic_id, Entry.verified_at.desc())
        .limit(3 * _LISTED)
    )
    return session.scalars(fresh).all()


def _readable(session: Session, person: Person) -> ColumnElement[bool]:
    return and_(Entry.state == CURRENT, Entry.audience.overlap(access.keys_of(session, person)))
