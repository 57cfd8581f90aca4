"""Who was asked to acknowledge an announcement and has not, and when something is done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.announcements.tables import Announcement, Receipt
from models.hours import next_working
from models.people import Person
from models.rows import run

REMIND, REMIND_ELSEWHERE, TELL_MANAGERS = 1, 2, 3
STAGES = (REMIND, REMIND_ELSEWHERE, TELL_MANAGERS)
_DAY = timedelta(days=1)

_TELL = """
insert into timer (schedule, slot, route, args, due_at, correlation)
select distinct on (m.id) 'announcement-list:' || r.announcement_id || ':' || m.id, %(slot)s, %(route)s,
  jsonb_build_object('announcement_id', r.announcement_id, 'manager_id', m.id), %(at)s,
  'announcement:' || r.announcement_id
from receipt r join person p on p.id = r.person_id join person m on m.id = p.manager_id
where r.announcement_id = %(announcement)s and r.acknowledged_at is null and p.active and m.active and m.id <> p.id
  and p.id <> %(author)s
on conflict do nothing
"""


def due_at(announcement: Announcement, stage: int) -> datetime | None:
    """When a stage is due: a reminder by the date; by another platform a working day of its author later; one more, and
    managers are told. ``None`` where nobody is asked to acknowledge it."""
    moment = announcement.acknowledge_by
    for _ in range(stage - 1):
        moment = next_working(announcement.author, moment + _DAY) if moment is not None else None
    return moment


def tell_managers(session: Session, announcement: Announcement, route: str, at: datetime) -> int:
    """Call the timer ``route`` at ``at`` for the manager of everybody who has not acknowledged it, once for each; how
    many managers."""
    values = {"announcement": announcement.id, "author": announcement.author_id, "route": route, "at": at,
              "slot": at.isoformat()}  # fmt: skip
    return run(session, _TELL, values).rowcount


def of_manager(
    session: Session, announcement: Announcement, manager: Person, limit: int
) -> tuple[Sequence[Person], int]:
    """Some of a manager's people who have not acknowledged it, by name, and how many there are."""
    mine = (Receipt.announcement_id == announcement.id, Receipt.acknowledged_at.is_(None), Person.active,
            Person.manager_id == manager.id, Person.id.not_in((manager.id, announcement.author_id)))  # fmt: skip
    query = select(Person).join(Receipt, Receipt.person_id == Person.id).where(*mine)
    found = session.scalars(query.order_by(Person.name, Person.id).limit(limit)).all()
    return found, session.scalar(select(func.count()).select_from(query.subquery())) or 0
