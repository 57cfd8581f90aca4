"""The lists of tasks in chat: asked for by a command or in words, with what can be done at once in every line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Heading, Link, Reply, T, Text, User, Words
from bot.router import Router
from bot.texts import everywhere
from bot.turn import Turn
from bot.words import in_a_row
from handlers.tasks import finding, list_words
from handlers.tasks.answering import told
from handlers.tasks.lines import line
from models import digests
from models.base import Refusal
from models.people import Person
from models.tasks import assignments, lists
from models.tasks.lists import (
    ANY,
    HERE,
    MINE,
    OTHERS,
    OVERDUE,
    TEAM,
    TODAY,
    UNDATED,
    WAITING,
    WEEK,
    Line,
    Wanted,
    Where,
)

router = Router()
PAGE = 8  # lines in one message: platforms show no more than some fifty parts
_FARTHEST = 500  # pages
TITLES = {
    MINE: T("My tasks"),
    OTHERS: T("What I asked of others"),
    TEAM: T("My team's tasks"),
    HERE: T("Tasks of this place"),
}
GROUPS = {
    OVERDUE: T("Overdue"),
    TODAY: T("Today"),
    WEEK: T("This week"),
    ANY: T("Later"),
    UNDATED: T("Without a date"),
}
WHEN = {**GROUPS, ANY: T("All of them"), WAITING: T("Waiting for others"), lists.FINISHED_LATELY: T("Done lately")}
EMPTY = {
    MINE: T("You have no open task. Write /task to note one for yourself, or to ask somebody."),
    OTHERS: T("You are waiting for nothing from others. Write /task to ask somebody for something."),
    TEAM: T("Your team has no open task that you may see."),
    HERE: T("Nothing is open here. Choose “Make a task” in the menu of a message to agree on something."),
}
_NOTHING = T("Nothing fits that. Press “All of them” to see everything that is open.")


class Asked(NamedTuple):
    """What somebody wants to see, and which page of it."""

    wanted: Wanted
    page: int = 0


@router.command("tasks", T("/tasks: what is yours; /tasks others, team, here, overdue, today, or words to look for"))
def command(turn: Turn) -> Reply | None:
    """``/tasks`` with a list, a time and words in any order, in any of our languages."""
    turn.whisper(card(turn.session, turn.actor, Asked(_wanted(turn, turn.inbound.text))))
    return None


@router.message
def said(turn: Turn) -> bool:
    """The same in plain words: in one's own chat, or to Agora in a thread, of which it is then."""
    text = turn.inbound.text
    if turn.private and (list_words.is_mine(text) or text.strip().casefold() in everywhere(TITLES[MINE])):
        turn.whisper(card(turn.session, turn.actor, Asked(Wanted())))
        return True
    if turn.private or not turn.inbound.mentioned or not list_words.is_here(text):
        return False
    turn.whisper(card(turn.session, turn.actor, Asked(Wanted(HERE, where=_where(turn)))))
    return True


@router.button("tasks.mine")
def mine(turn: Turn, page: int) -> Reply | None:
    """What is mine."""
    return _turned(turn, Wanted(MINE), page)


@router.button("tasks.others")
def others(turn: Turn, page: int) -> Reply | None:
    """What I asked of others."""
    return _turned(turn, Wanted(OTHERS), page)


@router.button("tasks.team")
def team(turn: Turn, page: int) -> Reply | None:
    """What those do whose manager I am."""
    return _turned(turn, Wanted(TEAM), page)


@router.button("tasks.here")
def here(turn: Turn, page: int) -> Reply | None:
    """What was agreed on where this is pressed."""
    return _turned(turn, Wanted(HERE, where=_where(turn)), page)


@router.button("tasks.list_done")
def done(turn: Turn, task_id: int) -> Reply | None:
    """My part of it is done; the list shows what is left."""
    part = finding.live_part(turn, task_id)
    task = part.task
    whole = assignments.finish(turn.session, part)
    told(turn, "task.finished", part)
    if whole:
        turn.emit("task.done", task)
    undo = Button(T("Not done after all"), "tasks.undone", task.id)
    return _shown_again(turn, T("Done: {title}", title=User(task.title)), undo)


@router.button("tasks.list_accept")
def accept(turn: Turn, task_id: int) -> Reply | None:
    """I do it; the list shows it so."""
    part = finding.live_part(turn, task_id)
    task = part.task
    assignments.accept(turn.session, part)
    told(turn, "task.accepted", part)
    return _shown_again(turn, T("You do it: {title}", title=User(task.title)), None)


