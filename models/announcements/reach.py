"""Whom an announcement has still to be brought to: receipts, a step of some thousand people at a time.

Every step locks the announcement's row, so that whatever was decided meanwhile (taken back, changed) holds at once, and
finds out anew what is left to do: it may be done again by whoever takes over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.announcements import audience
from models.announcements.figures import FAILED
from models.announcements.tables import OUT, SENDING, Announcement, Receipt
from models.announcements.timing import Reader
from models.base import now
from models.people import Person
from models.rows import run

EXPIRED = "expired"
"""``Receipt.unreachable`` of whoever was still waiting when it expired."""
OPEN_FOR = timedelta(days=90)
"""How long newcomers get what never expires."""
TRIED_FOR = timedelta(days=7)
"""How long it is tried again to reach those of whom only is known that it failed."""


def is_over(announcement: Announcement) -> bool:
    """Whether it has expired."""
    return announcement.expires_at is not None and announcement.expires_at <= now()


def is_open(announcement: Announcement) -> bool:
    """Whether it may still be brought to somebody."""
    return announcement.state in OUT and not is_over(announcement)


def takes_newcomers(announcement: Announcement) -> bool:
    """Whether whoever joins its audience now gets it."""
    sent = announcement.sent_at
    limit = announcement.expires_at or (sent + OPEN_FOR if sent is not None else now())
    return announcement.newcomers and is_open(announcement) and now() < limit


def not_added(
    session: Session, announcement: Announcement, allowed: Mapping[str, Any] | None, after: int, limit: int
) -> list[Reader]:
    """The next people of its audience (and of ``allowed``, where that is given), by number, who are not among those
    whom it is for yet."""
    has = exists().where(Receipt.announcement_id == announcement.id, Receipt.person_id == Person.id)
    columns = (Person.id, Person.locale, Person.timezone, Person.quiet_from, Person.quiet_to)
    meant = audience.people(session, announcement.audience)
    found = meant.with_only_columns(*columns).where(Person.id > after, ~has)
    if allowed is not None:
        found = found.where(Person.id.in_(audience.people(session, allowed).correlate(None)))
    return [Reader(*row) for row in session.execute(found.order_by(Person.id).limit(limit))]


_ADD = """
insert into receipt (announcement_id, person_id, language, posted_id, unreachable, due_at, added_at)
select %(announcement)s, person_id, language, posted_id, unreachable, due_at, %(at)s
from jsonb_to_recordset(%(rows)s::jsonb)
  as r(person_id bigint, language text, posted_id bigint, unreachable text, due_at timestamptz)
"""


def add(
    session: Session,
    announcement: Announcement,
    languages: Mapping[int, str],
    posted: Mapping[int, int],
    unreachable: Mapping[int, str],
    later: Mapping[int, datetime],
) -> None:
    """These people, by the language of what they get, are among those whom it is for: with the card that brings it, or
    why none can, or when one is to."""
    rows = [{"person_id": id, "language": language, "posted_id": posted.get(id), "unreachable": unreachable.get(id),
             "due_at": later.get(id)} for id, language in languages.items()]  # fmt: skip
    _run(session, _ADD, announcement, rows=orjson.dumps(rows).decode())


_WHO = """p.id, p.locale, p.timezone, p.quiet_from, p.quiet_to, r.acknowledged_at is not null,
  r.objected_at is not null, r.reminders, r.posted_id"""
_READERS = f"{_WHO}, r.unreachable"
_DUE = f"""
select {_READERS} from receipt r join person p on p.id = r.person_id
where r.announcement_id = %(announcement)s and r.due_at <= %(at)s
order by r.person_id limit %(limit)s for update of r
"""  # noqa: S608 the names are our own, never input


def due(session: Session, announcement: Announcement, limit: int) -> list[Reader]:
    """Some of those whose time has come, locked."""
    return [Reader(*row) for row in _run(session, _DUE, announcement, limit=limit).fetchall()]


_POSTPONE = """
update receipt r set due_at = b.due_at
from jsonb_to_recordset(%(rows)s::jsonb) as b(person_id bigint, due_at timestamptz)
where r.announcement_id = %(announcement)s and r.person_id = b.person_id
"""


def postpone(session: Session, announcement: Announcement, until: Mapping[int, datetime]) -> None:
    """By person: when it is to be brought instead."""
    rows = [{"person_id": id, "due_at": at} for id, at in until.items()]
    _run(session, _POSTPONE, announcement, rows=orjson.dumps(rows).decode())


_BROUGHT = """
update receipt r set due_at = null, posted_id = coalesce(b.posted_id, r.posted_id),
  unreachable = case when b.posted_id is null then b.unreachable end, language = coalesce(b.language, r.language)
from jsonb_to_recordset(%(rows)s::jsonb)
  as b(person_id bigint, posted_id bigint, unreachable text, language text)
