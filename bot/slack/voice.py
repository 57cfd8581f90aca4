"""How words become Slack's: said in their reader's language, with live mentions of people and addresses of pages."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.cards import Mention, Part, T, User, Words
from bot.slack.richtext import Run, mention, words
from bot.texts import Reader, say
from bot.web.markup import clean


@dataclass(frozen=True)
class Voice:
    """Who reads; ``mentions`` the Slack ids of the people who are there, by their number; ``url`` the address of a page
    of Agora's for this reader; ``pictures`` Slack's ids of those that may be shown, by the number of their file."""

    reader: Reader
    mentions: Mapping[int, str]
    url: Callable[[str], str]
    pictures: Mapping[int, str] = field(default_factory=dict)

    def say(self, said: Words) -> str:
        """As plain text: people by their names."""
        return clean(said.text) if isinstance(said, User) else _storable(say(said, self.reader))

    def runs(self, said: Words, **style: bool) -> list[Run]:
        """As rich text: people who are there are mentioned. What becomes a mention is marked by a secret before it is
        said and found by it afterwards, so nothing that anybody wrote can be taken for one."""
        marks: dict[str, Mention] = {}
        text = self.say(self._marked(said, marks))
        parts = re.split(f"({'|'.join(marks)})", text) if marks else [text]
        return [self._run(part, marks, style) for part in parts if part]

    def joined(self, several: Iterable[Words]) -> str:
        """On one line, each kept from turning the others around."""
        return " · ".join(isolated(text) for each in several if (text := self.say(each)))

    def _run(self, part: str, marks: Mapping[str, Mention], style: dict[str, bool]) -> Run:
        return mention(self.mentions[marks[part].person_id]) if part in marks else words(part, **style)

    def _marked(self, said: Any, marks: dict[str, Mention]) -> Any:
        if isinstance(said, Mention) and said.person_id in self.mentions:
            mark = f"m{secrets.token_hex(12)}m"
            marks[mark] = said
            return User(mark)
        if isinstance(said, T) and said.args:
            return T(said.text, said.many, **{name: self._marked(value, marks) for name, value in said.args.items()})
        return said


def _storable(text: str) -> str:
    """Without half and control characters, which no platform takes; isolates stay."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def isolated(text: str) -> str:
    """What was said, kept from turning the line around it; what is isolated in it stays so."""
    return f"\u2068{text}\u2069" if text else ""


def mentioned(part: Any) -> set[int]:
    """The numbers of all people who are mentioned in it."""
    return {found.person_id for found in inside(part) if isinstance(found, Mention)}


def inside(part: Any) -> Iterator[Part]:
    """All parts of it, itself included."""
    if isinstance(part, Part):
        yield part
        part = vars(part)
    if isinstance(part, dict):
        part = tuple(part.values())
    if isinstance(part, tuple | list):
        for each in part:
            yield from inside(each)
