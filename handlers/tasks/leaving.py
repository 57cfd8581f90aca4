"""Somebody leaves: their tasks go to whom they named, else to where their manager decides, else back to whoever asked;
what they asked of others has somebody who decides on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.cards import Card, Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.tasks import finding, leaving_cards, showing
from handlers.tasks.answering import told
from models import deputies
from models.base import Refusal
from models.experts import absences_of, away_until
from models.facts import Fact
from models.hours import add_working, hours_a_day, next_working
from models.people import Person
from models.tasks import assignments, handing, steps
from models.tasks.leaving import ROUTE, Leaving, schedule
from models.tasks.tables import ACCEPTED, DONE, LIVE, OPEN, UNSETTLED, Assignment, Task

router = Router()
router.refusal(
    not_yours_to_give=T("There is nothing left to decide, or somebody else decides it."),
)
_MORE = "tasks.left"
_TIMES = 3  # the manager is asked, and reminded twice


@router.fact("person.left")
def left(turn: Turn, fact: Fact) -> None:
    """What was with them goes on."""
    person = turn.session.get(Person, fact.entity_id)
    if person is not None:
        _go_on(turn, person)


@router.timer(_MORE)
def more(turn: Turn, person_id: int) -> None:
    """They had many."""
    person = turn.session.get(Person, person_id)
    if person is not None and not person.active:
        _go_on(turn, person)


@router.fact("person.joined")
def joined(turn: Turn, fact: Fact) -> None:
    """Two people are one: what both had is theirs once."""
    kept = turn.session.get(Person, fact.entity_id)
    gone = turn.session.get(Person, int(fact.data["left"]))
    if kept is None or gone is None:
        return
    for part in handing.theirs(turn.session, gone):
        if assignments.release(turn.session, part):
            turn.emit("task.done", part.task)
    steps.plan_of(turn.session, kept)


def pass_on(turn: Turn, part: Assignment, heir: Person | None) -> bool:
    """Let a part of somebody who is not there go to whom they named; whether it went anywhere."""
    if part.task.asker_id == part.person_id and (part.task.private or heir is None):
        return False
    if handing.with_others(turn.session, part):
        assignments.release(turn.session, part)
        told(turn, "task.released", part)
    elif heir is not None and handing.shared(part):
        give(turn, part, heir)
    elif not handing.shared(part):
        back(turn, part)
    else:
        return False
    return True


def give(turn: Turn, part: Assignment, to: Person, by: Person | None = None) -> None:
    """``to`` is asked instead."""
    asked = handing.give(turn.session, part, to, by)
    if asked is None:
        told(turn, "task.released", part)
        if part.task.state == DONE:
            turn.emit("task.done", part.task)
    else:
        told(turn, "task.handed_over", asked, from_id=part.person_id)


def back(turn: Turn, part: Assignment) -> None:
    """It goes back to whoever asked, who decides."""
    handing.give_back(turn.session, part)
    told(turn, "task.released", part)
    if part.task.state == DONE:
        turn.emit("task.done", part.task)
    elif not assignments.of(turn.session, part.task, *LIVE) and part.task.asker.active:
        card = leaving_cards.nobody(turn.session, part)
        turn.send(part.task.asker, card, about=part.task.about_for(part.task.asker_id))


def ask_manager(turn: Turn, person: Person, manager: Person) -> None:
    """Let the manager decide, when they work."""
    at = next_working(manager, turn.now, absences_of(turn.session, manager))
    handing.decide(turn.session, person, manager, at)
    turn.later(at, ROUTE, schedule(person.id), person_id=person.id)


@router.timer(ROUTE)
def look(turn: Turn, person_id: int) -> None:
    """The manager is asked, then reminded; at last everything goes back to whoever asked."""
    leaving = turn.session.get(Leaving, person_id, with_for_update=True)
    person = turn.session.get(Person, person_id)
    if leaving is None or person is None or leaving.next_at is None or leaving.next_at > turn.now:
        return
    manager = turn.session.get(Person, leaving.decider_id) if leaving.decider_id else None
    parts, until = _left(turn, person)
    if not parts or manager is None or not manager.active or leaving.reminders >= _TIMES:
        _settle(turn, person, leaving, () if until else parts)
        return
    leaving.reminders += 1
    leaving.next_at = add_working(manager, turn.now, hours_a_day(manager), absences_of(turn.session, manager))
    turn.later(leaving.next_at, ROUTE, schedule(person.id), person_id=person.id)
    turn.withdraw(leaving_cards.about(person))
    turn.send(manager, _card(turn, person, parts, until), about=leaving_cards.about(person))


# -- the manager decides


@router.button("tasks.give")
def giving(turn: Turn, assignment_id: int) -> Reply:
    """To whom?"""
    return turn.open(leaving_cards.give("tasks.give", assignment_id, _part(turn, assignment_id).person))


@router.form("tasks.give")
def given(turn: Turn, assignment_id: int, values: dict[str, Any]) -> Reply | None:
    """That one is asked."""
    part = _part(turn, assignment_id)
    give(turn, part, _there(turn, values, part.person), turn.actor)
    _show(turn, part.person)
    return None


@router.button("tasks.give_back")
def give_back(turn: Turn, assignment_id: int) -> Reply | None:
    """Whoever asked decides."""
    part = _part(turn, assignment_id)
    back(turn, part)
    _show(turn, part.person)
    return None


@router.button("tasks.give_all")
def giving_all(turn: Turn, person_id: int) -> Reply:
    """To whom?"""
    return turn.open(leaving_cards.give("tasks.give_all", person_id, _decided(turn, person_id)))


@router.form("tasks.give_all")
def given_all(turn: Turn, person_id: int, values: dict[str, Any]) -> Reply | None:
    """That one is asked to do all of them."""
    person = _decided(turn, person_id)
    to = _there(turn, values, person)
    for part in _left(turn, person)[0]:
        give(turn, part, to, turn.actor)
    _show(turn, person)
    return None


@router.button("tasks.give_back_all")
def give_back_all(turn: Turn, person_id: int) -> Reply | None:
    """Those who asked decide."""
    person = _decided(turn, person_id)
    leaving = turn.session.get_one(Leaving, person.id)
    leaving.reminders = _TIMES
    _settle(turn, person, leaving, _left(turn, person)[0])
    return None


@router.button("tasks.leave_all")
def leave_all(turn: Turn, person_id: int) -> Reply | None:
    """They can wait."""
    person = _decided(turn, person_id)
    _settle(turn, person, turn.session.get_one(Leaving, person.id), ())
    return None


def _go_on(turn: Turn, person: Person) -> None:
    heir, manager = handing.heir(turn.session, person), deputies.decider(turn.session, person)
    asked = _asked(turn, person, heir or manager)
    parts = handing.theirs(turn.session, person)
    moved = [part for part in parts if pass_on(turn, part, heir)]
    left_over = [part for part in parts if part not in moved and handing.shared(part)]
    if left_over and manager is not None:
        ask_manager(turn, person, manager)
    elif left_over:
        moved += [part for part in left_over if part.task.asker_id != person.id]
        for part in left_over:
            _back_or_rest(turn, part)
    if asked >= handing.MOST or (moved and len(parts) >= handing.MOST):
        turn.later(turn.now, _MORE, f"person:{person.id}:tasks", person_id=person.id)


def _back_or_rest(turn: Turn, part: Assignment) -> None:
    if part.task.asker_id != part.person_id:
        back(turn, part)
    elif part.state == ACCEPTED:
        steps.put(part, None, None)  # it is nobody else's: it stays, and says nothing


def _asked(turn: Turn, person: Person, decides: Person | None) -> int:
    """What they asked of others: whoever decides on it now; how much. What only two may see is left to the other."""
    found = handing.asked_by(turn.session, person)
    for task in found:
        for part in assignments.of(turn.session, task, *UNSETTLED) if task.private else ():
            assignments.release(turn.session, part)
            told(turn, "task.released", part)
    shared = [task for task in found if not task.private]
    if decides is None or not shared:
        return 0
    handing.ask_for(turn.session, shared, decides)
    turn.session.flush()
    for task in shared:
        turn.emit("task.given", task, from_id=person.id, to_id=decides.id)
    turn.send(decides, leaving_cards.deciding_now(turn.session, person, shared, decides))
    return len(found)


@router.fact("task.given")
def given_on(turn: Turn, fact: Fact) -> None:
    """Its cards name who decides now."""
    showing.refresh(turn, turn.session.get_one(Task, fact.entity_id))


def _left(turn: Turn, person: Person) -> tuple[list[Assignment], datetime | None]:
    """What is to be decided of, and until when they are away, where they did not leave."""
    until = away_until(turn.session, person, turn.now) if person.active else None
    if person.active and until is None:
        return [], None
    return handing.to_decide(turn.session, person, until), until


def _settle(turn: Turn, person: Person, leaving: Leaving, parts: Sequence[Assignment]) -> None:
    """Nothing is to be decided any more: ``parts`` go back to whoever asked, the rest soon."""
    for part in parts:
        _back_or_rest(turn, part)
    leaving.next_at = None
    if len(parts) >= handing.MOST and any(part.task.asker_id != person.id for part in parts):
        leaving.next_at = turn.now
        turn.later(turn.now, ROUTE, schedule(person.id), person_id=person.id)
    turn.session.flush()
    turn.edit(leaving_cards.about(person), leaving_cards.deciding(person, (), None))


def _show(turn: Turn, person: Person) -> None:
    turn.session.flush()
    parts, until = _left(turn, person)
    if not parts:
        turn.session.get_one(Leaving, person.id).next_at = None
    turn.edit(leaving_cards.about(person), _card(turn, person, parts, until))


def _card(turn: Turn, person: Person, parts: Sequence[Assignment], until: datetime | None) -> Card:
    return leaving_cards.deciding(person, parts, until, handing.count(turn.session, person, until))


def _part(turn: Turn, assignment_id: int) -> Assignment:
    part = assignments.fetch(turn.session, assignment_id)
    if part is None:
        raise Refusal("not_found")
    person = _decided(turn, part.person_id)
    if part.state not in LIVE or part.task.state != OPEN or not handing.is_to_decide(turn.session, part, person):
        raise Refusal("not_yours_to_give")
    return part


def _decided(turn: Turn, person_id: int) -> Person:
    """Whose tasks the actor decides on."""
    leaving = turn.session.get(Leaving, person_id)
    if leaving is None or leaving.decider_id != turn.actor.id or leaving.next_at is None:
        raise Refusal("not_yours_to_give")
    return turn.session.get_one(Person, person_id)


def _there(turn: Turn, values: dict[str, Any], instead: Person) -> Person:
    to = finding.person(turn, values)
    assignments.check_person(to)
    if to.id == instead.id:
        raise Refusal("cannot_be_asked", field="who", name=to.name)
    return to
