"""People, named in what is shown."""

from __future__ import annotations

from bot.words import Mention, T, Words
from models.people import MASK, Person


def mention(person: Person) -> Words:
    """A person, mentioned; who asks anonymously is somebody."""
    return T("Somebody") if person.kind == MASK else Mention(person.id, person.name)
