"""Whom something is for: an expression over audience keys, resolved to people when it is asked for.

An expression is a tree, as it is stored: ``{"any": [...]}``, ``{"all": [...]}``, ``{"not": ...}``, ``{"key": KEY}``,
``{"people": [ids]}``. KEY is one of ``models.access`` (``everyone``, ``guests``, ``place:5``, ``group:K``,
``department:sales``, ``location:rome``, ``role:manager``), or ``topic:3`` (who follows it), or ``reports:7`` (who
reports to 7, at whatever distance). Only active people are found, each once, never a mask; who is no employee only
where a place, a group, ``guests`` or themselves are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, any_, false, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from models.announcements.expressions import LIST
from models.announcements.expressions import parse as parse
from models.announcements.names import spelled
from models.company import Audience, AudienceMember
from models.joins import JOINED, Joining
from models.knowledge import Topic, TopicFollower
from models.people import EMPLOYEE, MASK, Person
from models.places import Membership, Place

Spec = dict[str, Any]
EVERYONE: Spec = {"key": "everyone"}
NOBODY: Spec = {"any": []}
_EMPLOYED = Person.kind == EMPLOYEE


def people(session: Session, spec: Mapping[str, Any]) -> Select[int]:
    """One statement that finds everybody whom ``spec`` means, by number. ``ValueError`` where it is no expression."""
    return select(Person.id).where(Person.active, Person.kind != MASK, _condition(session, spec, beside=False))


def count(session: Session, spec: Mapping[str, Any]) -> int:
    """How many people ``spec`` means."""
    return session.scalar(select(func.count()).select_from(people(session, spec).subquery())) or 0


def sample(session: Session, spec: Mapping[str, Any], n: int) -> list[Person]:
    """Some of them (at most ``n``), by name."""
    found = people(session, spec).order_by(Person.id).limit(n)
    return list(session.scalars(select(Person).where(Person.id.in_(found)).order_by(Person.name, Person.id)))


def beyond(session: Session, spec: Mapping[str, Any], allowed: Mapping[str, Any]) -> int:
    """How many people ``spec`` means whom ``allowed`` does not. Each is found by itself: put into one expression, what
    only leaves people out would mean guests, too."""
    if spec == allowed:
        return 0
    others = people(session, spec).except_(people(session, allowed))
    return session.scalar(select(func.count()).select_from(others.subquery())) or 0


def includes(session: Session, spec: Mapping[str, Any], person: Person) -> bool:
    """Whether ``spec`` means ``person``."""
    return session.scalar(people(session, spec).where(Person.id == person.id)) is not None


def either(*specs: Mapping[str, Any]) -> Spec:
    """Whom any of these means."""
    return dict(specs[0]) if len(specs) == 1 else {"any": [dict(each) for each in specs]}


def listed_in(spec: Mapping[str, Any]) -> list[int]:
    """The people of a file in ``spec``: what its text calls ``list``."""
    if len(found := spec.get("people", ())) > 1:
        return [int(each) for each in found]
    parts = spec.get("any") or spec.get("all") or ([spec["not"]] if "not" in spec else [])
    return next((found for each in parts if (found := listed_in(each))), [])


def written(session: Session, spec: Mapping[str, Any]) -> str:
    """``spec`` as text that ``parse`` reads, given ``listed_in`` it."""
    match list(spec.items()):
        case [("any", list(parts))]:
            return " or ".join(_within(session, each) for each in parts)
        case [("all", list(parts))]:
            return " and ".join(_within(session, each) for each in parts).replace(" and not ", " not ")
        case [("not", dict(part))]:
            return f"not {_within(session, part)}"
        case [("people", list(ids))]:
            person = session.get(Person, int(ids[0])) if len(ids) == 1 else None
            return f"@{person.handle}" if person is not None else LIST
        case [("key", str(key))]:
            return _called(session, key)
    return ""


def _within(session: Session, spec: Mapping[str, Any]) -> str:
    text = written(session, spec)
    return f"({text})" if len(spec.get("any", spec.get("all", ()))) > 1 else text


def _called(session: Session, key: str) -> str:
    kind, _, name = key.partition(":")
    if kind in ("place", "topic", "reports"):
        found: Any = session.get({"place": Place, "topic": Topic, "reports": Person}[kind], int(name))
        if kind == "place":
            return f'#"{found.key}"' if found is not None else key
        name = (found.key if kind == "topic" else f"@{found.handle}") if found is not None else name
    return f'{kind}:"{name}"' if name else kind


def _condition(session: Session, spec: Mapping[str, Any], beside: bool) -> ColumnElement[bool]:
    """``beside``: it narrows something else down. What only leaves people out would mean every guest otherwise."""
    match list(spec.items()):
        case [("any", list(parts))]:
            return or_(false(), *(_condition(session, each, beside) for each in parts))
        case [("all", list(parts))]:
            positive = any("not" not in each for each in parts)
            inner = [_condition(session, each, beside or positive) for each in parts]
            return and_(*inner) if inner else false()
        case [("not", dict(part))]:
            others = not_(func.coalesce(_condition(session, part, beside=True), false()))
            return others if beside else and_(_EMPLOYED, others)
        case [("people", list(ids))]:
            return _these([int(each) for each in ids])
        case [("key", str(key))]:
            return _named(session, key)
    raise ValueError("no expression of an audience")


def _these(ids: list[int]) -> ColumnElement[bool]:
    """These people, and who they turned out to be (``models.joins``)."""
    listed = literal(ids, ARRAY(BigInteger))
    stands = select(Joining.kept_id).where(Joining.left_id == any_(listed), Joining.state == JOINED)
    return or_(Person.id == any_(listed), Person.id.in_(stands))


def _named(session: Session, key: str) -> ColumnElement[bool]:
    kind, _, name = key.partition(":")
    match kind:
        case "everyone":
            return _EMPLOYED
        case "guests":
            return Person.kind.not_in((EMPLOYEE, MASK))
        case "place":
            return Person.id.in_(select(Membership.person_id).where(Membership.place_id == int(name)))
        case "group":
            member = select(AudienceMember.person_id).join(Audience, Audience.id == AudienceMember.audience_id)
            return Person.id.in_(member.where(Audience.key == name))
        case "department":
            return and_(_EMPLOYED, Person.department.in_(spelled(session, Person.department, name)))
        case "location":
            return and_(_EMPLOYED, Person.location.in_(spelled(session, Person.location, name)))
        case "role":
            return and_(_EMPLOYED, literal(name) == any_(Person.roles))
        case "topic":
            follower = select(TopicFollower.person_id).where(TopicFollower.topic_id == int(name))
            return and_(_EMPLOYED, Person.id.in_(follower))
        case "reports":
            return and_(_EMPLOYED, Person.id.in_(_reports(int(name))))
    raise ValueError("no key of an audience")


def _reports(manager_id: int) -> Select[int]:
    """Whoever reports to a person, directly or not. ``union`` ends where people report to each other in a circle."""
    below = select(Person.id).where(Person.manager_id == manager_id).cte("below", recursive=True)
    next_ = aliased(Person)
    below = below.union(select(next_.id).join(below, next_.manager_id == below.c.id))
    return select(below.c.id).where(below.c.id != manager_id)
