"""Finding what somebody acts on: their part of a task, and the people whom they name. The task is locked first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.mentions import named
from bot.turn import Turn
from handlers.tasks import saying, words
from models import people_named
from models.base import Refusal
from models.people import Person
from models.tasks import assignments
from models.tasks.reading import locked
from models.tasks.tables import DECLINED, LIVE, OPEN, RELEASED, Assignment, Task


def whole(turn: Turn, task_id: int, to: str) -> Task:
    """The task, locked, if the actor may ``to`` it."""
    return turn.fetch(Task, task_id, to=to)


def part(turn: Turn, task_id: int) -> Assignment:
    """What the actor was asked to do of a task; refused, with who has it, where it is not theirs (any more)."""
    task = locked(turn.session, task_id)
    mine = assignments.own(turn.session, task, turn.actor) if task is not None else None
    if task is None or mine is None:
        raise Refusal("task_not_yours", name=named(whole(turn, task_id, to="read").asker))
    if mine.state in (RELEASED, DECLINED) and task.state == OPEN:
        others, do_it = saying.instead_of(mine, assignments.of(turn.session, task))
        if others and mine.state == RELEASED:
            raise Refusal("task_with_other" if do_it else "task_asked_of_other", name=saying.people(others))
        raise Refusal(f"task_was_{mine.state}")
    return mine


def live_part(turn: Turn, task_id: int) -> Assignment:
    """The same, where something is left to do of it."""
    mine = part(turn, task_id)
    assignments.expect_open(mine.task)
    if mine.state not in LIVE:
        raise Refusal(f"task_was_{mine.state}")
    return mine


def asked_of(turn: Turn, assignment_id: int) -> Assignment:
    """What the actor, who asked, decides on: the part of somebody."""
    found = assignments.fetch(turn.session, assignment_id)
    if found is None:
        raise Refusal("not_found")
    turn.require("edit", found.task)
    return found


def person(turn: Turn, values: dict[str, Any], name: str = "who") -> Person:
    """The one person whom a field names."""
    try:
        found = people_named.resolve(turn.session, turn.actor, text(values, name)).people
    except Refusal as refusal:
        raise Refusal(refusal.code, field=name, **refusal.facts) from refusal
    if len(found) > 1:
        raise Refusal("one_person", field=name)
    return found[0]


def moment(turn: Turn, values: dict[str, Any], name: str = "when") -> datetime:
    """The moment to come that a field names, in the actor's words and on their clock."""
    try:
        return words.moment(turn.actor, text(values, name))
    except Refusal as refusal:
        raise Refusal(refusal.code, field=name, **refusal.facts) from refusal


def text(values: dict[str, Any], name: str) -> str:
    """What stands in a field."""
    return str(values.get(name) or "").replace("\0", "").strip()
