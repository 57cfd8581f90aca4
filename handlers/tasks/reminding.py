"""Time passes: whoever does a task, or was asked to, is reminded; then whoever asked hears of it, and decides."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.cards import Moment, Reply, T, Words
from bot.mentions import named
from bot.router import Router
from bot.turn import Turn
from handlers.tasks import cards, choices, finding, reminder_cards, saying
from models.base import Refusal
from models.experts import absences_of
from models.facts import Fact
from models.hours import next_working
from models.people import Person
from models.recurring import at
from models.tasks import assignments, due, reminders, steps
from models.tasks.tables import ACCEPTED, ASKED, LIVE, OPEN, Assignment

router = Router()
router.refusal(
    told_already=T("They were told already."),
    nobody_to_tell=T("There is nobody to tell: it is private, or they have no manager but you."),
)
_RAISED = "tasks.raised"
_GONE = timedelta(days=7)  # whoever is not there any more: what they left is given to others meanwhile
_TOGETHER = frozenset({reminders.BEFORE, reminders.DUE, reminders.OVERDUE, reminders.REMIND_ASKED, *reminders.TO_ASKER})


@router.timer(steps.ROUTE)
def next_step(turn: Turn, assignment_id: int, number: int) -> None:
    """The next step of somebody's part is due, with whatever else is due for them. In their working hours only."""
    found = due.due(turn.session, assignment_id, number, turn.now)
    if found is None:
        return
    working = next_working(found.person, turn.now, absences_of(turn.session, found.person))
    working = working if found.person.active else turn.now + _GONE
    if working > turn.now:
        for part in found.parts:
            steps.put(part, part.next_step, working, anew=True)
        return
    said = [(part, part.next_step or "") for part in found.parts]
    for part, step in said:
        _take(turn, part, step)
    turn.session.flush()
    _tell(turn, found, said)


def _take(turn: Turn, part: Assignment, step: str) -> None:
    """It is said now; plan what follows."""
    if step == reminders.BACK:  # it may come before they were reminded, where they are away
        part.reminders = max(part.reminders, reminders.ASKED_TWICE)
    part.reminders += 1
    if step == reminders.AGAIN:
        part.snoozed_until = None
    steps.plan(turn.session, part, done=True)
    verb = "task.overdue" if step == reminders.OVERDUE else "task.reminded"
    turn.emit(verb, part.task, assignment_id=part.id, person_id=part.person_id, step=step)


def _tell(turn: Turn, found: due.Due, said: list[tuple[Assignment, str]]) -> None:
    together = [part for part, step in said if step in _TOGETHER]
    if len({part.task_id for part in together}) > 1:
        turn.send(found.person, reminder_cards.several(turn.session, together, found.person, found.asked))
        said = [(part, step) for part, step in said if step not in _TOGETHER]
    for part, step in said:
        card = reminder_cards.one(turn.session, part, step, found.person, turn.now)
        turn.send(found.person, card, about=part.task.about_for(found.person.id))


# -- not now


@router.button("tasks.snooze_hour")
def in_an_hour(turn: Turn, assignment_id: int) -> Reply | None:
    """Remind me in an hour."""
    return _snooze(turn, _mine(turn, assignment_id), turn.now + timedelta(hours=1))


@router.button("tasks.snooze_day")
def tomorrow(turn: Turn, assignment_id: int) -> Reply | None:
    """Remind me when I begin to work tomorrow, or on the next day that I do."""
    return _snooze(turn, _mine(turn, assignment_id), _day(turn, 1))


@router.button("tasks.snooze_week")
def next_week(turn: Turn, assignment_id: int) -> Reply | None:
    """Remind me when the next week begins."""
    today = turn.now.astimezone(turn.actor.zone).date()
    return _snooze(turn, _mine(turn, assignment_id), _day(turn, 7 - today.weekday()))


@router.button("tasks.snooze")
def later(turn: Turn, assignment_id: int) -> Reply:
    """Remind me at another time."""
    return turn.open(reminder_cards.later(_mine(turn, assignment_id)))


