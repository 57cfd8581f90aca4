"""The pages of tasks: the lists with all their filters, and everything about one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from bot.browsing import Choice, Choices, Item, Items, Lookup
from bot.cards import Card, Element, Heading, Link, T, Text, User
from bot.router import Page, Router
from bot.tables import Table
from handlers.tasks import cards, page_parts
from handlers.tasks.lines import IMPORTANT, about
from handlers.tasks.lists import EMPTY, GROUPS, TITLES, WHEN
from models import access
from models.base import Refusal
from models.people import Person
from models.tasks import assignments, lists
from models.tasks.lists import ANY, FINISHED_LATELY, MINE, OTHERS, TEAM, TIMES, Days, Line, Wanted
from models.tasks.tables import HIGH, Task

router = Router()
_SIZE = 50  # lines on a page
_FARTHEST = 1000  # pages
_NOTHING = T("There is nothing here. Choose another list, or look for other words.")


@router.page("/tasks", asks=("list", "when", "words", "page"))
def tasks(
    session: Session, person: Person, list: str = "", when: str = "", words: str = "", page: str = ""
) -> Page:  # the names are those of the address
    """A list, and the ways to narrow it. What is no list, time or number shows everything that is mine."""
    wanted = Wanted(list if list in (MINE, OTHERS, TEAM) else MINE, when if when in WHEN else ANY, words)
    number = min(int(page), _FARTHEST) if page.isascii() and page.isdecimal() and len(page) < 5 else 0
    found = lists.listed(session, person, wanted, _SIZE + 1, number * _SIZE)
    shown: Sequence[Element | Items] = (
        [*_grouped(found[:_SIZE], person, wanted), *_turning(wanted, number, len(found) > _SIZE)]
        if found
        else [Text(EMPTY[wanted.view] if not (wanted.when or words or number) else _NOTHING)]
    )
    feed = Link(T("Your tasks in your calendar"), "/tasks/calendar")
    return Page(T("Tasks"), (*_filters(session, person, wanted), *shown, feed))


@router.page("/tasks/{id}")
def task(session: Session, person: Person, id: int) -> Page:
    """All of one, for whoever may read it."""
    found = session.get(Task, id)
    if found is None or not access.may(session, person, "read", found):
        raise Refusal("not_found")
    return Page(User(found.title), tuple(page_parts.elements(session, person, found)), found.language)


@router.unfurl("/tasks/{id}")
def unfurled(session: Session, keys: Sequence[str], id: int) -> Card | None:
    """One that everybody who reads it there may read; a private one never."""
    found = session.get(Task, id)
    if found is None or found.private or set(found.audience).isdisjoint(keys):
        return None
    return page_parts.preview(found, assignments.of(session, found))


def _filters(session: Session, person: Person, wanted: Wanted) -> list[Element | Table | Choices | Lookup]:
    views = [MINE, OTHERS, *([TEAM] if lists.leads(session, person) or wanted.view == TEAM else [])]
    counted = lists.counted(session, person, wanted)
    chosen = [Choice(TITLES[view], _path(replace(wanted, view=view)), view == wanted.view) for view in views]
    times = [Choice(WHEN[when], _path(replace(wanted, when=when)), when == wanted.when, counted[when])
             for when in (ANY, *TIMES) if when == wanted.when or when == ANY or counted[when]]  # fmt: skip
    done = Choice(WHEN[FINISHED_LATELY], _path(replace(wanted, when=FINISHED_LATELY)),
                  wanted.when == FINISHED_LATELY)  # fmt: skip
    kept = tuple((name, value) for name, value in (("list", wanted.view), ("when", wanted.when)) if value)
    return [
        Choices(T("Whose tasks"), tuple(chosen)),
        Choices(T("Until when"), (*times, done)),
        Lookup(T("Words, or a name"), "/tasks", "words", wanted.words, kept),
    ]


def _path(wanted: Wanted, page: int = 0) -> str:
    said = {"list": wanted.view, "when": wanted.when, "words": wanted.words, "page": str(page or "")}
    return f"/tasks?{urlencode({name: value for name, value in said.items() if value})}"


def _grouped(found: Sequence[Line], person: Person, wanted: Wanted) -> list[Element | Items]:
    """Lists below when things are due; what is done stands in one."""
    around = lists.days(person)
    if wanted.when == FINISHED_LATELY:
        return [Items(WHEN[FINISHED_LATELY], tuple(_item(one, person, around) for one in found))]
    groups: dict[str, list[Item]] = {}
    for one in found:
        groups.setdefault(around.of(one.task.due_at), []).append(_item(one, person, around))
    shown: list[Element | Items] = []
    for group, items in groups.items():
        shown += [Heading(GROUPS[group]), Items(GROUPS[group], tuple(items))]
    return shown


def _item(one: Line, person: Person, around: Days) -> Item:
    return Item(
        Link(User(one.task.title), cards.path(one.task)),
        tuple(about(one, person, around)),
        IMPORTANT if one.task.priority == HIGH else None,
    )


def _turning(wanted: Wanted, number: int, more: bool) -> list[Element]:
    back = [Link(T("Previous page"), _path(wanted, number - 1))] if number else []
    return [*back, *([Link(T("Next page"), _path(wanted, number + 1))] if more else [])]
