"""The private address at which a calendar program reads somebody's tasks.

Only a hash of its secret is kept. The secret itself is made of the company's keys (``AGORA_KEYS``) and the row, so it
can be shown again to whoever has it, and never stands in a message, a queue or a log. Who renews or revokes it makes
the old one worthless at once.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models.base import Refusal, now, transaction
from models.people import Person
from models.tasks.tables import DONE, FINISHED, LIVE, OPEN, Assignment, CalendarFeed, Task

SHOWN = timedelta(days=90)
"""How long what is done stays in it."""
MOST = 1000  # tasks in one calendar
_SELDOM = timedelta(hours=1)  # how exactly it is known when it was read

_keys: tuple[bytes, ...] = ()


def use_keys(keys: Sequence[str]) -> None:
    """The keys of the company, newest first."""
    global _keys
    _keys = tuple(key.encode() for key in keys)


def renew(session: Session, person: Person) -> CalendarFeed:
    """A new address for ``person``, in place of the one that they have. ``Refusal("not_possible")`` without keys."""
    if not _keys:
        raise Refusal("not_possible")
    revoke(session, person)
    feed = CalendarFeed(person_id=person.id, hash=token_hex(), made_at=now())  # its number is part of the secret
    session.add(feed)
    session.flush()
    feed.hash = _hash(_secret(feed, _keys[0]))
    session.flush()
    return feed


def revoke(session: Session, person: Person) -> bool:
    """Their address leads nowhere any more; whether they had one."""
    gone = session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == person.id).returning(CalendarFeed.id))
    return gone.first() is not None


def feed_of(session: Session, person: Person) -> CalendarFeed | None:
    """Their address, if they have one."""
    newest = select(CalendarFeed).where(CalendarFeed.person_id == person.id).order_by(CalendarFeed.id.desc())
    return session.scalars(newest.limit(1)).first()


def secret_of(feed: CalendarFeed) -> str | None:
    """The secret of an address, for its owner; ``None`` where the key that made it is gone."""
    found = (_secret(feed, key) for key in _keys)
    return next((secret for secret in found if hmac.compare_digest(_hash(secret), feed.hash)), None)


def reader(session: Session, secret: str) -> Person | None:
    """Whose address this is; ``None`` where it is nobody's, or they left. That it was read is written down, seldom."""
    query = select(CalendarFeed, Person).join(Person, Person.id == CalendarFeed.person_id)
    row = session.execute(query.where(CalendarFeed.hash == _hash(secret), Person.active)).first()
    if row is None:
        return None
    feed, person = row
    if feed.read_at is None or feed.read_at < now() - _SELDOM:
        _was_read(feed.id)
    return person


def theirs(session: Session, person: Person) -> list[Task]:
    """What stands in the calendar of ``person``: what they are to do, and what they did lately."""
    mine = Assignment.person_id == person.id
    lately = func.coalesce(Task.done_at, Assignment.finished_at) > now() - SHOWN
    query = (
        select(Task)
        .join(Assignment, Assignment.task_id == Task.id)
        .where(mine, or_(and_(Assignment.state.in_(LIVE), Task.state == OPEN), _done() & lately))
        .order_by(Task.due_at.desc().nulls_last(), Task.id)
        .limit(MOST)
    )
    return list(session.scalars(query.options(joinedload(Task.asker))))


def version(session: Session, person: Person) -> str:
    """Changes whenever what stands in the calendar of ``person`` does; one statement tells."""
    row = session.execute(
        select(func.count(), func.count().filter(_done()), func.max(Task.changed_at), func.max(Assignment.answered_at),
               func.max(Assignment.finished_at), func.sum(Task.version), func.sum(Assignment.step_number))
        .join(Assignment, Assignment.task_id == Task.id)
        .where(Assignment.person_id == person.id, or_(and_(Assignment.state.in_(LIVE), Task.state == OPEN), _done()))
    ).one()  # fmt: skip
    said = "|".join(map(str, (person.id, person.locale, person.timezone, now().date(), *row)))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _done() -> ColumnElement[bool]:
    return and_(Assignment.state == FINISHED, Task.state.in_((OPEN, DONE)))


def _was_read(feed: int) -> None:
    with transaction() as session:
        found = session.get(CalendarFeed, feed)
        if found is not None:
            found.read_at = now()


def _secret(feed: CalendarFeed, key: bytes) -> str:
    made: datetime = feed.made_at.astimezone(UTC)
    said = f"calendar feed {feed.id}, made {made.isoformat()}".encode()  # its owner may become one with another person
    return urlsafe_b64encode(hmac.digest(key, said, "sha256")).decode().rstrip("=")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