def card(session: Session, person: Person, asked: Asked, note: Sequence[Element] = ()) -> Card:
    """A page of a list, in groups by when things are due, and the ways to the other lists."""
    wanted = asked.wanted
    found = lists.listed(session, person, wanted, PAGE + 1, asked.page * PAGE)
    counted = lists.counted(session, person, wanted)
    words = summary(wanted, counted)
    shown: list[Element] = [*note, Heading(TITLES[wanted.view]), Text(words, subtle=True)]
    nothing = _NOTHING if wanted.words or wanted.when else EMPTY[wanted.view]
    if not found:
        shown.append(Text(nothing))
    shown += grouped(found[:PAGE], person)
    shown += [*_onward(wanted, asked.page, len(found) > PAGE), *_elsewhere(session, person, wanted)]
    return Card(words if found else nothing, tuple(shown))


def grouped(found: Sequence[Line], person: Person) -> list[Element]:
    """Lines below what they have in common: when they are due."""
    around = lists.days(person)
    shown: list[Element] = []
    last = None
    for one in found:
        group = around.of(one.task.due_at)
        if group != last:
            shown.append(Heading(GROUPS[group]))
        shown += line(one, person, around)
        last = group
    return shown


def summary(wanted: Wanted, counted: dict[str, int]) -> Words:
    """How much there is, and of that what hurries."""
    said: list[Words] = [T("{n} open", "{n} open", n=counted[ANY])]
    said += [words for count, words in (
        (counted[OVERDUE], T("{n} overdue", "{n} overdue", n=counted[OVERDUE])),
        (counted[TODAY], T("{n} due today", "{n} due today", n=counted[TODAY])),
        (counted[WAITING], T("{n} waits for others", "{n} wait for others", n=counted[WAITING])),
    ) if count]  # fmt: skip
    return in_a_row(said)


def _wanted(turn: Turn, text: str) -> Wanted:
    view, when, words = list_words.read(text)
    if view == HERE and not turn.private:
        return Wanted(HERE, when, words, _where(turn))
    return Wanted(view if view in (OTHERS, TEAM) else MINE, when, words)


def _where(turn: Turn) -> Where:
    return Where(turn.place, None if turn.private else turn.inbound.thread)


def _turned(turn: Turn, wanted: Wanted, page: int) -> Reply | None:
    """Another page or list, in place of the one on which that was pressed."""
    if not 0 <= page < _FARTHEST:
        raise Refusal("unknown_route")
    turn.replace(card(turn.session, turn.actor, Asked(wanted, page)))
    return None


def _shown_again(turn: Turn, words: T, undo: Button | None) -> Reply | None:
    turn.session.flush()
    note = (Text(words), *((Actions((undo,)),) if undo else ()))
    if turn.inbound.message is None:  # at home, which shows what is left by itself
        turn.whisper(Card(words, note))
        return None
    turn.replace(card(turn.session, turn.actor, Asked(Wanted()), note))
    return None


def _onward(wanted: Wanted, page: int, more: bool) -> list[Element]:
    """Further pages; of a list that was narrowed by words or a time, the web page has the rest."""
    if wanted.when or wanted.words:
        return [Text(T("There are more. The page has all of them."), subtle=True)] if more else []
    route = f"tasks.{wanted.view}"
    back = (Button(T("Previous page"), route, page - 1),) if page else ()
    on = (Button(T("Next page"), route, page + 1),) if more else ()
    return [Actions((*back, *on))] if back or on else []


def _elsewhere(session: Session, person: Person, wanted: Wanted) -> list[Element]:
    """The other lists, the page with all filters, and what else can be done with them."""
    views = [MINE, OTHERS, *([TEAM] if lists.leads(session, person) else [])]
    narrowed = bool(wanted.when or wanted.words)
    others = [Button(TITLES[view], f"tasks.{view}", 0) for view in views if view != wanted.view or narrowed]
    tools = [Button(T("Make a task"), "tasks.new", 0, "primary", opens="form"),
             Button(T("In my calendar"), "tasks.calendar", 0), Button(T("As a file"), "tasks.export", 0)]  # fmt: skip
    hint: list[Element] = []
    if wanted.view == MINE and person.digest == digests.OFF:
        words = T("Would you like a summary every morning? Choose the hour in your settings.")
        hint = [Text(words, subtle=True)]
        tools.append(Button(T("My settings"), "home.settings", 0, opens="form"))
    page = Link(T("All of them, on a page with filters"), "/tasks")
    return [*hint, page, Actions(tuple(others)), Actions(tuple(tools))]
