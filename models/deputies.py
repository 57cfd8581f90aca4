"""Who stands in for somebody: while they are away, or always; and who gets what they leave behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, personal
from models.people import Person

LONG = timedelta(days=3)
"""Whoever is away for longer cannot do what is due meanwhile."""
MOST = 5
"""A deputy's deputy, and so on, so far: what goes round in a circle ends there, too."""


class Deputy(Base):
    """Somebody stands in for a person: while that person is away, or ``always``. Who looks after a topic may have named
    another one for it (``Topic.deputy_id``)."""

    __tablename__ = "deputy"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    always: Mapped[bool] = mapped_column(default=False)


STAND_IN = f"""
stands (for_id, person_id, hops) as (
  select r.person_id, r.person_id, 0
  from (select distinct person_id from reason) r
  where r.person_id <> %(asker)s
    and r.person_id <> all (array(select o.person_id from offer o
      where o.question_id = %(question)s and o.state in ('declined', 'passed', 'answered')))
    and r.person_id <> all (array(select i.person_id from interest i
      where (i.topic_id, i.wish) = (%(topic)s, 'never')))
  union
  select s.for_id, d.deputy_id, s.hops + 1
  from stands s join deputy d on d.person_id = s.person_id join person p on p.id = s.person_id
  where s.hops < {MOST} and p.active and (d.always or exists (
    select from absence a where a.person_id = p.id and a.starts_at <= %(now)s and %(now)s < a.ends_at))
)"""  # noqa: S608 the names are our own, never input
"""Those of ``reason``, each standing for themselves, and who stands in for those who are not there: to stand in the
statement that finds who knows."""


def name(session: Session, person: Person, deputy: Person, always: bool) -> None:
    """``deputy`` stands in for ``person`` from now on, instead of whoever did."""
    found = session.get(Deputy, person.id) or Deputy(person_id=person.id)
    found.deputy_id, found.always = deputy.id, always
    session.add(found)
    session.flush()


def forget(session: Session, person: Person) -> bool:
    """Nobody stands in for ``person`` any more; whether anybody did."""
    found = session.get(Deputy, person.id)
    if found is not None:
        session.delete(found)
        session.flush()
    return found is not None


def deputy_of(session: Session, person: Person) -> Deputy | None:
    """Who stands in for ``person``, if anybody does."""
    return session.get(Deputy, person.id)


def stood_in_for(session: Session, person: Person) -> list[Person]:
    """For whom ``person`` stands in, by name."""
    query = select(Person).join(Deputy, Deputy.person_id == Person.id)
    return list(session.scalars(query.where(Deputy.deputy_id == person.id, Person.active).order_by(Person.name)))


def chain(session: Session, person: Person) -> Iterable[Person]:
    """Who stands in for ``person``, then who does for that one, and so on; each once."""
    seen = {person.id}
    found = deputy_of(session, person)
    while found is not None and found.deputy_id not in seen and len(seen) <= MOST:
        seen.add(found.deputy_id)
        one = session.get_one(Person, found.deputy_id)
        yield one
        found = deputy_of(session, one)


def decider(session: Session, person: Person) -> Person | None:
    """Who decides where nobody was named: their manager, who is there."""
    manager = session.get(Person, person.manager_id) if person.manager_id else None
    return manager if manager is not None and manager.active and manager.id != person.id else None
