"""Who may read an entry: said in words, and offered to whoever may choose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Option, T, User, Words
from models.access import EVERYONE, keys_of
from models.announcements.tables import Announcement
from models.base import Refusal
from models.company import Audience, audiences
from models.people import Person
from models.places import CHANNEL, PRIVATE, Place

AS_IS = "as_is"
_SINGLE = ("person", "place", "guests", "announcement")  # what is not offered as it is held
_MOST = 95  # a select has at most 100 choices: https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element


def in_words(session: Session, keys: Iterable[str], held: Sequence[str] | None = None) -> Words:
    """Who holds one of ``keys``. A reader who holds ``held`` is not told the names of what they are not in."""
    known = [key for key in keys if held is None or key in held]
    said = [_said(session, key) for key in known]
    if not said:
        return T("others")
    if held is not None and len(known) < len(list(keys)):
        said.append(T("others"))
    return reduce(lambda first, second: T("{first}, {second}", first=first, second=second), said)


def is_private(session: Session, keys: Iterable[str]) -> bool:
    """Whether only single people may read it: what came of a private chat, until somebody widens it."""
    kinds = [key.partition(":") for key in keys]
    places = [int(name) for kind, _, name in kinds if kind == "place"]
    private = set(session.scalars(select(Place.id).where(Place.id.in_(places), Place.kind == PRIVATE)))
    return all(kind == "person" or (kind == "place" and int(name) in private) for kind, _, name in kinds)


def options(session: Session, person: Person, keys: Sequence[str]) -> tuple[Option, ...]:
    """What ``person`` may choose for an entry that ``keys`` read now: as it is, or one of the audiences they are of."""
    as_is = Option(AS_IS, T("As it is: {audience}", audience=in_words(session, keys)))
    others = [key for key in _offered(session, person) if [key] != list(keys)]
    return (as_is, *(Option(key, _said(session, key)) for key in others[:_MOST]))


def new_options(session: Session, person: Person) -> tuple[Option, ...]:
    """What ``person`` may choose for a new entry."""
    return tuple(Option(key, _said(session, key)) for key in _offered(session, person)[:_MOST])


def chosen(session: Session, person: Person, value: str, keys: Sequence[str]) -> tuple[str, ...]:
    """The keys that a choice stands for; refused where it was not offered."""
    if value == AS_IS and keys:
        return tuple(keys)
    if value not in _offered(session, person):
        raise Refusal("unknown_audience", field="audience")
    return (value,)


def _offered(session: Session, person: Person) -> list[str]:
    """The keys that they hold, without those of single people; an admin's are all open
    channels', departments' and groups' too."""
    held = {key for key in keys_of(session, person) if key.partition(":")[0] not in _SINGLE}
    places = [int(key[6:]) for key in keys_of(session, person) if key.startswith("place:")]
    query = select(Place).where(Place.kind != PRIVATE).order_by(Place.kind, Place.name)
    if person.has("admin"):
        query = query.where(Place.id.in_(places) | ((Place.kind == CHANNEL) & Place.closed.is_(False)))
        named = session.scalars(select(Person.department).where(Person.active).distinct())
        held |= {f"department:{name.casefold()}" for name in named if name}
        held |= {f"group:{group.key}" for group in audiences(session)}
    else:
        query = query.where(Place.id.in_(places))
    rank = {EVERYONE: 0, "department": 1, "location": 2, "group": 3, "role": 4}
    ordered = sorted(held, key=lambda key: (rank.get(key.partition(":")[0], 9), key))
    return [*ordered, *(f"place:{place.id}" for place in session.scalars(query))]


def _said(session: Session, key: str) -> T:
    kind, _, name = key.partition(":")
    match kind:
        case "everyone":
            return T("everybody in the company")
        case "department":
            return T("the department {name}", name=User(name))
        case "location":
            return T("everybody in {name}", name=User(name))
        case "group":
            group = session.scalars(select(Audience).where(Audience.key == name)).first()
            return T("the group {name}", name=User(group.name if group else name))
        case "announcement":
            about = session.get(Announcement, int(name)) if name.isdecimal() else None
            return T("whoever got the announcement “{title}”", title=User(about.title if about else name))
        case "role":
            return T("everybody with the role {name}", name=User(name))
        case "guests":
            return T("guests")
        case "place":
            return _place(session.get(Place, int(name)) if name.isdecimal() else None)
    return T("only one person")


def _place(place: Place | None) -> T:
    """A private chat is somebody's: whose is not said."""
    if place is None or place.kind == PRIVATE:
        return T("only who asked")
    return T("the members of {name}", name=User(place.name))
