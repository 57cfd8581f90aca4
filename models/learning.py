"""How knowledge comes to be, stays true and goes: drafts, verification, review, retirement, and who looks after it.

Every change of state goes through here, so that search finds exactly the entries that are current. A draft, and an
entry with a review date, has one next step with a date; the timer is written with it (``plan``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from models.base import Refusal, now
from models.knowledge import (
    CURRENT,
    DRAFT,
    MERGED,
    REFUSED,
    RETIRED,
    WITHDRAWN,
    Entry,
    Topic,
    parts_of,
    revise,
    store_parts,
)
from models.mail import Timer
from models.people import Person, with_role

ROUTE = "knowledge.next"

OFFER = "offer"  # draft: show it to who may verify it
REMIND = "remind"  # draft: remind them
HAND_ON = "hand_on"  # draft: show it to the next one who may
REVIEW = "review"  # current: ask whether it is still true
ASK_NEXT = "ask_next"  # current: ask the next one
DOUBT = "doubt"  # current: nobody said so; it counts for less from now on
RETIRE = "retire"  # current: still nobody; it is not found any more
END = "end"  # current: what it is about is over; it is not found any more

REMIND_AT = 3 / 7  # of the time that one person has for a draft: of a week, after three days
REVIEW_HAS = timedelta(days=14)  # as long as most holidays
DOUBT_LASTS = timedelta(days=30)
YEAR = timedelta(days=365)
TITLE = 120  # characters that still read as a title


@dataclass(frozen=True)
class Content:
    """What an entry says and to whom: all that a form can change."""

    title: str
    body: str
    language: str
    topic_id: int | None
    audience: tuple[str, ...]


def content_of(entry: Entry) -> Content:
    """What ``entry`` says now."""
    return Content(entry.title, entry.body, entry.language, entry.topic_id, tuple(entry.audience))


def draft(
    session: Session,
    content: Content,
    author: Person | None,
    *,
    question_id: int | None = None,
    answer_id: int | None = None,
    reason: str = "drafted",
) -> Entry:
    """A new entry that waits to be verified; the timer shows it, at once, to whoever looks after its topic."""
    topic = session.get(Topic, content.topic_id) if content.topic_id else None
    entry = Entry(
        title=content.title,
        body=content.body,
        language=content.language,
        topic_id=content.topic_id,
        audience=list(content.audience),
        state=DRAFT,
        author_id=author.id if author else None,
        owner_id=topic.owner_id if topic else None,
        question_id=question_id,
        answer_id=answer_id,
        next_step=OFFER,
        next_at=now(),
    )
    session.add(entry)
    revise(session, entry, title=entry.title, body=entry.body, language=entry.language, by=author, reason=reason)
    plan(session, entry, OFFER, now())
    return entry


def change(session: Session, entry: Entry, content: Content, by: Person, reason: str) -> bool:
    """Write ``content`` as a new revision; whether anything was different. Who may read it changes with it, at once."""
    if content == content_of(entry):
        return False
    moved = entry.topic_id != content.topic_id
    entry.topic_id, entry.audience = content.topic_id, list(content.audience)
    revise(session, entry, title=content.title, body=content.body, language=content.language, by=by, reason=reason)
    store(session, entry)
    if moved and entry.state == DRAFT:
        _hand_to_topic(session, entry)
    return True


def verify(session: Session, entry: Entry, by: Person, review_on: date | None = None) -> None:
    """``by`` says that it is true: a draft is published, a current entry confirmed. Asked again a year from now."""
    if entry.state not in (DRAFT, CURRENT):
        raise Refusal("not_verifiable")
    entry.state, entry.verified_by_id, entry.verified_at = CURRENT, by.id, now()
    entry.owner_id = entry.owner_id or by.id
    entry.unconfirmed = False
    entry.review_on = review_on or (now() + YEAR).date()
    store(session, entry)
    plan_review(session, entry)


def refuse(session: Session, entry: Entry) -> None:
    """A draft is not worth keeping."""
    if entry.state != DRAFT:
        raise Refusal("not_draft")
    _end(session, entry, REFUSED)


def retire(session: Session, entry: Entry) -> None:
    """It is not needed, or not confirmed, any more: not found from now on."""
    _still_current(entry)
    _end(session, entry, RETIRED)


def withdraw(session: Session, entry: Entry) -> None:
    """It was wrong: not found from now on."""
    _still_current(entry)
    _end(session, entry, WITHDRAWN)


def merge(session: Session, entry: Entry, into: Entry) -> None:
    """``into`` says it too, and stands for it from now on."""
    _still_current(entry)
    _still_current(into)
    entry.merged_into_id = into.id
    _end(session, entry, MERGED)


def part(session: Session, entry: Entry, by: Person) -> None:
    """It stands for itself again."""
    entry.state, entry.merged_into_id = CURRENT, None
    verify(session, entry, by)


def restore(session: Session, entry: Entry, by: Person) -> None:
    """Take back a refusal, which makes it a draft again, or a retirement, which makes it current."""
    if entry.state == REFUSED:
        entry.next_step, entry.next_at, entry.state = OFFER, now(), DRAFT
        plan(session, entry, OFFER, now())
    elif entry.state in (RETIRED, WITHDRAWN):
        entry.state, entry.ends_at = CURRENT, None  # whoever brings it back wants it to stay
        verify(session, entry, by)
    else:
        raise Refusal("not_restorable")


def ends(session: Session, entry: Entry, at: datetime | None) -> None:
    """It is not found from ``at`` on, without anybody being asked before; none: it stays as others do."""
    entry.ends_at = at
    if entry.state == CURRENT:
        plan_review(session, entry)


def doubt(entry: Entry) -> None:
    """Nobody confirmed it when that was due."""
    _still_current(entry)
    entry.unconfirmed = True


def responsible(session: Session, entry: Entry) -> list[Person]:
    """Who looks after ``entry`` and can be reached, first to last: its owner, its topic's owner, the deputy, admins.

    A draft is its topic's, whoever is to own it later.
    """
    topic = session.get(Topic, entry.topic_id) if entry.topic_id else None
    own = [] if entry.state == DRAFT and topic else [entry.owner_id]
    ids = [*own, topic.owner_id, topic.deputy_id] if topic else own
    people = [session.get(Person, id) for id in ids if id is not None]
    reachable = (
        person
        for person in (*people, *with_role(session, "admin"))
        if person is not None and person.active and any(account.private for account in person.accounts)
    )
    return list(dict.fromkeys(reachable))


def ask(session: Session, entry: Entry, *, next_one: bool = False) -> Person | None:
    """Put it into the hands of the first who looks after it, or of the ``next_one`` after who has it; the last is
    followed by the first. ``None`` where nobody can be reached."""
    people = responsible(session, entry)
    ids = [person.id for person in people]
    place = ids.index(entry.asked_of_id) + 1 if next_one and entry.asked_of_id in ids else 0
    found = people[place % len(people)] if people else None
    entry.asked_of_id = found.id if found else None
    return found


def plan(session: Session, entry: Entry, step: str | None, at: datetime | None) -> None:
    """The one thing that happens to ``entry`` by itself, and when: its timer replaces the one before."""
    entry.next_step, entry.next_at = step, at
    entry.step_number = (entry.step_number or 0) + 1
    session.flush()
    session.execute(delete(Timer).where(Timer.schedule == entry.about, Timer.fired_at.is_(None)))
    if step is None:
        return
    session.execute(
        insert(Timer).values(
            schedule=entry.about, slot=str(entry.step_number), route=ROUTE, due_at=at, correlation=entry.about,
            args={"entry_id": entry.id, "number": entry.step_number},
        )
    )  # fmt: skip


def is_due(entry: Entry) -> bool:
    """Whether its next step still makes sense: an import may have taken an entry away meanwhile."""
    steps = {DRAFT: (OFFER, REMIND, HAND_ON), CURRENT: (REVIEW, ASK_NEXT, DOUBT, RETIRE, END)}
    return entry.next_step in steps.get(entry.state, ())


def plan_review(session: Session, entry: Entry) -> None:
    """Ask its owner on its review date, in the morning where they are; what ends by itself does that instead."""
    entry.asked_of_id = None
    if entry.ends_at is not None:
        plan(session, entry, END, max(entry.ends_at, now()))
        return
    if entry.review_on is None:
        plan(session, entry, None, None)
        return
    owner = session.get(Person, entry.owner_id) if entry.owner_id else None
    at = datetime.combine(entry.review_on, owner.work_from if owner else time(9), owner.zone if owner else now().tzinfo)
    plan(session, entry, REVIEW, max(at, now()))


def _hand_to_topic(session: Session, entry: Entry) -> None:
    """A draft that moved to another topic is for whoever looks after that one."""
    topic = session.get(Topic, entry.topic_id) if entry.topic_id else None
    entry.owner_id, entry.asked_of_id = topic.owner_id if topic else None, None
    plan(session, entry, OFFER, now())


def _end(session: Session, entry: Entry, state: str) -> None:
    entry.state, entry.asked_of_id, entry.unconfirmed = state, None, False
    entry.changed_at = now()
    store(session, entry)
    plan(session, entry, None, None)


def _still_current(entry: Entry) -> None:
    if entry.state != CURRENT:
        raise Refusal("not_current")


def store(session: Session, entry: Entry) -> None:
    """What search finds of it: nothing unless it is current."""
    store_parts(session, entry, parts_of(entry.body))
