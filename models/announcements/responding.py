"""What a reader may still say to an announcement: looked up without holding up the others who say something to it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.announcements.knowledge import is_over
from models.announcements.tables import OUT, RECALLED, Announcement, Receipt
from models.base import Refusal
from models.people import Person
from models.rows import run

_CONFIRMED_AS = """
update receipt r set acknowledged_at = before.acknowledged_at from receipt before
where r.person_id = %(person)s and before.person_id = %(other)s and r.announcement_id = before.announcement_id
  and r.acknowledged_at is null and before.acknowledged_at is not null returning r.announcement_id
"""
_MANY = """
select count(*) >= %(least)s from (
  select from receipt where announcement_id = %(announcement)s and person_id <> %(author)s and unreachable is null
  limit %(least)s) r
"""
LEAST_ANONYMOUS = 3
"""Where fewer than so many got something, its author would know who asks without a name."""


def addressed(session: Session, person: Person, announcement_id: int) -> tuple[Announcement, Receipt]:
    """The announcement and what ``person`` has said to it so far, locked for them alone. Refused, with the reason,
    where they never got it, or nothing can be said to it any more.

    The announcement is read under that lock, which a change of all copies takes, too (``reach.copies``): whichever of
    the two comes later knows of the other, and what it writes is what the copy says in the end."""
    key = (announcement_id, person.id)
    receipt = session.get(Receipt, key, with_for_update=True, populate_existing=True) if person.active else None
    announcement = session.get(Announcement, announcement_id, populate_existing=True)
    if announcement is None:
        raise Refusal("not_found")
    if receipt is None:
        raise Refusal("own_announcement" if announcement.author_id == person.id else "not_addressed")
    if announcement.state == RECALLED:
        raise Refusal("announcement_taken_back")
    if announcement.state not in OUT:
        raise Refusal("not_addressed")
    if is_over(announcement):
        raise Refusal("announcement_over")
    return announcement, receipt


def may_hide(session: Session, announcement: Announcement) -> bool:
    """Whether so many got it that who asks about it without a name is not known by that alone."""
    values = {"announcement": announcement.id, "author": announcement.author_id, "least": LEAST_ANONYMOUS}
    row = run(session, _MANY, values).fetchone()
    return row is not None and bool(row[0])


def confirmed_as(session: Session, person_id: int, other_id: int) -> list[int]:
    """Two people who each got something turned out to be one: what either has confirmed is confirmed. The numbers of
    the announcements of which that is news."""
    values = {"person": person_id, "other": other_id}
    return [number for (number,) in run(session, _CONFIRMED_AS, values).fetchall()]
