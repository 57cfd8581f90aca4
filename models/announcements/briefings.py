"""When leaders hear what was announced, and what came of it: once a week, at the hour of their digests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.announcements.progress import Briefing
from models.base import now
from models.digests import WEEKLY, next_slot
from models.mail import Timer
from models.people import Person, with_role

ROLES = ("manager", "admin")
_OLDEST = timedelta(days=28)


def is_leader(person: Person) -> bool:
    """Whether ``person`` leads others, or administers Agora."""
    return any(person.has(role) for role in ROLES)


def leaders(session: Session) -> list[Person]:
    """All of them who did not say that they want none."""
    unwanted = set(session.scalars(select(Briefing.person_id).where(~Briefing.wanted)))
    found = {person.id: person for role in ROLES for person in with_role(session, role)}
    return [person for id, person in found.items() if id not in unwanted]


def wanted(session: Session, person: Person) -> bool:
    """Whether they want it."""
    found = session.get(Briefing, person.id)
    return found is None or found.wanted


def choose(session: Session, person: Person, wants: bool) -> None:
    """They said whether they want it."""
    found = session.get(Briefing, person.id, with_for_update=True)
    if found is None:
        session.add(Briefing(person_id=person.id, wanted=wants))
    else:
        found.wanted = wants
    session.flush()


def since(session: Session, person: Person) -> datetime:
    """Until when they were told."""
    found = session.get(Briefing, person.id)
    oldest = now() - _OLDEST
    return max((found and found.briefed_at) or oldest, oldest)


def briefed(session: Session, person: Person) -> None:
    """They were told by now."""
    row = insert(Briefing).values(person_id=person.id, wanted=True, briefed_at=now())
    session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_={"briefed_at": now()}))


def plan(session: Session, people: Sequence[Person], route: str, correlation: str) -> None:
    """Plan the next one of each of them who has none yet."""
    waiting = set(session.scalars(select(Timer.schedule).where(Timer.route == route, Timer.fired_at.is_(None))))
    rows = []
    for person in people:
        schedule = f"briefing:{person.id}"
        found = next_slot(person, now(), often=WEEKLY) if schedule not in waiting else None
        if found is not None:
            rows.append({"schedule": schedule, "slot": found[0].isoformat(), "route": route,
                         "args": {"person_id": person.id}, "due_at": found[1], "correlation": correlation})  # fmt: skip
    if rows:
        session.execute(insert(Timer).on_conflict_do_nothing(constraint="timer_once"), rows)
