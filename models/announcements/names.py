"""What an audience can be called by: the departments, places, groups, topics and people that there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import event, func, or_, select
from sqlalchemy.orm import Session

from models.company import audiences
from models.knowledge import topics
from models.people import EMPLOYEE, ROLES, Person
from models.places import CHANNEL, PRIVATE, Membership, Place

_KEPT = "what people have"


@event.listens_for(Session, "before_flush")
def _forget(session: Session, *_: object) -> None:
    if any(isinstance(row, Person) for row in (*session.new, *session.dirty)):
        session.info.pop(_KEPT, None)


def values(session: Session, column: Any) -> list[str]:
    """What stands in a column of active employees, by name: looked up once in a turn, since an audience may name many
    of them."""
    kept: dict[str, list[str]] = session.info.setdefault(_KEPT, {})
    if column.key not in kept:
        employed = (Person.kind == EMPLOYEE) & Person.active
        kept[column.key] = sorted(each for each in session.scalars(select(column).where(employed).distinct()) if each)
    return kept[column.key]


def spelled(session: Session, column: Any, name: str) -> Sequence[str]:
    """The ways in which the company spells ``name`` in a column: upper and lower case are the same, in any alphabet,
    which the collation of a database may not know."""
    return [each for each in values(session, column) if each.casefold() == name.casefold()]


def known(session: Session, kind: str) -> dict[str, str]:
    """What there is of a kind that is named by few words: the key by the casefolded name."""
    match kind:
        case "department":
            return {name.casefold(): f"department:{name.casefold()}" for name in values(session, Person.department)}
        case "location":
            return {name.casefold(): f"location:{name.casefold()}" for name in values(session, Person.location)}
        case "role":
            return {role: f"role:{role}" for role in ROLES}
        case "group":
            found = audiences(session)
            return {name.casefold(): f"group:{each.key}" for each in found for name in (each.key, each.name)}
        case "topic":
            every = topics(session)
            by_name = {str(name).casefold(): f"topic:{each.id}" for each in every for name in each.names.values()}
            return by_name | {each.key.casefold(): f"topic:{each.id}" for each in every}
    return {}


def places(session: Session, author: Person, name: str) -> list[Place]:
    """The channels and chats of this name, or with this key, that ``author`` knows of: one name may stand on several
    platforms."""
    called = or_(Place.key == name, Place.name == name, func.lower(Place.name) == name.lower())
    query = select(Place).where(Place.kind != PRIVATE, called).order_by(Place.id)
    return list(session.scalars(query.where(_visible(author))))


def team(session: Session, author: Person, name: str) -> list[Place]:
    """The channel that goes by the name of a team, which everybody in the team is in; where it is not known, those
    channels of the team that ``author`` knows of."""
    channels = func.lower(Place.name).startswith(f"{name.lower()} › ", autoescape=True)
    query = select(Place).where(Place.kind == CHANNEL, channels, _visible(author)).order_by(Place.id)
    return places(session, author, name) or list(session.scalars(query))


def nearby(session: Session, author: Person, limit: int) -> list[str]:
    """The names of some channels that ``author`` may name."""
    query = select(Place.name).where(Place.kind == CHANNEL, _visible(author)).distinct().order_by(Place.name)
    return list(session.scalars(query.limit(limit)))


def _visible(author: Person) -> Any:
    if author.has("admin"):
        return True
    mine = select(Membership.place_id).where(Membership.person_id == author.id)
    return or_(Place.closed.is_(False), Place.id.in_(mine))
