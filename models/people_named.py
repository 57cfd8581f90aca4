"""People as others name them: @mona, Tom Rossi, mona@example.com, anyone of @it-helpdesk, my team, me.

A name is theirs as they write it or in Latin letters, or a part of it; a group is a named audience, a department or the
people whom the author manages. Whoever names a group means that anyone of it will do, unless they say "everyone of".
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from models.base import Refusal
from models.company import Audience, audience_members, audiences
from models.people import EMPLOYEE, GUEST, Account, Person

MOST = 50
"""People who can be named at once."""
LONGEST = 1_000  # characters
_SHOWN = 8
_LOOKED = 3_000  # people among whom a name like the one that is written is looked for
_WRITTEN = (func.lower(Person.name), func.lower(Person.latin_name), Person.handle)
_UNSEEN = re.compile("[\0\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_COMMAS = re.compile(r"[,;،؛\n]+")
_AND = re.compile(r"\s+(?:and|or|e|ed|o|oppure|أو|و|או|&|\+)\s+|\s+(?:و|ו)-?(?=@)|\s+(?=@|<[@!])", re.IGNORECASE)
_MENTION = re.compile(r"<(@|!subteam\^)([^<>|]{1,100})(?:\|([^<>]{0,200}))?>")
_ME = ("me", "myself", "io", "me stesso", "me stessa", "أنا", "نفسي", "אני", "עצמי", "לי")
_TEAM = ("my team", "il mio team", "la mia squadra", "i miei", "فريقي", "הצוות שלי", "צוות שלי")
_ANYONE = re.compile(
    r"(?:any ?(?:one|body)?|some(?:one|body)|one|uno(?: qualsiasi)?|chiunque|qualcuno) (?:of|in|from|di|del|della)\s+"
    r"|(?:أي (?:شخص|أحد|واحد)|أحد|واحد) (?:من|في)\s+|(?:מישהו|אחד|כל אחד) מ(?:תוך\s|-|\s)?",
    re.IGNORECASE,
)
_EVERYONE = re.compile(
    r"(?:every ?(?:one|body)|each|all) (?:of|in|from)\s+|all\s+"
    r"|(?:tutti|ognuno)(?: quelli)?(?: di| in| del| della| i)?\s+|(?:جميع|كل)\s+|כל(?: אנשי)?\s+",
    re.IGNORECASE,
)
_DEPARTMENT = re.compile(r"(?:department|dept|dipartimento|reparto|قسم|מחלקה|מחלקת)\s*:?\s+|(?:department|dept):",
                         re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True)
class Named:
    """Who was named; ``anyone``: one of them is enough."""

    people: list[Person]
    anyone: bool = False


def resolve(session: Session, author: Person, text: str, alike: bool = True) -> Named:
    """The people whom ``text`` names for ``author``, each once, in the order in which they are named.

    ``Refusal``: ``people_empty``; ``name_unknown`` (``part``, ``known``: who is called like it),
    ``nobody_alike`` (``part``); ``name_of_several``
    (``part``, ``known``: each with their handle, by which they can be told apart); ``too_many_named`` (``most``).
    Nobody is looked for whose name is only like it unless ``alike``, nor for guests, who do not get to know colleagues
    by trying names.
    """
    said = _UNSEEN.sub("", text)[: LONGEST + 1].strip()
    if not said:
        raise Refusal("people_empty")
    if len(said) > LONGEST:
        raise Refusal("too_many_named", most=MOST)
    anyone, said = _without(_ANYONE, said)
    every, said = _without(_EVERYONE, said) if not anyone else (False, said)
    found: dict[int, Person] = {}
    groups, parts, alike = 0, _parts(session, author, said), alike and author.kind == EMPLOYEE
    for part in parts:
        group = _group(session, author, part)
        groups += group is not None
        for person in group if group is not None else [_person(session, author, part, alike)]:
            found[person.id] = person
    if len(found) > MOST:
        raise Refusal("too_many_named", most=MOST)
    if not found:
        raise Refusal("people_empty")
    meant = anyone or (groups == len(parts) and not every)
    return Named(list(found.values()), meant and len(found) > 1)


def is_named(session: Session, author: Person, text: str) -> bool:
    """Whether ``text`` names somebody, or several of whom it cannot be told which one."""
    try:
        resolve(session, author, text, alike=False)
    except Refusal as refusal:
        return refusal.code == "name_of_several"
    return True


def says_how_many(text: str) -> bool:
    """Whether ``text`` says that anyone, or everyone, of those is meant who are named then."""
    return any(found and not text[found.end() :].strip() for found in (_ANYONE.match(text), _EVERYONE.match(text)))


def called(session: Session, name: str) -> Person | None:
    """The active person with this handle, address or account."""
    wanted = name.strip().lstrip("@")
    account = select(Account.person_id).where(Account.external == wanted)
    found = or_(Person.handle == wanted.casefold(), Person.email == wanted.casefold(), Person.id.in_(account))
    return session.scalars(select(Person).where(found, Person.active).order_by(Person.id).limit(1)).first()


def handles(people: Iterable[Person]) -> str:
    """Who was named, so that ``resolve`` finds them again."""
    return ", ".join(f"@{person.handle}" for person in people)


def _without(pattern: re.Pattern[str], text: str) -> tuple[bool, str]:
    found = pattern.match(text)
    return (True, text[found.end() :].strip()) if found and text[found.end() :].strip() else (False, text)


def _pieces(text: str) -> list[str]:
    return [piece for each in _COMMAS.split(text) if (piece := each.strip())]


def _parts(session: Session, author: Person, text: str) -> list[str]:
    """What is named, one after another: a name may hold a word that joins others."""
    parts: list[str] = []
    for piece in _pieces(text):
        several = [each.strip() for each in _AND.split(piece) if each.strip()]
        whole = len(several) == 1 or _group(session, author, piece) is not None or _exact(session, piece)
        parts += [piece] if whole else several
    return parts


def _group(session: Session, author: Person, part: str) -> list[Person] | None:
    """The people of a group; ``None`` where none is called so."""
    mention = _MENTION.fullmatch(part)
    if mention and mention[1] != "@":
        part = f"slack-{mention[2].casefold()}"
    name = _folded(part.lstrip("@"))
    if name in map(_folded, _TEAM):
        return _asked(session, Person.manager_id == author.id)
    for each in audiences(session):
        if name in (_folded(each.key), _folded(each.name)):
            return _members(session, each)
    plain = _DEPARTMENT.sub("", part.lstrip("@"), count=1).strip()
    if _exact(session, part):
        return None
    return _asked(session, func.lower(Person.department) == plain.lower()) or None


def _members(session: Session, audience: Audience) -> list[Person]:
    return [person for person in audience_members(session, audience) if _askable(person)]


def _asked(session: Session, which: ColumnElement[bool], most: int = MOST + 1) -> list[Person]:
    """Who can be asked, of those."""
    query = select(Person).where(Person.active, Person.kind.in_((EMPLOYEE, GUEST)), which)
    return list(session.scalars(query.order_by(Person.name, Person.id).limit(most)))


def _askable(person: Person) -> bool:
    return person.active and person.kind in (EMPLOYEE, GUEST)


def _exact(session: Session, part: str) -> Person | None:
    """The person with this handle, address or account, which may be mentioned."""
    mention = _MENTION.fullmatch(part)
    return called(session, mention[2] if mention else part)


def _person(session: Session, author: Person, part: str, alike: bool) -> Person:
    if _folded(part) in {_folded(each) for each in _ME}:
        return author
    mention = _MENTION.fullmatch(part)
    if (mention or "@" in part) and (exact := _exact(session, part)):
        return exact
    part = (mention[3] or mention[2]) if mention else part
    name = " ".join(part.lstrip("@").split())
    found = _fitting(_near(session, name), name) or (_fitting(_near(session, name, some=True), name) if alike else [])
    if len(found) == 1:
        return found[0]
    if found and author.kind == EMPLOYEE:
        raise Refusal("name_of_several", part=part, known="; ".join(_told(each) for each in found[:_SHOWN]))
    raise _unknown(session, part, name) if alike else Refusal("nobody_alike", part=part)


def _fitting(near: Sequence[Person], name: str) -> list[Person]:
    """Whoever has this name; of a single word nobody knows whether it is all of the name."""
    folded = _folded(name)
    whole, a_part = partial(_is_whole, folded), partial(_is_part, folded.split())
    fitting: Sequence[Callable[[Person], bool]] = (whole, a_part) if " " in folded else (a_part,)
    for fits in fitting:
        several = [person for person in near if fits(person)]
        if several:
            return several
    return []


def _unknown(session: Session, part: str, name: str) -> Refusal:
    folded = _folded(name)
    near = _alike(_near(session, name, some=True), folded) or _alike(_further(session, folded), folded)
    alike = "; ".join(_told(each) for each in near)
    return Refusal("name_unknown", part=part, known=alike) if alike else Refusal("nobody_alike", part=part)


def _near(session: Session, name: str, some: bool = False) -> list[Person]:
    """People who may be meant: one of their names holds how these words begin; or how ``some`` of them do."""
    begins = [word[:2].lower() for word in name.split()[:5] if word] or [name[:2].lower()]
    of = or_ if some else and_
    like = [of(*(name.contains(word, autoescape=True) for word in begins)) for name in _WRITTEN]
    return _asked(session, or_(*like), _LOOKED)


def _further(session: Session, folded: str) -> list[Person]:
    """People one of whose names begins with the same letter."""
    letter = folded[:1]
    begins = [name.startswith(letter, autoescape=True) for name in _WRITTEN]
    later = [name.contains(f" {letter}", autoescape=True) for name in _WRITTEN]
    return _asked(session, or_(*begins, *later), _LOOKED)


def _names(person: Person) -> list[str]:
    return [_folded(each) for each in (person.name, person.latin_name, person.handle) if each]


def _is_whole(folded: str, person: Person) -> bool:
    return folded in _names(person)


def _is_part(words: Sequence[str], person: Person) -> bool:
    return bool(words) and any(set(words) <= set(re.split(r"[\s.'_-]+", name)) for name in _names(person))


def _alike(people: Sequence[Person], folded: str) -> list[Person]:
    """Those whose names are most like it."""

    def likeness(person: Person) -> float:
        names = [*_names(person), *(word for name in _names(person) for word in name.split())]
        return max(difflib.SequenceMatcher(None, folded, name).ratio() for name in names)

    by_likeness = sorted(((likeness(person), -person.id, person) for person in people), reverse=True)
    return [person for ratio, _, person in by_likeness if ratio >= 0.6][:3]


def _told(person: Person) -> str:
    """Somebody so that they can be told from who is called the same."""
    return f"{person.name} ({person.department}, @{person.handle})" if person.department else (
        f"{person.name} (@{person.handle})")  # fmt: skip


def _folded(text: str) -> str:
    """Without accents, and upper and lower case alike."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in plain if unicodedata.category(char) != "Mn").split())
