"""Whom an announcement is for, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Names, T, User, Words
from bot.mentions import named
from models.announcements.names import spelled
from models.company import Audience
from models.knowledge import Topic
from models.people import Person
from models.places import Place

_ROLES = {"admin": T("administrators"), "manager": T("managers"), "expert": T("experts")}


def said(session: Session, spec: Mapping[str, Any]) -> Words:
    """``spec`` as people read it."""
    match list(spec.items()):
        case [("any", list(parts))] if parts:
            several = [_within(session, each) for each in parts]
            return _joined(several, lambda first, second: T("{first} or {second}", first=first, second=second))
        case [("all", list(parts))] if parts:
            several = [_within(session, each) for each in parts]
            return _joined(several, lambda first, second: T("{first} and {second}", first=first, second=second))
        case [("not", dict(part))]:
            return T("not {people}", people=_within(session, part))
        case [("people", list(ids))]:
            person = session.get(Person, int(ids[0])) if len(ids) == 1 else None
            if person is not None:
                return named(person)
            return T("{n} person of a list", "{n} people of a list", n=len(ids))
        case [("key", str(key))]:
            return _key(session, key)
    return T("nobody yet")


def _joined(several: Sequence[Words], join: Callable[[Words, Words], Words]) -> Words:
    """One sentence of all, joined by halves: what is nested too deep in a card cannot be stored."""
    if len(several) == 1:
        return several[0]
    half = len(several) // 2
    return join(_joined(several[:half], join), _joined(several[half:], join))


def _within(session: Session, spec: Mapping[str, Any]) -> Words:
    words = said(session, spec)
    return T("({people})", people=words) if len(spec.get("any", spec.get("all", ()))) > 1 else words


def _key(session: Session, key: str) -> Words:
    kind, _, name = key.partition(":")
    match kind:
        case "everyone":
            return T("everyone")
        case "guests":
            return T("guests")
        case "role":
            return _ROLES.get(name, User(name))
        case "place":
            place = session.get(Place, int(name))
            return User(f"#{place.name}") if place is not None else User(key)
        case "topic":
            topic = session.get(Topic, int(name))
            return T("followers of {topic}", topic=Names(dict(topic.names))) if topic is not None else User(key)
        case "reports":
            manager = session.get(Person, int(name))
            return T("the team of {name}", name=named(manager)) if manager is not None else User(key)
        case "group":
            group = session.query(Audience).where(Audience.key == name).one_or_none()
            return User(group.name) if group is not None else User(name)
    column = Person.department if kind == "department" else Person.location
    return User(next(iter(spelled(session, column, name)), name))
