"""One's tasks in one's own calendar: the private address, who gets it, and what is read there.

The address itself stands on a page of its owner's alone. It is in no message: those go through queues, and stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.browsing import Address, Browsing
from bot.cards import Actions, Button, Card, Element, Link, Moment, Reply, T, Text
from bot.router import Document, Page, Router
from bot.turn import Turn
from handlers.tasks import ical
from handlers.tasks.ical import Marked
from models.base import Refusal
from models.people import EMPLOYEE, GUEST, Person
from models.tasks import feeds
from models.tasks.tables import Assignment, CalendarFeed, Task

router = Router()
EVENTS, TODOS = "calendar.ics", "tasks.ics"
_TYPE = "text/calendar"
_WHO = (EMPLOYEE, GUEST)
_WHAT = T(
    "A calendar program can read your tasks at a private address. Whoever has the address can read them, too: show it "
    "to nobody. A program can only read there, and change nothing."
)
router.refusal(not_possible=T("I cannot make a private address here. Ask an administrator to look at AGORA_KEYS."))

Making = Callable[[Person, Iterable[Marked], str], str]


@router.button("tasks.calendar")
def calendar(turn: Turn, id: int) -> Reply | None:
    """How it stands with their address, and what can be done about it."""
    turn.whisper(card(turn.session, turn.actor))
    return None


@router.button("tasks.calendar_new")
def renew(turn: Turn, id: int) -> Reply | None:
    """A new address; the one they had leads nowhere any more."""
    if turn.actor.kind not in _WHO:
        raise Refusal("not_allowed")
    feeds.renew(turn.session, turn.actor)
    turn.emit("person.calendar_made", turn.actor)
    turn.replace(card(turn.session, turn.actor))
    return None


@router.button("tasks.calendar_off")
def revoke(turn: Turn, id: int) -> Reply | None:
    """Their address leads nowhere any more."""
    if feeds.revoke(turn.session, turn.actor):
        turn.emit("person.calendar_revoked", turn.actor)
    turn.replace(card(turn.session, turn.actor))
    return None


@router.page("/tasks/calendar")
def page(session: Session, person: Person) -> Page:
    """The address, for its owner."""
    feed = feeds.feed_of(session, person)
    secret = feeds.secret_of(feed) if feed is not None else None
    shown: list[Element | Browsing] = [Text(_WHAT)]
    if feed is None or secret is None:
        shown.append(Text(T("You have no address yet. Write /tasks in our chat, and press “In my calendar”.")))
    else:
        shown += [
            Address(T("For Google Calendar, Outlook, Apple Calendar and most others"), f"/feeds/{secret}/{EVENTS}"),
            Address(T("For programs that read to-do lists, such as Thunderbird"), f"/feeds/{secret}/{TODOS}"),
            Text(_standing(feed), subtle=True),
            Text(T("To make it worthless, write /tasks in our chat, and press “In my calendar”."), subtle=True),
        ]
    return Page(T("Your tasks in your calendar"), (*shown, Link(T("All tasks"), "/tasks")))


@router.feed(EVENTS, _TYPE)
def events(session: Session, secret: str, public_url: str) -> Document | None:
    """Their tasks as events."""
    return _document(session, secret, public_url, ical.events)


@router.feed(TODOS, _TYPE)
def todos(session: Session, secret: str, public_url: str) -> Document | None:
    """Their tasks as to-dos."""
    return _document(session, secret, public_url, ical.todos)


def card(session: Session, person: Person) -> Card:
    """Whether they have an address, and the ways to it."""
    feed = feeds.feed_of(session, person)
    if feed is None:
        new = Button(T("Make a private address"), "tasks.calendar_new", 0, "primary")
        return Card(_WHAT, (Text(_WHAT), Actions((new,))))
    again = Button(T("Make a new address"), "tasks.calendar_new", 0,
                   confirm=T("The address that you have stops working. Go on?"))  # fmt: skip
    off = Button(T("Turn it off"), "tasks.calendar_off", 0, "danger")
    words = T("Your tasks have a private address for calendar programs.")
    link = Link(T("Show me the address"), "/tasks/calendar")
    return Card(words, (Text(words), Text(_standing(feed), subtle=True), link, Actions((again, off))))


def marked(session: Session, person: Person) -> list[Marked]:
    """The tasks of ``person`` with their part in each."""
    tasks = feeds.theirs(session, person)
    numbers = [task.id for task in tasks]
    mine = select(Assignment).where(Assignment.task_id.in_(numbers), Assignment.person_id == person.id)
    parts = {part.task_id: part for part in session.scalars(mine)}
    followed = set(session.scalars(select(Task.follows_id).where(Task.follows_id.in_(numbers))))
    return [Marked(task, parts[task.id], task.id in followed) for task in tasks if task.id in parts]


def _document(session: Session, secret: str, public_url: str, make: Making) -> Document | None:
    person = feeds.reader(session, secret)
    if person is None or person.kind not in _WHO:
        return None
    version = feeds.version(session, person)
    return Document(version, lambda: make(person, marked(session, person), public_url))


def _standing(feed: CalendarFeed) -> T:
    made = Moment(feed.made_at, date_only=True)
    if feed.read_at is None:
        return T("Made on {day}. No program has read it yet.", day=made)
    return T("Made on {day}. Last read on {moment}.", day=made, moment=Moment(feed.read_at))
