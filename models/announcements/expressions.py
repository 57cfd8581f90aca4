"""An audience as people write it: ``#general or department:Sales, not location:Rome``.

``and`` joins more closely than ``or``, a comma least: it adds, or with ``not`` takes away from all before it. The words
are those of four languages. What does not fit is refused with the part at fault, and with what there is instead.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from models.announcements import names
from models.base import Refusal
from models.people import Person
from models.people_named import called

LONGEST = 2000  # characters
_DEEPEST = 20
_SHOWN = 8
OR, AND, NOT, COMMA, OPEN, CLOSE = "or", "and", "not", ",", "(", ")"
_WORDS = {
    **dict.fromkeys("or | oppure o أو או".split(), OR),
    **dict.fromkeys("and & + e ed و וגם".split(), AND),
    **dict.fromkeys("not - ! except without non tranne eccetto ليس باستثناء לא מלבד".split(), NOT),
    **dict.fromkeys(", ; ، ؛".split(), COMMA),
    "(": OPEN, ")": CLOSE,
}  # fmt: skip
_ALONE = {
    **dict.fromkeys("everyone everybody all tutti الجميع כולם".split(), "everyone"),
    **dict.fromkeys("guests ospiti الضيوف אורחים".split(), "guests"),
}
LIST = "list"
"""The people of a file that was given besides."""
_KINDS = {
    **dict.fromkeys("department dept dipartimento reparto قسم القسم מחלקה".split(), "department"),
    **dict.fromkeys("location office sede luogo موقع الموقع מיקום".split(), "location"),
    **dict.fromkeys("role ruolo دور תפקיד".split(), "role"),
    **dict.fromkeys("group gruppo مجموعة קבוצה".split(), "group"),
    **dict.fromkeys("topic argomento موضوع נושא".split(), "topic"),
    **dict.fromkeys("channel place canale قناة ערוץ".split(), "place"),
    **dict.fromkeys("team squadra צוות".split(), "team"),
    **dict.fromkeys("reports riporti فريق כפופים".split(), "reports"),
    **dict.fromkeys("person persona شخص אדם".split(), "person"),
}
_TOKEN = re.compile(
    r"""\s*(?:(?P<mention><[^<>]{1,200}>)
    |(?P<sign>[(),;|&+!،؛]|-(?=\S))
    |(?P<mark>[#@])(?:"(?P<marked>[^"]*)"|(?P<plain>[^\s(),;|&،؛"]+))
    |(?P<kind>[^\W\d_]+):\s*
    |"(?P<quoted>[^"]*)"
    |(?P<word>[^\s(),;|&،؛"]+))""",
    re.VERBOSE,
)
_UNSEEN = re.compile("[\0\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""What only says in which direction something is read: copied along from right-to-left text."""
_MARKED = re.compile(r'[#@]?"([^"]*)"|[#@]([^\s(),;|&،؛"]+)')
_PLAIN = ("department", "location", "group", "topic")  # named by words that are few
_ME = frozenset({"me", "io", "أنا", "אני"})


@dataclass(frozen=True)
class _Token:
    """A piece of the text: an operator, or what finds people (``spec``)."""

    text: str
    operator: str | None = None
    spec: dict[str, Any] = field(default_factory=dict)


def parse(session: Session, author: Person, text: str, listed: Sequence[int] = ()) -> dict[str, Any]:
    """The expression that ``text`` stands for; ``listed`` are the people of a file, called ``list``.

    ``Refusal`` on the field ``audience``: ``audience_empty``; ``audience_unreadable`` (``part``); ``audience_joins``
    (two parts with nothing between them); ``audience_unknown`` and ``audience_unclear`` (``part``, ``known``).
    """
    text = _UNSEEN.sub("", text).strip()
    if not text:
        raise Refusal("audience_empty", field="audience")
    if len(text) > LONGEST:
        raise _unreadable(text[:40])
    return _Parser(_Reader(session, author, text, listed).tokens()).whole()


def _unreadable(part: str) -> Refusal:
    return Refusal("audience_unreadable", field="audience", part=part)


class _Parser:
    """From tokens to a tree."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> dict[str, Any]:
        """All of them."""
        found = self._listed()
        if (token := self._next()) is not None:
            if token.operator is not None:
                raise _unreadable(token.text)
            before = self._tokens[self._at - 1].text
            raise Refusal("audience_joins", field="audience", first=before, second=token.text)
        return found

    def _listed(self) -> dict[str, Any]:
        parts = [self._either()]
        while self._take(COMMA):
            parts.append(self._either())
        meant = [each for each in parts if "not" not in each]
        without = [each for each in parts if "not" in each]
        whole = {"key": "everyone"} if not meant else meant[0] if len(meant) == 1 else {"any": meant}
        return {"all": [whole, *without]} if without else whole

    def _either(self) -> dict[str, Any]:
        parts = [self._both()]
        while self._take(OR):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else {"any": parts}

    def _both(self) -> dict[str, Any]:
        parts = [self._one()]
        while self._take(AND) or self._sees(NOT):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else {"all": parts}

    def _one(self) -> dict[str, Any]:
        self._depth += 1
        token = self._next()
        if token is None or self._depth > _DEEPEST:
            raise _unreadable(self._tokens[-1].text)
        self._at += 1
        found = token.spec
        if token.operator == NOT:
            inner = self._one()
            found = inner.get("not", {"not": inner})
        elif token.operator == OPEN:
            found = self._listed()
            if not self._take(CLOSE):
                raise _unreadable(token.text)
        elif token.operator is not None:
            raise _unreadable(token.text)
        self._depth -= 1
        return found

    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _sees(self, operator: str) -> bool:
        token = self._next()
        return token is not None and token.operator == operator

    def _take(self, operator: str) -> bool:
        seen = self._sees(operator)
        self._at += seen
        return seen


class _Reader:
    """From text to tokens."""

    def __init__(self, session: Session, author: Person, text: str, listed: Sequence[int]) -> None:
        self._session, self._author, self._text, self._listed = session, author, text, listed
        self._at = 0
        self._names: dict[str, dict[str, str]] = {}

    def tokens(self) -> list[_Token]:
        """All of them, in order."""
        found = []
        while self._text[self._at :].strip():
            found.append(self._token())
        return found

    def _token(self) -> _Token:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise _unreadable(self._text[self._at :].strip()[:40])
        begin, self._at = self._at, match.end()
        part = match[0].strip()
        if match["mention"]:
            return self._mentioned(match["mention"])
        if match["mark"]:
            return self._named("place" if match["mark"] == "#" else "person", match["marked"] or match["plain"], part)
        if match["kind"]:
            if match["kind"].casefold() not in _KINDS:
                raise self._unknown(part, [f"{kind}:" for kind in dict.fromkeys(_KINDS.values())])
            kind = _KINDS[match["kind"].casefold()]
            return self._named(kind, self._value(kind), self._text[begin : self._at].strip())
        word = part.casefold()
        if not match["quoted"] and word in _WORDS:
            return _Token(part, _WORDS[word])
        return self._bare(begin, match["quoted"] or "")

    def _mentioned(self, mention: str) -> _Token:
        """As Slack writes channels, people and user groups in a command."""
        inside, _, label = mention[1:-1].partition("|")
        if inside.startswith("!subteam^"):
            return self._named("group", f"slack-{inside[9:].casefold()}", label or mention)
        if inside.startswith(("#", "@")):
            return self._named("place" if inside[0] == "#" else "person", inside[1:], label or mention)
        raise _unreadable(mention)

    def _known(self, kind: str) -> dict[str, str]:
        """What there is of a kind, looked up once however often it is named."""
        if kind not in self._names:
            self._names[kind] = names.known(self._session, kind)
        return self._names[kind]

    def _value(self, kind: str) -> str:
        """What comes after ``kind:``: quoted, or a known name, or up to the next operator."""
        rest = self._text[self._at :]
        if marked := _MARKED.match(rest):
            self._at += marked.end()
            return marked[1] or marked[2] or ""
        return self._longest(self._known(kind)) or self._phrase()

    def _longest(self, known: Collection[str]) -> str:
        """The longest known name that stands here: it may hold a word that is an operator elsewhere."""
        rest = self._text[self._at :]
        here = rest.casefold()
        for name in sorted(known, key=len, reverse=True):
            if here.startswith(name) and not re.match(r"\w", here[len(name) :]):
                self._at += len(name)
                return name
        return ""

    def _phrase(self) -> str:
        """The words up to the next operator."""
        words: list[str] = []
        while match := _TOKEN.match(self._text, self._at):
            if not match["word"] or match["word"].casefold() in _WORDS:
                break
            words.append(match["word"])
            self._at = match.end()
        return " ".join(words)

    def _bare(self, begin: int, quoted: str) -> _Token:
        """Words without a kind, where only one thing is called so."""
        if not quoted:
            self._at = begin + len(self._text[begin:]) - len(self._text[begin:].lstrip())
        everything = {kind: self._known(kind) for kind in _PLAIN}
        word = quoted or self._longest({*_ALONE, LIST, *(name for each in everything.values() for name in each)})
        word = word or self._phrase()
        folded = word.casefold()
        if folded in _ALONE:
            return _Token(word, spec={"key": _ALONE[folded]})
        if folded == LIST and self._listed:
            return _Token(word, spec={"people": list(self._listed)})
        found = [(kind, known[folded]) for kind, known in everything.items() if folded in known]
        if len(found) > 1:
            known_as = [f"{kind}:{word}" for kind, _ in found]
            raise Refusal("audience_unclear", field="audience", part=word, known=", ".join(known_as))
        if found:
            return _Token(word, spec={"key": found[0][1]})
        return self._named("person" if "@" in word else "place", word, word)

    def _named(self, kind: str, name: str, part: str) -> _Token:
        name = name.strip()
        if not name:
            raise _unreadable(part)
        if kind in ("place", "team"):
            return _Token(part, spec=self._place(kind, name, part))
        if kind in ("person", "reports"):
            return _Token(part, spec=self._person(kind, name, part))
        known = self._known(kind)
        if name.casefold() not in known:
            raise self._unknown(part, [f"{kind}:{each}" for each in _nearest(name, known)])
        return _Token(part, spec={"key": known[name.casefold()]})

    def _place(self, kind: str, name: str, part: str) -> dict[str, Any]:
        find = names.team if kind == "team" else names.places
        found = find(self._session, self._author, name.lstrip("#"))
        if not found:
            some = names.nearby(self._session, self._author, 500)
            raise self._unknown(part, [f"#{each}" for each in _nearest(name.lstrip("#"), some)])
        keys = [{"key": f"place:{each.id}"} for each in found]
        return keys[0] if len(keys) == 1 else {"any": keys}

    def _person(self, kind: str, name: str, part: str) -> dict[str, Any]:
        found = self._author if name.casefold() in _ME else called(self._session, name)
        if found is None and kind == "person" and name.casefold() in (known := self._known("group")):
            return {"key": known[name.casefold()]}
        if found is None:
            raise self._unknown(part, ["@handle"])
        return {"key": f"reports:{found.id}"} if kind == "reports" else {"people": [found.id]}

    def _unknown(self, part: str, known: Sequence[str]) -> Refusal:
        return Refusal("audience_unknown", field="audience", part=part, known=", ".join(known[:_SHOWN]) or "everyone")


def _nearest(name: str, known: Collection[str]) -> list[str]:
    """What is called like ``name`` comes first."""
    like = difflib.get_close_matches(name.casefold(), list(known), n=_SHOWN, cutoff=0.5)
    return [*like, *(each for each in sorted(known) if each not in like)]
