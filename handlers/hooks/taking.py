"""Programs ask for tasks, and say that they are done. Only the webhooks' own endpoint comes this way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cards import Reply
from bot.hooks.asked import COMPLETE, CREATE
from bot.hooks.endpoint import CONFLICT, MISSING
from bot.router import Router
from bot.turn import Turn
from models import access
from models.base import Refusal
from models.hooks import life as hooks
from models.hooks.tables import Hook
from models.people import MASK, Person
from models.search.language import detect
from models.tasks import life, reading
from models.tasks.tables import DONE, Task

router = Router()
_FIELDS = {"who": "people", "due_at": "due"}
"""Fields of tasks that programs know by another name."""


@router.form(f"hooks.{CREATE}")
def create(turn: Turn, hook_id: int, values: dict[str, Any]) -> Reply:
    """A task is asked for; the same one comes in once."""
    hook = _hook(turn, hook_id)
    known = _named(turn.session, hook, values["external_id"])
    if known is not None:
        return _told(known)
    asker = _asker(turn.session, hook, values["asker"])
    asked = _people(turn.session, values["people"])
    task = _make(turn.session, hook, asker, asked, values)
    turn.emit("task.made", task)
    return _told(task)


@router.form(f"hooks.{COMPLETE}")
def complete(turn: Turn, hook_id: int, values: dict[str, Any]) -> Reply:
    """A task is done, whoever did it; said twice, it is done once."""
    hook = _hook(turn, hook_id)
    named = values["external_id"]
    found = _named(turn.session, hook, named) if named else turn.session.get(Task, values["id"])
    task = reading.locked(turn.session, found.id) if found is not None and _sees(hook, found) else None
    if task is None:
        raise Refusal("hook_no_task", field=MISSING)
    if task.state == DONE:
        return _told(task)
    try:
        life.finish(turn.session, task)
    except Refusal as refusal:
        raise Refusal(refusal.code, field=CONFLICT, **refusal.facts) from refusal
    turn.emit("task.done", task)
    return _told(task)


def _hook(turn: Turn, hook_id: int) -> Hook:
    """The webhook, locked, so that two requests for the same task come one after the other."""
    hook = turn.session.get(Hook, hook_id, with_for_update=True)
    if turn.inbound.platform != hooks.PLATFORM or hook is None or not hook.active:
        raise Refusal("unknown_route")
    hook.last_at = turn.now
    return hook


def _named(session: Session, hook: Hook, external: str | None) -> Task | None:
    if external is None:
        return None
    mine = (Task.hook_id == hook.id) & (Task.external == external)
    return session.scalars(select(Task).where(mine)).one_or_none()


def _sees(hook: Hook, task: Task) -> bool:
    mine = task.hook_id == hook.id
    return mine or (not task.private and not set(task.audience).isdisjoint(hook.audience))


def _make(session: Session, hook: Hook, asker: Person, asked: Sequence[Person], values: dict[str, Any]) -> Task:
    try:
        return life.make(
            session, asker, title=values["title"], details=values["details"], people=asked, mode=values["mode"],
            due_at=datetime.fromisoformat(values["due"]) if values["due"] else None, priority=values["priority"],
            language=detect(f"{values['title']} {values['details']}", asker.locale), audience=hook.audience, hook=hook,
            external=values["external_id"], checklist_lines=values["checklist"],
        )  # fmt: skip
    except Refusal as refusal:
        field = refusal.field or "task"
        raise Refusal(refusal.code, field=_FIELDS.get(field, field), **refusal.facts) from refusal


def _asker(session: Session, hook: Hook, named: str | None) -> Person:
    """In whose name it is asked for: whom the program names, or whoever made the webhook."""
    asker = _people(session, [named], "asker")[0] if named else hook.made_by
    if not access.may(session, asker, "make", "task"):
        raise Refusal("hook_cannot_ask", field="asker", name=asker.name)
    return asker


def _people(session: Session, names: Sequence[str], field: str = "people") -> list[Person]:
    """Everybody who is named, by handle or e-mail address; whoever is not known is said."""
    wanted = [name.lstrip("@").casefold() for name in names]
    known = (Person.handle.in_(wanted) | func.lower(Person.email).in_(wanted)) & Person.active & (Person.kind != MASK)
    found: dict[str, Person] = {}
    for person in session.scalars(select(Person).where(known)):
        found |= {key.casefold(): person for key in (person.email, person.handle) if key}
    unknown = [name for name, key in zip(names, wanted, strict=True) if key not in found]
    if unknown:
        raise Refusal("hook_nobody", field=field, names=", ".join(unknown))
    return list(dict.fromkeys(found[key] for key in wanted))


def _told(task: Task) -> Reply:
    return Reply(open=f"/tasks/{task.id}")
