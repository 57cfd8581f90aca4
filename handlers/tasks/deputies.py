"""Somebody is away for some time: what is due meanwhile goes to whom they named, and they take it back on return."""

from __future__ import annotations

from datetime import datetime

from bot.cards import Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.tasks import leaving, leaving_cards
from handlers.tasks.answering import told
from models import deputies
from models.base import Refusal
from models.experts import absences_of, away_until
from models.facts import Fact
from models.hours import next_working
from models.people import Person
from models.tasks import handing
from models.tasks.tables import TASKS

router = Router()
router.refusal(not_given=T("It is not with somebody else any more, or was not yours."))
_RETURNED = "tasks.returned"


@router.fact("person.away")
def away(turn: Turn, fact: Fact) -> None:
    """What is due while they are away for long, and was asked by others, goes on."""
    person = turn.session.get(Person, fact.entity_id)
    until = datetime.fromisoformat(fact.data["until"])
    if person is None or until - turn.now < deputies.LONG:
        return
    heir, manager = handing.heir(turn.session, person), deputies.decider(turn.session, person)
    due = handing.theirs(turn.session, person, until)
    due = [part for part in due if handing.shared(part) and part.task.asker_id != person.id]
    if due:
        handing.forget_given(turn.session, person)
    rest = [part for part in due if not leaving.pass_on(turn, part, heir)]
    if rest and manager is not None:
        leaving.ask_manager(turn, person, manager)
    if due:
        at = next_working(person, until, absences_of(turn.session, person))
        turn.later(at, _RETURNED, f"person:{person.id}:returned", person_id=person.id)


@router.timer(_RETURNED)
def returned(turn: Turn, person_id: int) -> None:
    """Their absence is over."""
    person = turn.session.get(Person, person_id)
    if person is not None and person.active and away_until(turn.session, person, turn.now) is None:
        _offer(turn, person)


@router.fact("person.back")
def back(turn: Turn, fact: Fact) -> None:
    """They are back earlier."""
    person = turn.session.get(Person, fact.entity_id)
    if person is not None:
        _offer(turn, person)


@router.button("tasks.take_back")
def take_back(turn: Turn, task_id: int) -> Reply | None:
    """They do it again."""
    person = turn.actor
    TASKS.locked(turn.session, task_id)
    part = next((each for each in handing.given(turn.session, person) if each.task_id == task_id), None)
    if part is None:
        raise Refusal("not_given")
    mine = handing.take_back(turn.session, part, person)
    told(turn, "task.handed_over", mine, from_id=part.person_id)
    turn.edit(leaving_cards.about_return(person), leaving_cards.back(person, handing.given(turn.session, person)))
    return None


def _offer(turn: Turn, person: Person) -> None:
    parts = handing.given(turn.session, person)
    if parts:
        turn.withdraw(leaving_cards.about_return(person))
        turn.send(person, leaving_cards.back(person, parts), about=leaving_cards.about_return(person))
