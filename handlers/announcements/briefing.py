"""What was announced and what came of it, once a week, for leaders: managers and administrators, at the hour at which
they want what is new. Who gets a weekly digest finds it there; who wants none of it says so once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Heading, Link, Reply, T, Text, User
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import cards, overview
from models import access
from models.announcements import briefings, reading
from models.announcements.groups import LEAST
from models.announcements.tables import Announcement
from models.base import Refusal, now
from models.digests import WEEKLY
from models.experts import away_until
from models.facts import Fact
from models.people import Person

router = Router()
ROUTE, PLAN = "announcements.briefing", "announcements.briefings"
_MOST, _ON_HOME = 8, 5
_LATELY = timedelta(days=28)
_NO, _YES = 0, 1  # what a button says
_TITLE = T("What was announced, and what came of it")


@router.fact("announcement.sent")
def something_is_out(turn: Turn, fact: Fact) -> None:
    """Leaders hear of it at the end of their week: planned apart, since there may be thousands of them."""
    turn.later(turn.now, PLAN, "announcement-briefings")


@router.timer(PLAN)
def plan(turn: Turn) -> None:
    """Plan the next one of every leader who has none."""
    briefings.plan(turn.session, briefings.leaders(turn.session), ROUTE, turn.correlation)


@router.timer(ROUTE)
def due(turn: Turn, person_id: int) -> None:
    """It is time. Who is away hears of it a week later; where nothing goes on any more nothing is planned."""
    person = turn.session.get(Person, person_id)
    if person is None or not briefings.is_leader(person) or not briefings.wanted(turn.session, person):
        return
    since = briefings.since(turn.session, person)
    found = reading.overseen(turn.session, person, since, _MOST, everything=True)
    if not found:
        return
    briefings.plan(turn.session, [person], ROUTE, turn.correlation)
    if person.digest == WEEKLY or away_until(turn.session, person, now()) is not None:
        return
    if turn.send(person, card(turn.session, person, found)):
        turn.emit("person.briefed", person, announcements=len(found))
        briefings.briefed(turn.session, person)


@router.digest(16)
def in_digest(session: Session, person: Person, since: datetime) -> tuple[Element, ...]:
    """The same in the weekly digest of who gets one."""
    leads = briefings.is_leader(person) and briefings.wanted(session, person)
    if person.digest != WEEKLY or not leads:
        return ()
    found = reading.overseen(session, person, since, _MOST, everything=True)
    return (Heading(_TITLE), *_lines(session, person, found)) if found else ()


@router.home(16)
def home(session: Session, person: Person) -> tuple[Element, ...]:
    """What somebody has announced, and how far it is: as it was counted last; for a leader who wants to hear nothing
    the way back."""
    found = reading.overseen(session, person, now() - _LATELY, _ON_HOME, everything=False)
    shown: tuple[Element, ...] = (Heading(T("What you announced")), *_lines(session, person, found)) if found else ()
    if briefings.is_leader(person) and not briefings.wanted(session, person):
        return (*shown, Text(T("You are not told once a week what was announced."), subtle=True), *_choice(False))
    return shown


@router.button("announcements.briefing")
def choose(turn: Turn, number: int) -> Reply:
    """Once a week, or not: as the button says."""
    if number not in (_NO, _YES) or not briefings.is_leader(turn.actor):
        raise Refusal("unknown_route")
    briefings.choose(turn.session, turn.actor, number == _YES)
    turn.emit("person.settings_changed", turn.actor)
    if number == _YES:
        briefings.plan(turn.session, [turn.actor], ROUTE, turn.correlation)
        return Reply(notice=T("I tell you once a week what was announced, and what came of it."))
    return Reply(notice=T("I send you no more of these. Your home has the way back."))


def card(session: Session, person: Person, found: Sequence[Announcement]) -> Card:
    """The message."""
    return Card(_TITLE, (Heading(_TITLE), *_lines(session, person, found), *_choice(True)))


def _lines(session: Session, person: Person, found: Sequence[Announcement]) -> list[Element]:
    """Each with how far it is; where so few got it that each could be made out, only for who looks after it."""
    counted = reading.progress_of(session, found)
    lines: list[Element] = []
    for announcement in found:
        count = counted.get(announcement.id)
        lines.append(Link(User(announcement.title), cards.path(announcement)))
        if count is None or count.counted.people >= LEAST or access.may(session, person, "oversee", announcement):
            lines += overview.line(announcement, count)
    return lines


def _choice(wanted: bool) -> tuple[Element, ...]:
    if wanted:
        return (Actions((Button(T("Send me no more of these"), "announcements.briefing", _NO),)),)
    return (Actions((Button(T("Tell me once a week"), "announcements.briefing", _YES),)),)
