"""People, named in what is shown."""

from __future__ import annotations

from bot.words import Mention, Names, T, Words
from models.people import MASK, Person


def mention(person: Person) -> Words:
    """A person, mentioned; who asks anonymously is somebody."""
    return T("Somebody") if person.kind == MASK else Mention(person.id, person.name, person.latin_name, person.locale)


def named(person: Person) -> Words:
    """A person's name, mentioning nobody: in their letters for who reads their language, in Latin ones for others."""
    if person.kind == MASK:
        return T("Somebody")
    return Names({"en": person.latin_name or person.name, person.locale: person.name})