where r.announcement_id = %(announcement)s and r.person_id = b.person_id
"""


def brought(
    session: Session,
    announcement: Announcement,
    posted: Mapping[int, int],
    unreachable: Mapping[int, str],
    languages: Mapping[int, str],
) -> None:
    """By person: the card that brings it, or why nothing can."""
    rows = [{"person_id": id, "posted_id": posted.get(id), "unreachable": unreachable.get(id),
             "language": languages.get(id)} for id in (*posted, *unreachable)]  # fmt: skip
    if rows:
        _run(session, _BROUGHT, announcement, rows=orjson.dumps(rows).decode())


_DROP = "update receipt set due_at = null where announcement_id = %(announcement)s and due_at is not null"
_OVER = """
update receipt set due_at = null, unreachable = case when posted_id is null then %(why)s else unreachable end
where announcement_id = %(announcement)s and due_at is not null
"""


def let_go(session: Session, announcement: Announcement) -> None:
    """Nobody waits for it any more: it was taken back, or has expired, which is why some never got it."""
    if announcement.state in OUT:
        _run(session, _OVER, announcement, why=EXPIRED)
    else:
        _run(session, _DROP, announcement)


_REMIND = f"""
select {_READERS} from receipt r join person p on p.id = r.person_id
where r.announcement_id = %(announcement)s and r.acknowledged_at is null and r.posted_id is not null
  and r.due_at is null and r.reminders < %(number)s and p.active and p.id <> %(author)s
order by r.person_id limit %(limit)s for update of r
"""  # noqa: S608
_REMINDED = """
update receipt set reminders = %(number)s where announcement_id = %(announcement)s and person_id = any(%(people)s)
"""


def remind(session: Session, announcement: Announcement, number: int, limit: int) -> int:
    """Let some of those who have it and did not acknowledge it be reminded for the ``number``-th time; how many. Its
    author knows what it says."""
    values = {"number": number, "limit": limit, "author": announcement.author_id}
    found = [Reader(*row) for row in _run(session, _REMIND, announcement, **values).fetchall()]
    _run(session, _REMINDED, announcement, number=number, people=[each.id for each in found])
    postpone(session, announcement, {each.id: now() for each in found})
    return len(found)


_LOST = f"""
select {_WHO}, (
  select a.unreachable from account a
  where (a.person_id, a.platform, a.private) = (r.person_id, c.platform, c.conversation) limit 1)
from receipt r join person p on p.id = r.person_id join posted_card c on c.id = r.posted_id
where r.announcement_id = %(announcement)s and r.unreachable is null and r.due_at is null and c.state = 'failed'
order by r.person_id limit %(limit)s for update of r
"""  # noqa: S608
_BACK = f"""
update receipt r set due_at = %(at)s, unreachable = null, posted_id = null
where r.announcement_id = %(announcement)s and r.unreachable is not null and r.unreachable <> '{EXPIRED}' and exists (
  select from account a join person p on p.id = a.person_id
  where a.person_id = r.person_id and p.active and a.private is not null and a.unreachable is null)
and (r.unreachable <> '{FAILED}' or (%(again)s and exists (
  select from posted_card c where c.id = r.posted_id and c.ended_at < %(at)s - interval '1 day')))
"""  # noqa: S608


def lost(session: Session, announcement: Announcement, limit: int) -> list[Reader]:
    """Some of those whose copy cannot be delivered, locked; ``unreachable`` is what is known of their account there."""
    return [Reader(*row) for row in _run(session, _LOST, announcement, limit=limit).fetchall()]


def come_back(session: Session, announcement: Announcement) -> int:
    """Let those get it who can be reached again; how many. Where nobody tells, it is tried again once a day for a
    while."""
    again = announcement.sent_at is not None and now() < announcement.sent_at + TRIED_FOR
    return int(_run(session, _BACK, announcement, again=again).rowcount)


_COPIES = """
select c.id, p.id, p.locale, r.acknowledged_at is not null, r.objected_at is not null, r.language
from posted_card c join receipt r on r.person_id = c.person_id and r.announcement_id = %(announcement)s
join person p on p.id = c.person_id
where c.about = %(about)s and c.id > %(after)s order by c.id limit %(limit)s for update of r
"""


class Copy(NamedTuple):
    """A card that brought it to somebody, by the number of its ``PostedCard``."""

    id: int
    person_id: int
    locale: str
    acknowledged: bool
    objected: bool
    language: str


def copies(session: Session, announcement: Announcement, after: int, limit: int) -> list[Copy]:
    """The next of all copies, by number; what their readers say to it waits until they are changed."""
    values = {"about": announcement.about, "after": after, "limit": limit}
    return [Copy(*row) for row in _run(session, _COPIES, announcement, **values).fetchall()]


_NEXT = "select min(due_at) from receipt where announcement_id = %(announcement)s"


def next_due(session: Session, announcement: Announcement) -> datetime | None:
    """When the next of those who wait is to get it."""
    row = _run(session, _NEXT, announcement).fetchone()
    return row[0] if row else None


def out(session: Session) -> Sequence[Announcement]:
    """Everything that may still be brought to somebody."""
    found = session.scalars(select(Announcement).where(Announcement.state.in_(OUT)).order_by(Announcement.id))
    since = now() - OPEN_FOR
    return [each for each in found if is_open(each) and ((each.sent_at or since) > since or each.state == SENDING
                                                         or each.expires_at is not None)]  # fmt: skip


def _run(session: Session, statement: str, announcement: Announcement, **values: Any) -> Any:
    return run(session, statement, {"announcement": announcement.id, "at": now(), **values})
