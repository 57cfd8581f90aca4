"""What programs are told, as JSON: docs/webhooks.schema.json says what it looks like."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from models.base import now
from models.decisions import counting
from models.decisions.tables import Decision
from models.hooks.tables import EMAILS, NOBODY, Hook
from models.people import Person
from models.tasks import assignments, checklist
from models.tasks.tables import RELEASED, Task

VERSION = 1
"""Of the schema: it goes up where something in it changes its meaning, not where something is added."""
TEST = "webhook.test"
TASKS = ("task.made", "task.accepted", "task.declined", "task.agreed", "task.changed", "task.handed_over",
         "task.released", "task.given", "task.blocked", "task.unblocked", "task.finished", "task.unfinished",
         "task.done", "task.reopened", "task.dropped", "task.overdue")  # fmt: skip
DECISIONS = ("decision.decided", "decision.reasoned")


def message(verb: str, data: dict[str, Any]) -> dict[str, Any]:
    """What is told when ``verb`` happened."""
    return {"type": verb, "version": VERSION, "timestamp": now().isoformat(), "data": data}


def task(session: Session, hook: Hook, found: Task, by: Person | None, whom: Person | None) -> dict[str, Any]:
    """A task as it is now, for ``hook``; who did what is told, and ``whom`` of those who were asked it concerns."""
    asked = [{"person": person(hook, each.person), "state": each.state} for each in assignments.of(session, found)
             if each.state != RELEASED]  # fmt: skip
    lines = [{"text": item.words, "done": item.done_at is not None} for item in checklist.items(session, found)]
    return {
        "task": {
            "id": found.id,
            "external_id": found.external if _by_same(found, hook) else None,
            "title": found.title,
            "details": found.details,
            "language": found.language,
            "state": found.state,
            "mode": found.mode,
            "priority": found.priority,
            "due": found.due_at.isoformat() if found.due_at else None,
            "time_zone": found.zone,
            "repeats": found.repeat,
            "made_at": found.created_at.isoformat(),
            "done_at": found.done_at.isoformat() if found.done_at else None,
            "asker": person(hook, found.asker),
            "assignees": asked,
            "checklist": lines,
        },
        "by": person(hook, by) if by is not None else None,
        "whom": person(hook, whom) if whom is not None else None,
    }


def decision(session: Session, hook: Hook, found: Decision) -> dict[str, Any]:
    """A decision with its result. Who was for what is nobody's business but theirs who were asked."""
    options = counting.options(session, found)
    return {
        "decision": {
            "id": found.id,
            "title": found.title,
            "details": found.details,
            "language": found.language,
            "options": [each.words for each in options],
            "chosen": next((each.words for each in options if each.position == found.chosen), None),
            "reasons": found.reasons,
            "decided_at": found.decided_at.isoformat() if found.decided_at else None,
            "replaces": found.replaces_id,
            "asker": person(hook, found.asker),
        }
    }


def person(hook: Hook, somebody: Person) -> dict[str, Any]:
    """As much of a person as ``hook`` is told."""
    told: dict[str, Any] = {"id": somebody.id}
    if hook.people != NOBODY:
        told["name"] = somebody.name
    if hook.people == EMAILS:
        told["email"] = somebody.email
    return told


def _by_same(found: Task, hook: Hook) -> bool:
    """Whether what the task is called by the program that made it says anything to this one: both webhooks of one
    program have one name."""
    return found.hook is not None and found.hook.name.casefold() == hook.name.casefold()
