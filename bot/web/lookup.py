"""What a person sees of the playground's messages: lists, threads, changes and what is unread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from bot.web.store import WebMessage, WebRead
from models.people import Account, Person
from models.places import Place, places_of

PLATFORM = "web"
MOST = 60


@dataclass(frozen=True)
class Replies:
    """What stands under a message."""

    count: int
    last: datetime
    authors: tuple[Person | None, ...]


def number(text: str | None) -> int:
    """The number of a message that somebody names; 0, which is no message, where it is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0


def visible_to(person: Person) -> ColumnElement[bool]:
    """The condition of a message that ``person`` may see, where they may see its place."""
    return and_(
        or_(WebMessage.only_for_id.is_(None), WebMessage.only_for_id == person.id), WebMessage.deleted_at.is_(None)
    )


def places(session: Session, person: Person, installation: str) -> list[Place]:
    """Where ``person`` is, in this workspace."""
    return [
        place
        for place in places_of(session, person)
        if place.platform == PLATFORM and place.installation == installation
    ]


def workspaces(session: Session, person: Person) -> list[Account]:
    """The accounts of ``person`` in the playground's workspaces."""
    return list(
        session.scalars(
            select(Account).where(Account.person_id == person.id, Account.platform == PLATFORM).order_by(Account.id)
        )
    )


def messages(
    session: Session, person: Person, place: Place, thread: str | None = None, before: int | None = None
) -> list[WebMessage]:
    """The newest messages of a place, or of a thread with the message it hangs on, oldest first; one more than ``MOST``
    where there are older ones still."""
    wanted = WebMessage.thread.is_(None) if thread is None else _of_thread(thread)
    if before is not None:
        wanted = and_(wanted, WebMessage.id < before)
    found = session.scalars(
        select(WebMessage)
        .where(_in(place), wanted, visible_to(person))
        .order_by(WebMessage.id.desc())
        .limit(MOST + 1)
        .options(selectinload(WebMessage.author))
    )
    return list(found)[::-1]


def before(session: Session, person: Person, message: WebMessage) -> WebMessage | None:
    """The message that ``person`` sees above this one in its list."""
    wanted = WebMessage.thread.is_(None) if message.thread is None else _of_thread(message.thread)
    return session.scalars(
        select(WebMessage)
        .where(
            WebMessage.installation == message.installation,
            WebMessage.conversation == message.conversation,
            wanted,
            WebMessage.id < message.id,
            visible_to(person),
        )
        .order_by(WebMessage.id.desc())
        .limit(1)
    ).first()


def seen(session: Session, person: Person, place: Place, id: int) -> WebMessage | None:
    """The message of this number in ``place``, if ``person`` sees it."""
    return session.scalars(select(WebMessage).where(WebMessage.id == id, _in(place), visible_to(person))).one_or_none()


def changed(
    session: Session, person: Person, installation: str, keys: Iterable[str], since: int, limit: int = 200
) -> Sequence[WebMessage]:
    """What changed in these places of a workspace after the change ``since``, deletions included, in that order."""
    return session.scalars(
        select(WebMessage)
        .where(
            WebMessage.installation == installation,
            WebMessage.conversation.in_(list(keys)),
            WebMessage.changed > since,
            or_(WebMessage.only_for_id.is_(None), WebMessage.only_for_id == person.id),
        )
        .order_by(WebMessage.changed)
        .limit(limit)
        .options(selectinload(WebMessage.author))
    ).all()


def replies(session: Session, person: Person, place: Place, roots: Iterable[WebMessage]) -> dict[int, Replies]:
    """What stands under each of ``roots`` that has something under it."""
    keys = [str(root.id) for root in roots]
    rows = session.execute(
        select(WebMessage.thread, func.count(), func.max(WebMessage.created_at), func.array_agg(WebMessage.author_id))
        .where(_in(place), WebMessage.thread.in_(keys), visible_to(person))
        .group_by(WebMessage.thread)
    ).all()
    return {int(row[0] or 0): Replies(row[1], row[2], _people(session, row[3])) for row in rows}


def _people(session: Session, ids: Iterable[int | None]) -> tuple[Person | None, ...]:
    """The first few different authors; ``None`` is Agora."""
    return tuple(session.get(Person, id) if id else None for id in list(dict.fromkeys(ids))[:3])


def unread(session: Session, person: Person, installation: str, keys: Iterable[str]) -> dict[str, int]:
    """How many messages of others ``person`` has not read, by place."""
    mark = and_(
        WebRead.person_id == person.id,
        WebRead.installation == WebMessage.installation,
        WebRead.conversation == WebMessage.conversation,
    )
    rows = session.execute(
        select(WebMessage.conversation, func.count())
        .outerjoin(WebRead, mark)
        .where(
            WebMessage.installation == installation,
            WebMessage.conversation.in_(list(keys)),
            WebMessage.author_id.is_distinct_from(person.id),
            WebMessage.id > func.coalesce(WebRead.upto, 0),
            visible_to(person),
        )
        .group_by(WebMessage.conversation)
    ).all()
    return {row[0]: row[1] for row in rows}


def read_upto(session: Session, person: Person, place: Place) -> int:
    """The newest message of ``place`` that ``person`` has read; 0 where they never looked."""
    mark = session.get(WebRead, (person.id, place.installation, place.key))
    return mark.upto if mark else 0


def _in(place: Place) -> ColumnElement[bool]:
    return and_(WebMessage.installation == place.installation, WebMessage.conversation == place.key)


def _of_thread(thread: str) -> ColumnElement[bool]:
    return or_(WebMessage.thread == thread, WebMessage.id == number(thread))
