"""Once a week: which questions are stuck, told to who can do something about it; nothing where none is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from bot.cards import Card, Element, Link, Moment, Names, T, Text, User
from bot.mentions import named
from bot.router import Router
from bot.shorten import shortened
from bot.turn import Turn
from models import access
from models.base import now
from models.experts import absences_of
from models.facts import Fact
from models.hours import next_working
from models.knowledge import Topic
from models.people import Person
from models.questions import ACCEPTED, Question
from models.steps import NUDGE, SEEK
from models.stuck import any_on_their_way, concerned, of, stuck

router = Router()
_MOST = 10
_AT = time(6)  # UTC: before most of the company begins its Monday
_LOOK, _TELL = "experts.stuck", "experts.tell_stuck"


@router.fact("question.expert_wanted")
def wanted(turn: Turn, fact: Fact) -> None:
    """A question is on its way to a person: whether it got there is looked at on Monday."""
    _look_again(turn)


@router.timer(_LOOK)
def look(turn: Turn) -> None:
    """Plan to tell everybody concerned when they work next, and to look again as long as questions are on their way."""
    found = stuck(turn.session, now())
    for person in concerned(turn.session, found).values():
        at = next_working(person, now(), absences_of(turn.session, person))
        turn.later(at, _TELL, f"stuck:{person.id}", person_id=person.id)
    if any_on_their_way(turn.session):
        _look_again(turn)


@router.timer(_TELL)
def tell(turn: Turn, person_id: int) -> None:
    """What is still stuck now, in their own chat."""
    person = turn.session.get(Person, person_id)
    if person is None or not person.active:
        return
    found = of(person, stuck(turn.session, now()))
    if found and turn.send(person, card(turn.session, person, found)):
        turn.emit("person.told_stuck", person, questions=len(found))


def card(session: Session, person: Person, found: Sequence[Question]) -> Card:
    """The questions, as far as this person may read them, and how each stands."""
    words = T("{n} question is stuck.", "{n} questions are stuck.", n=len(found))
    elements: list[Element] = [Text(words)]
    for question in found[:_MOST]:
        elements += [_named(session, person, question), Text(_standing(question), subtle=True)]
    more = len(found) - _MOST
    if more > 0:
        elements.append(Text(T("And {n} more.", "And {n} more.", n=more), subtle=True))
    hint = T("It helps to name somebody who looks after the topic, to answer, or to bring in who knows.")
    return Card(words, (*elements, Text(hint, subtle=True)))


def _named(session: Session, person: Person, question: Question) -> Element:
    """Power alone opens no closed thread: who may not read it learns its topic."""
    if access.may(session, person, "read", question):
        return Link(User(shortened(question.text)), f"/questions/{question.id}")
    topic: Topic | None = question.topic
    if topic is None:
        return Text(T("A question that only a few may read"))
    return Text(T("A question on {topic} that only a few may read", topic=Names(dict(topic.names))))


def _standing(question: Question) -> T:
    since = Moment(question.created_at, date_only=True)
    if question.next_step == SEEK:
        return T("Asked on {day}; nobody who may know it could be found.", day=since)
    if question.next_step == NUDGE:
        return T("Asked on {day}; the administrators have it, and did nothing yet.", day=since)
    if question.state == ACCEPTED and question.asked_of is not None:
        return T("Asked on {day}; {name} has it.", day=since, name=named(question.asked_of))
    return T("Asked on {day}; nobody has accepted it.", day=since)


def _look_again(turn: Turn) -> None:
    """On the next Monday; said often, it happens once."""
    today = now().astimezone(UTC).date()
    monday = today + timedelta(days=7 - today.weekday())
    turn.later(datetime.combine(monday, _AT, UTC), _LOOK, "stuck")
