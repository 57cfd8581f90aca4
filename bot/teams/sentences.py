"""Words of Agora as blocks: what people wrote stays words, and who is mentioned is told.

A mention is alive only where a ``Mention`` stood in the card and its person is there: markers take their places while
the sentence is said, and nothing that people wrote can contain one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.cards import Mention, Names, T, User, Words
from bot.teams.blocks import Block, clean, escaped, words
from bot.texts import Reader, say

_MARK = re.compile("\ue000([0-9]+)\ue001")
_SHOWN = re.compile(r"[^\w '’.,()-]|_")


class Mentions:
    """The people of a card who can be mentioned where it is shown, by person, with their ids on Teams."""

    def __init__(self, there: dict[int, str] | None = None) -> None:
        self._there = there or {}
        self.entities: list[Block] = []

    def knows(self, person: Mention) -> bool:
        """Whether the person is there."""
        return person.person_id in self._there

    def tag(self, person: Mention, reader: Reader) -> str:
        """The text that stands for the person, which Teams makes their mention."""
        name = " ".join(_SHOWN.sub(" ", clean(say(person, reader))).split()) or "…"
        mentioned = {"id": self._there[person.person_id], "name": name}
        entity = {"type": "mention", "text": f"<at>{name}</at>", "mentioned": mentioned}
        same = [each for each in self.entities if each["text"] == entity["text"] and each != entity]
        if same:  # two people of one name: Teams tells them apart by the text alone
            name = f"{name} ({len(self.entities) + 1})"
            entity = {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {**mentioned, "name": name}}
        if entity not in self.entities:
            self.entities.append(entity)
        return str(entity["text"])


def said(shown: Words, reader: Reader) -> str:
    """Words as plain text, in which nothing is alive."""
    return clean(say(shown, reader), isolates=isinstance(shown, T))


def block(shown: Words, reader: Reader, mentions: Mentions, heading: bool = False, **style: Any) -> Block:
    """Words as a paragraph."""
    people: list[Mention] = []
    text = say(_marked(shown, mentions, people), reader)
    if not people:
        return words(said(shown, reader), heading, **style)
    parts = _MARK.split(text)
    told = [
        mentions.tag(people[int(part)], reader) if number % 2 else escaped(clean(part, isolates=True))
        for number, part in enumerate(parts)
    ]
    return {"type": "TextBlock", "text": "".join(told), "wrap": True, **style}


def _marked(shown: Any, mentions: Mentions, people: list[Mention]) -> Any:
    """The words with a marker in the place of each mention, and none anywhere else."""
    match shown:
        case T():
            args = {name: _marked(value, mentions, people) for name, value in shown.args.items()}
            return T(shown.text, shown.many, **args)
        case Mention() if mentions.knows(shown):
            people.append(shown)
            return User(f"\ue000{len(people) - 1}\ue001")
        case Mention():
            return replace(shown, name=_unmarked(shown.name), latin=shown.latin and _unmarked(shown.latin))
        case User():
            return User(_unmarked(shown.text))
        case Names():
            return Names({locale: _unmarked(name) for locale, name in shown.by_locale.items()})
        case str():
            return _unmarked(shown)
    return shown


def _unmarked(text: str) -> str:
    return text.replace("\ue000", "").replace("\ue001", "")