@router.form("tasks.snooze")
def at_a_time(turn: Turn, assignment_id: int, values: dict[str, Any]) -> Reply | None:
    """At that one."""
    return _snooze(turn, _mine(turn, assignment_id), finding.moment(turn, values))


def _snooze(turn: Turn, part: Assignment, until: datetime) -> Reply | None:
    part.snoozed_until = until
    steps.plan(turn.session, part)
    turn.emit("task.snoozed", part.task, assignment_id=part.id, person_id=part.person_id, until=until.isoformat())
    at_last = next_working(turn.actor, until, absences_of(turn.session, turn.actor))
    _show(turn, part, T("I remind you of “{title}” again on {moment}.", title=saying.title(part.task),
                        moment=Moment(at_last)))  # fmt: skip
    return None


def _mine(turn: Turn, assignment_id: int) -> Assignment:
    part = assignments.fetch(turn.session, assignment_id)
    if part is None or part.person_id != turn.actor.id:
        raise Refusal("not_found")
    assignments.expect_open(part.task)
    if part.state != ACCEPTED:
        raise Refusal(f"task_was_{part.state}")
    return part


def _day(turn: Turn, ahead: int) -> datetime:
    day = turn.now.astimezone(turn.actor.zone).date() + timedelta(days=ahead)
    return at(datetime.combine(day, time()), turn.actor.zone)


# -- what whoever asked decides


@router.button("tasks.keep_waiting")
def keep_waiting(turn: Turn, assignment_id: int) -> Reply | None:
    """They are asked again as if for the first time."""
    part = finding.asked_of(turn, assignment_id)
    assignments.expect_open(part.task)
    if part.state != ASKED:
        raise Refusal(f"task_was_{part.state}")
    part.reminders = 0
    steps.plan(turn.session, part, done=True)
    _show(turn, part, T("I go on reminding {name} of “{title}”.", name=named(part.person),
                        title=saying.title(part.task)))  # fmt: skip
    return None


@router.button("tasks.tell_manager")
def tell_manager(turn: Turn, assignment_id: int) -> Reply | None:
    """The manager of whoever has not done it hears of it, in their working hours, once."""
    part = finding.asked_of(turn, assignment_id)
    assignments.expect_open(part.task)
    manager = choices.manager_of(turn.session, part)
    if manager is None or part.state not in LIVE:
        raise Refusal("nobody_to_tell")
    told = (Fact.verb == "task.raised") & (Fact.entity == "task") & (Fact.entity_id == part.task_id)
    if turn.session.scalar(select(Fact.id).where(told, Fact.data["assignment_id"].as_integer() == part.id).limit(1)):
        raise Refusal("told_already")
    moment = next_working(manager, turn.now, absences_of(turn.session, manager))
    turn.later(moment, _RAISED, f"assignment:{part.id}:raised", assignment_id=part.id, manager_id=manager.id)
    turn.emit("task.raised", part.task, assignment_id=part.id, person_id=part.person_id, to_id=manager.id)
    _show(turn, part, T("I tell {name} when they work.", name=named(manager)))
    return None


@router.timer(_RAISED)
def raised(turn: Turn, assignment_id: int, manager_id: int) -> None:
    """They hear of it, unless it was done meanwhile."""
    part, manager = assignments.fetch(turn.session, assignment_id), turn.session.get(Person, manager_id)
    late = part is not None and part.task.due_at is not None and part.task.due_at <= turn.now
    if part is None or manager is None or not late or part.task.state != OPEN or part.state not in LIVE:
        return
    if choices.manager_of(turn.session, part) is manager:
        turn.send(manager, reminder_cards.raised(turn.session, part, manager))


def _show(turn: Turn, part: Assignment, words: Words) -> None:
    turn.session.flush()
    turn.replace(cards.task(turn.session, part.task, turn.actor, words))


# -- when they work changes


@router.fact("person.away")
@router.fact("person.back")
@router.fact("person.settings_changed")
def hours_changed(turn: Turn, fact: Fact) -> None:
    """What is to be said to them comes when they work."""
    person = turn.session.get(Person, fact.entity_id)
    if person is not None:
        steps.plan_of(turn.session, person)
