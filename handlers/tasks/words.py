"""A task in a sentence: "@mona fix the door by Friday 10" as the fields of the form. Nothing counts before whoever
wrote it has seen how it was understood."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from bot.dates import moment_among, moment_in
from bot.repeating import rule_among, rule_in
from bot.shorten import shortened
from models import people_named
from models.base import Refusal, now
from models.people import Person
from models.recurring import following
from models.tasks import life, series

_LATE = time(23, 59)
_NAME = 5  # words of a name after @
_LISTED = 20  # people who are named before the rest
_SENTENCE = 600  # characters of it: looking for moments in it takes time
_BEFORE = 100  # characters before a colon that may name somebody
_MARKED = re.compile(r"<(?:@|!subteam\^)[^<>]{1,300}>|@\S+")
_LABEL = re.compile(r"<(?:@|!subteam\^)[^<>|]+\|@?([^<>]+)>")
_JOINS = re.compile(r"^[,;،؛&+]|^(?:and|or|e|o|و|أو|ו|או)(?=\s)", re.IGNORECASE)
_ANYONE = re.compile(r"^.{0,40}?(?=<[@!]|@)", re.DOTALL)
_EDGES = " \t\r\n,;:،؛-–—.…"


def moment(person: Person, text: str) -> datetime:
    """The moment to come that ``text`` names, on the clock of ``person``; a day alone is over when they stop working.
    ``Refusal`` ``no_moment`` or ``moment_past``."""
    try:
        found = moment_in(text, person.locale, person.zone, now(), person.work_to, work_days=person.work_days,
                          late=_LATE)  # fmt: skip
    except ValueError:
        raise Refusal("no_moment") from None
    if found <= now():
        raise Refusal("moment_past", moment=found)
    return found.astimezone(UTC).replace(second=0, microsecond=0)


def among(person: Person, text: str) -> tuple[datetime, str, str] | None:
    """The moment among other words, on the clock of ``person``, past or to come. See ``moment_among``."""
    return moment_among(text, person.locale, person.zone, now(), person.work_to, work_days=person.work_days,
                        late=_LATE)  # fmt: skip


def rule(person: Person, text: str) -> str:
    """The rule that ``text`` names; ``Refusal("no_rule")``."""
    try:
        return rule_in(text, person.locale)
    except ValueError:
        raise Refusal("no_rule") from None


def first_of(person: Person, repeat: str, at: datetime | None) -> datetime:
    """When the first of a series is due: at ``at`` or later, or on the next such day when they stop working."""
    begins = at or _today(person)
    after = at - timedelta(microseconds=1) if at else now()
    found = following(series.rule(repeat, begins, person.zone), begins, after, person.zone)
    if found is None:
        raise Refusal("no_rule")
    return found


def fields_of(session: Session, person: Person, text: str) -> dict[str, str]:
    """What ``person`` wrote, as the fields of the form: whom they name at the beginning or the end, how often, until
    when; the rest is what is to be done."""
    said, _, more = text.replace("\0", "").strip().partition("\n")
    if len(said) > _SENTENCE:  # no sentence any more: whom and when it names is said in the form
        return {"who": "", "title": shortened(said, life.TITLE - 2), "details": f"{said}\n{more}".strip()}
    who, rest = _people(session, person, said)
    fields = {"who": who}
    if repeats := rule_among(rest, person.locale):
        _, fields["often"], rest = repeats
    if until := among(person, rest):
        _, fields["until"], rest = until
    title, details = _LABEL.sub(r"\1", rest).strip(_EDGES), _LABEL.sub(r"\1", more).strip()
    if len(title) > life.TITLE:
        return fields | {"title": shortened(title, life.TITLE - 2), "details": f"{title}\n{details}".strip()}
    return fields | {"title": title, "details": details}


def title_of(text: str) -> str:
    """The first line of a message, without the signs of a heading or a list."""
    lines = (line.strip(" #*_>-•\t") for line in text.splitlines())
    return shortened(" ".join(next((line for line in lines if line), "").split()), life.TITLE - 2)


def _people(session: Session, person: Person, text: str) -> tuple[str, str]:
    """Who is named, as it is written, and the other words."""
    before, colon, after = text.partition(": ")
    if colon and len(before) <= _BEFORE and people_named.is_named(session, person, before):
        return before, after
    anyone = _ANYONE.match(text)
    said = anyone[0] if anyone and people_named.says_how_many(anyone[0]) else ""
    who, rest = _named(session, person, text[len(said) :].lstrip())
    if who:
        return f"{said}{', '.join(who)}", rest
    marks = list(_MARKED.finditer(text))
    if not marks:
        return "", text
    start = marks[-1].start()
    last = marks[-1][0] if marks[-1][0].startswith("<") else _name(session, person, text[start:])
    at_the_end = not text[start + len(last) :].strip(_EDGES)
    return last.rstrip(_EDGES), text[:start].rstrip(" →:") if at_the_end else text


def _named(session: Session, person: Person, text: str) -> tuple[list[str], str]:
    """Those whom ``text`` begins with, one after another."""
    who: list[str] = []
    rest = text
    while len(who) < _LISTED and (mark := _MARKED.match(rest)):
        said = mark[0] if mark[0].startswith("<") else _name(session, person, rest)
        who.append(said.rstrip(_EDGES))
        rest = rest[len(said) :].lstrip()
        after = _JOINS.sub("", rest).lstrip()
        if not _MARKED.match(after):
            return who, rest.lstrip(_EDGES)
        rest = after
    return who, rest


def _name(session: Session, person: Person, text: str) -> str:
    """A name after @, of as many words as somebody has."""
    for words in range(_NAME, 1, -1):
        found = re.match(rf"@\S+(?: [^\s,@]+){{{words - 1}}}", text)
        if found and people_named.is_named(session, person, found[0].rstrip(_EDGES)):
            return found[0]
    return _first(text)


def _first(text: str) -> str:
    found = re.match(r"@[^\s,;،؛]+", text)
    return found[0] if found else text.split(maxsplit=1)[0]


def _today(person: Person) -> datetime:
    here = now().astimezone(person.zone)
    return datetime.combine(here.date(), person.work_to, person.zone).astimezone(UTC)
