"""What the company knows, topic by topic, and where it hangs on one person or on nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Heading, Link, Names, Reply, T, Text
from bot.mentions import named
from bot.router import Page, Router
from bot.tabled import packed
from bot.turn import Turn
from models import access, files
from models.coverage import NOBODY, ONE, SAID, Covered, Knower, coverage
from models.people import Person

router = Router()
_NAMED = 5
_HEADER = ("topic", "name", "risk", "looked after by", "questions waiting", "person", "answers", "entries")


@router.page("/coverage")
def page(session: Session, person: Person) -> Page:
    """Every topic, what needs care first."""
    access.require(session, person, "administer", "company")
    found = coverage(session, _NAMED)
    if not found:
        return Page(T("Who knows what"), (Text(T("There is no topic yet."), subtle=True),))
    lines = _counted(found) or [T("At least two people know each topic.")]
    topics = (part for one in found for part in _topic(one))
    return Page(T("Who knows what"), (*(Text(words) for words in lines), *topics))


@router.button("admin.export_coverage")
def export(turn: Turn, id: int) -> Reply:
    """The same as a file that only who asked for it can open."""
    turn.require("administer", "company")
    rows = (row for one in coverage(turn.session) for row in _rows(turn.session, one))
    content = packed(("agora-coverage.csv", _HEADER, rows))
    file = files.keep(turn.session, turn.actor, "agora-coverage.csv.zip", content)
    turn.session.flush()
    turn.emit("coverage.exported", file)
    words = T("Here is who knows what, as a file. Only you can open it.")
    turn.send(turn.actor, Card(words, (Text(words), Link(T("Open the file"), file.path))))
    return Reply(notice=T("The file is in our own chat now."))


@router.home(91)
def home(session: Session, person: Person) -> tuple[Element, ...]:
    """The way there, for an admin. Nothing is counted here: homes are made anew whenever anything happens."""
    if not access.may(session, person, "administer", "company"):
        return ()
    give = Button(T("Give me that as a file"), "admin.export_coverage", 0)
    return (Heading(T("Who knows what")), Link(T("See who knows what"), "/coverage"), Actions((give,)))


def _counted(found: Sequence[Covered]) -> list[T]:
    risks = Counter(one.risk for one in found)
    lines = (
        (NOBODY, T("Nobody knows {n} topic.", "Nobody knows {n} topics.", n=risks[NOBODY])),
        (SAID, T("On {n} topic nobody has answered or written anything yet.",
                 "On {n} topics nobody has answered or written anything yet.", n=risks[SAID])),
        (ONE, T("One person alone knows {n} topic.", "One person alone knows {n} topics each.", n=risks[ONE])),
    )  # fmt: skip
    return [words for risk, words in lines if risks[risk]]


def _topic(one: Covered) -> list[Element]:
    elements: list[Element] = [Heading(Names(dict(one.topic.names))), Text(_standing(one))]
    elements += [Text(_knower(each), subtle=True) for each in one.knowers[:_NAMED]]
    more = one.people - _NAMED
    if more > 0:
        elements.append(Text(T("And {n} other person.", "And {n} other people.", n=more), subtle=True))
    if one.waiting:
        waits = T("{n} question waits for an answer.", "{n} questions wait for an answer.", n=one.waiting)
        elements.append(Text(waits, subtle=True))
    return elements


def _standing(one: Covered) -> T:
    match one.risk:
        case "nobody":
            return T("Nobody knows this. Name somebody who looks after it.")
        case "said":
            return T("Nobody has answered or written anything on this yet.")
        case "one":
            return T("Only {name} knows this: when they are away, nobody does.", name=named(one.knowers[0].person))
    return T("{n} person knows this.", "{n} people know this.", n=one.proven)


def _knower(each: Knower) -> T:
    if not each.shown:
        return T("{name}, as they say", name=named(each.person))
    answers = T("{n} answer", "{n} answers", n=each.answers)
    entries = T("{n} entry", "{n} entries", n=each.entries)
    return T("{name}: {answers}, {entries}", name=named(each.person), answers=answers, entries=entries)


def _rows(session: Session, one: Covered) -> list[tuple[object, ...]]:
    topic = one.topic
    owner = session.get(Person, topic.owner_id) if topic.owner_id else None
    about = (topic.key, topic.name("en"), one.risk, owner.name if owner else "", one.waiting)
    people = [(each.person.name, each.answers, each.entries) for each in one.knowers]
    return [(*about, *each) for each in people or [("", 0, 0)]]
