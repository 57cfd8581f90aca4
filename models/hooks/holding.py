"""What a webhook may hold."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import access
from models.people import Person
from models.places import CHANNEL, places_of

_KINDS = ("everyone", "department", "location", "group")


def choices(session: Session, admin: Person) -> list[str]:
    """The keys that a webhook of this administrator may hold, of which they choose one: keys that they hold themselves,
    since power alone opens nothing; not what is theirs alone, such as their own chat."""
    held = [key for key in access.keys_of(session, admin) if key.partition(":")[0] in _KINDS]
    held.sort(key=lambda key: (_KINDS.index(key.partition(":")[0]), key))
    channels = [place for place in places_of(session, admin) if place.kind == CHANNEL]
    return [*held, *(f"place:{place.id}" for place in channels)]
