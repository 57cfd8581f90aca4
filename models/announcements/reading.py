"""What somebody has not seen yet of what was announced to them, and what leaders look at once a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.announcements.progress import Progress
from models.announcements.tables import ANNOUNCEMENTS, OUT, Announcement, Receipt
from models.base import now
from models.people import EMPLOYEE, Person
from models.rows import rows_of, run

LOOKED_BACK = timedelta(days=28)
"""What is older was missed for good, unless it is still to be confirmed."""

_RECEIPTS = rows_of(Receipt)
_MINE = f"""
select {ANNOUNCEMENTS.columns("a")}, {_RECEIPTS.columns("r")}
from announcement a join receipt r on r.announcement_id = a.id and r.person_id = %(person)s
where a.state in {OUT} and a.sent_at > %(since)s and (a.expires_at is null or a.expires_at > %(now)s)
  and (r.due_at is null or r.posted_id is not null)
  and (not %(unseen)s or a.author_id <> %(person)s and (
    coalesce(r.seen_at, r.acknowledged_at, r.asked_at, r.objected_at) is null
    or (a.acknowledge_by is not null and r.acknowledged_at is null)))
order by a.urgent desc, (a.acknowledge_by is not null and r.acknowledged_at is null) desc, a.sent_at desc, a.id desc
limit %(limit)s
"""  # noqa: S608 the names are our own, never input
_OVERSEEN = f"""
select {ANNOUNCEMENTS.columns("a")} from announcement a
where a.state in {OUT} and a.sent_at > %(since)s and (a.expires_at is null or a.expires_at > %(now)s)
  and (%(person)s in (a.author_id, a.approver_id) or %(all)s or (%(reads)s and exists (
    select from receipt r where r.announcement_id = a.id and r.person_id = %(person)s)))
order by a.sent_at desc limit %(limit)s
"""  # noqa: S608
_LONGEST_NUMBER = 18  # digits
_SEEN = """
update receipt r set seen_at = %(now)s from posted_card c
where r.person_id = %(person)s and r.seen_at is null and c.id = r.posted_id
  and (c.platform, c.installation, c.conversation) = (%(platform)s, %(installation)s, %(conversation)s)
  and c.reference ~ '^[0-9]{1,18}$' and c.reference::bigint <= %(upto)s::bigint
returning r.announcement_id
"""
_FOR_ALL = f"""
select not exists (
  select from person p where p.active and p.kind = '{EMPLOYEE}' and p.id <> %(author)s
    and not exists (select from receipt r where r.announcement_id = %(announcement)s and r.person_id = p.id))
"""  # noqa: S608


class Mine(NamedTuple):
    """An announcement with its receipt for somebody."""

    announcement: Announcement
    receipt: Receipt

    @property
    def to_confirm(self) -> bool:
        """Whether they are to say "Got it", and have not: others than its author."""
        theirs = self.receipt.person_id == self.announcement.author_id
        return self.announcement.acknowledge_by is not None and self.receipt.acknowledged_at is None and not theirs


def mine(session: Session, person: Person, limit: int, since: datetime | None = None) -> list[Mine]:
    """What was announced to ``person`` since then and still holds; urgent first, then what is to be confirmed."""
    return _mine(session, person, limit, since, unseen=False)


def missed(session: Session, person: Person, limit: int, since: datetime | None = None) -> list[Mine]:
    """The same, of which they have said nothing and of which no platform told that they saw it; and what they are still
    to confirm. Nobody misses what they announced themselves."""
    return _mine(session, person, limit, since, unseen=True)


def overseen(session: Session, person: Person, since: datetime, limit: int, everything: bool) -> list[Announcement]:
    """What is out since then and looked after by ``person``; ``everything``: what a leader may hear about, too: for an
    admin all, for a manager what they got."""
    values = {"person": person.id, "since": since, "now": now(), "limit": limit,
              "all": everything and person.has("admin"), "reads": everything and person.has("manager")}  # fmt: skip
    return ANNOUNCEMENTS.all(session, _OVERSEEN, values)


def progress_of(session: Session, announcements: Sequence[Announcement]) -> dict[int, Progress]:
    """What was counted of them last."""
    numbers = [each.id for each in announcements]
    found = session.scalars(select(Progress).where(Progress.announcement_id.in_(numbers)))
    return {row.announcement_id: row for row in found}


def _mine(session: Session, person: Person, limit: int, since: datetime | None, unseen: bool) -> list[Mine]:
    values: dict[str, Any] = {"person": person.id, "since": since or now() - LOOKED_BACK, "now": now(),
                              "unseen": unseen, "limit": limit}  # fmt: skip
    rows = run(session, _MINE, values).fetchall()
    return [Mine(ANNOUNCEMENTS.of(session, row), _RECEIPTS.of(session, row[len(ANNOUNCEMENTS) :])) for row in rows]


def is_for_all(session: Session, announcement: Announcement) -> bool:
    """Whether every employee got it: then it may be shown wherever every employee may read."""
    row = run(session, _FOR_ALL, {"announcement": announcement.id, "author": announcement.author_id}).fetchone()
    return row is not None and bool(row[0])


def seen(session: Session, person: Person, platform: str, installation: str, conversation: str, upto: str) -> list[int]:
    """``person`` has read their own chat up to the message ``upto``, whose number the platform counts up: what was
    announced to them there is seen. The numbers of those announcements that were not before."""
    if not upto.isdecimal() or len(upto) > _LONGEST_NUMBER:
        return []
    values = {"person": person.id, "platform": platform, "installation": installation, "conversation": conversation,
              "upto": upto, "now": now()}  # fmt: skip
    return [number for (number,) in run(session, _SEEN, values).fetchall()]
