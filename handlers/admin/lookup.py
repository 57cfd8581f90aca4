"""Finding people, topics and audiences from what an admin typed, with an error that names what was not found."""

from __future__ import annotations

import re

from sqlalchemy import any_, func, literal, select
from sqlalchemy.orm import Session

from models.base import Refusal
from models.facts import Fact
from models.people import Person

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST = 500


def was_administered(session: Session) -> bool:
    """Whether anybody was ever an admin: when the last has left, the company is not up for grabs."""
    held = select(Person.id).where(literal("admin") == any_(Person.roles))
    began = select(Fact.id).where(Fact.verb == "person.roles_changed", Fact.data["first"].as_boolean())
    return bool(session.scalar(select(held.exists() | began.exists())))


def person(session: Session, words: str, field: str) -> Person:
    """The one person meant by a handle, an e-mail address or a name, active or not."""
    wanted = words.strip().lstrip("@").casefold()
    means = (Person.handle == wanted) | (func.lower(Person.email) == wanted) | (func.lower(Person.name) == wanted)
    found = session.scalars(select(Person).where(means).order_by(Person.id).limit(2)).all() if wanted else []
    if not found:
        raise Refusal("nobody_named", field=field, words=words.strip())
    if len(found) > 1:
        raise Refusal("several_named", field=field, words=words.strip())
    return found[0]


def person_or_none(session: Session, words: str, field: str) -> Person | None:
    """As ``person``; nobody where nothing was typed."""
    return person(session, words, field) if words.strip() else None


def people(session: Session, words: str, field: str) -> list[Person]:
    """Everybody in a list of handles, addresses or names, separated by commas or lines."""
    names = [name for name in re.split(r"[,;\n]+", words) if name.strip()]
    if len(names) > MOST:
        raise Refusal("too_many_people", field=field, most=MOST)
    return list(dict.fromkeys(person(session, name, field) for name in names))


def key(words: str, field: str) -> str:
    """A short name for use in keys: small letters, digits and dashes."""
    wanted = re.sub(r"[\s_]+", "-", words.strip().casefold())
    if not _KEY.fullmatch(wanted):
        raise Refusal("bad_key", field=field)
    return wanted
