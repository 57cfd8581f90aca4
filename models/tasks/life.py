"""The life of a task: it is made, changed, done or dropped. Each refuses what does not fit, with the field at fault.

Nothing is told to anybody here: whoever calls emits the fact, and ``handlers.tasks`` shows what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import access, recurring
from models.base import Refusal, now
from models.facts import Fact
from models.hooks.tables import Hook
from models.people import Person
from models.places import PRIVATE, Place
from models.tasks import assignments, checklist, dependencies, steps
from models.tasks.tables import (
    ACCEPTED,
    ANYONE,
    ASKED,
    DONE,
    DROPPED,
    EACH,
    FINISHED,
    LIVE,
    MODES,
    NORMAL,
    OPEN,
    PRIORITIES,
    RELEASED,
    UNSETTLED,
    Task,
)

TITLE, DETAILS, REASON = 150, 9_000, 1_000
"""Characters."""
WRITTEN = ("title", "details", "language", "priority", "due_at", "repeat", "private")
"""What the asker writes of a task, and may change."""
_LIST = "checklist"
"""The words of its items, in their order: whoever works on it may change these, too."""
_CHANGES = ("task.changed", "task.agreed", "task.listed")


class Origin(TypedDict, total=False):
    """Where a task comes from, as far as it comes from anywhere."""

    place: Place | None
    thread: str | None
    message: str | None
    question_id: int | None
    announcement_id: int | None
    decision_id: int | None
    hook: Hook | None
    external: str | None
    series_id: int | None


def make(
    session: Session,
    asker: Person,
    *,
    title: str,
    people: Sequence[Person],
    details: str = "",
    language: str | None = None,
    mode: str = EACH,
    due_at: datetime | None = None,
    zone: str | None = None,
    priority: str = NORMAL,
    repeat: str | None = None,
    private: bool = False,
    audience: Sequence[str] | None = None,
    checklist_lines: Sequence[str] = (),
    needs: Sequence[int] = (),
    late: bool = False,
    **origin: Unpack[Origin],
) -> Task:
    """A new task that ``asker`` asks of ``people``; who asks it of themselves has accepted it.

    ``language`` and ``zone`` are the asker's where none are given; ``audience`` is whoever reads the thread in which it
    was agreed on, and nobody where that is somebody's own chat. ``late``: its date may be past (of a series).
    Emit ``task.made`` then: everybody hears of it.
    """
    access.require(session, asker, "make", "task")
    asked = _asked(asker, people, mode)
    _check_dates(due_at, repeat or None, late)
    open_to = _audience(origin.get("place"), private) if audience is None or private else list(audience)
    task = Task(
        asker_id=asker.id, asker=asker, title=_title(title), details=_details(details), state=OPEN,
        language=language or asker.locale, mode=mode if len(asked) > 1 else EACH, due_at=due_at,
        priority=_one_of(priority, PRIORITIES), zone=zone or asker.zone.key, repeat=repeat or None,
        first_at=due_at if repeat else None, private=private, audience=open_to, **_kept(origin),
    )  # fmt: skip
    session.add(task)
    session.flush()
    checklist.add(session, task, list(checklist_lines))
    for number in dict.fromkeys(needs):
        dependencies.add(session, task, _readable(session, asker, number))
    for person in asked:
        assignments.add(session, task, person, state=ACCEPTED if person.id == asker.id else ASKED)
    return task


def change(session: Session, task: Task, version: int, **fields: Any) -> dict[str, Any]:
    """Change what is to be done, as somebody who saw ``version`` of it wants; what stood there before, by field, as it
    stands in a fact: ``turn.emit("task.changed", task, version=task.version, before=before)`` unless it is empty;
    ``task.listed`` where it is the checklist alone.

    What somebody else changed since, and this does not, stays as they left it. Where both changed the same:
    ``Refusal("task_changed")``, whose field is the first of them, with the ``version`` that there is now. Another date
    moves this one of a series alone; another rule counts from the date that it has then.
    """
    assignments.expect_open(task)
    wanted = _taken(fields)
    stands = _as_it_stands(session, task)
    before = _since(session, task, version, stands)
    mine = {name: value for name, value in wanted.items() if value != before.get(name, stands[name])}
    clash = [name for name in mine if name in before and mine[name] != stands[name]]
    if clash:
        raise Refusal("task_changed", field=clash[0], version=task.version)
    changed = {name: stands[name] for name in mine if mine[name] != stands[name]}
    if "repeat" in changed or "due_at" in changed:
        due_at, repeat = mine.get("due_at", task.due_at), mine.get("repeat", task.repeat)
        _check_dates(due_at, repeat, late="due_at" not in changed)
    for name in changed.keys() - {_LIST}:
        setattr(task, name, mine[name])
    if _LIST in changed:
        checklist.write(session, task, mine[_LIST])
    if "repeat" in changed:
        task.first_at = task.due_at if task.repeat else None
    if "private" in changed:
        task.audience = _audience(task.place, task.private)
    if changed:
        task.version, task.changed_at = task.version + 1, now()
        steps.plan_all(session, task)
    return {name: _plain(value) for name, value in changed.items()}


def _as_it_stands(session: Session, task: Task) -> dict[str, Any]:
    written = {name: getattr(task, name) for name in WRITTEN}
    return {**written, _LIST: [item.words for item in checklist.items(session, task)]}


def _since(session: Session, task: Task, version: int, stands: Mapping[str, Any]) -> dict[str, Any]:
    """What was changed since ``version``: by field, what stood there then."""
    if version >= task.version:
        return {}
    told = select(Fact.data).where(Fact.entity == "task", Fact.entity_id == task.id,
                                   Fact.verb.in_(_CHANGES)).order_by(Fact.id.desc())  # fmt: skip
    before: dict[str, Any] = {}
    for data in session.scalars(told):
        if int(data.get("version", 0)) > version:
            before |= {name: _typed(name, value) for name, value in data.get("before", {}).items()}
    return {name: value for name, value in before.items() if value != stands[name]}


def finish(session: Session, task: Task) -> None:
    """The whole of it is done, whoever did it. Emit ``task.done``."""
    assignments.expect_open(task)
    dependencies.check_met(session, task, task.asker)
    for each in assignments.of(session, task, *LIVE):
        assignments.end(session, each, FINISHED if each.state == ACCEPTED else RELEASED)
    task.state, task.done_at, task.changed_at = DONE, now(), now()


def reopen(session: Session, task: Task) -> None:
    """It is not done, or wanted, after all: whoever had it has it. Emit ``task.reopened``."""
    if task.state == OPEN:
        raise Refusal("task_not_done")
    dropped_at = task.changed_at if task.state == DROPPED else None
    task.dropped_because = None
    assignments.reopen(task)
    for each in assignments.of(session, task):
        if not each.person.active:  # who left does nothing after all
            if each.state in (*LIVE, FINISHED):
                assignments.end(session, each, RELEASED)
        elif each.state == FINISHED and dropped_at is None:
            assignments.unfinish(session, each)
        elif each.state == RELEASED and each.answered_at == dropped_at:
            assignments.add(session, task, each.person)
    steps.plan_all(session, task)


def drop(session: Session, task: Task, because: str = "") -> None:
    """It is not wanted any more. Whoever has yet to answer need not. Emit ``task.dropped``."""
    assignments.expect_open(task)
    moment = now()
    for each in assignments.of(session, task, *UNSETTLED):
        assignments.end(session, each, RELEASED)
        each.answered_at = moment
    task.state, task.dropped_because, task.changed_at = DROPPED, because.strip()[:REASON] or None, moment
    steps.plan_all(session, task)


def _kept(origin: Origin) -> dict[str, Any]:
    place, hook = origin.get("place"), origin.get("hook")
    numbers = {"place_id": place.id if place else None, "hook_id": hook.id if hook else None}
    return {**{name: value for name, value in origin.items() if name != "hook"}, **numbers}


def _asked(asker: Person, people: Sequence[Person], mode: str) -> list[Person]:
    """Everybody once; whoever asks that anyone of several does it does not mean themselves."""
    once = list({person.id: person for person in people}.values())
    if _one_of(mode, MODES) == ANYONE and len(once) > 1:
        once = [person for person in once if person.id != asker.id]
    if not once:
        raise Refusal("nobody_asked", field="who")
    if len(once) > assignments.MOST:
        raise Refusal("too_many_asked", field="who", most=assignments.MOST)
    return once


def _audience(place: Place | None, private: bool) -> list[str]:
    return [] if private or place is None or place.kind == PRIVATE else access.thread_audience(place)


def _readable(session: Session, asker: Person, number: int) -> Task:
    found = session.get(Task, number)
    if found is None or not access.may(session, asker, "read", found):
        raise Refusal("unknown_task", field="needs", number=number)
    return found


def _taken(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept; refused where one cannot be."""
    unknown = fields.keys() - {*WRITTEN, _LIST}
    if unknown:
        raise ValueError(f"cannot be changed: {', '.join(sorted(unknown))}")
    readers: dict[str, Callable[[Any], Any]] = {
        "title": _title, "details": _details, "priority": lambda value: _one_of(value, PRIORITIES),
        "repeat": lambda value: value or None,
    }  # fmt: skip
    return {name: readers[name](value) if name in readers else value for name, value in fields.items()}


def _check_dates(due_at: datetime | None, repeat: str | None, late: bool) -> None:
    if due_at is not None and due_at <= now() and not late:
        raise Refusal("moment_past", field="due_at", moment=due_at)
    if repeat is not None:
        if due_at is None:
            raise Refusal("repeat_needs_date", field="repeat")
        try:
            recurring.check(repeat)
        except Refusal as refusal:
            raise Refusal("unknown_repeat", field="repeat") from refusal


def _title(text: str) -> str:
    return _words(" ".join(text.split()), "title", TITLE, required=True)


def _details(text: str) -> str:
    return _words(text, "details", DETAILS)


def _words(text: str, name: str, most: int, required: bool = False) -> str:
    said = text.replace("\0", "").strip()
    if required and not said:
        raise Refusal("empty_text", field=name)
    if len(said) > most:
        raise Refusal("text_too_long", field=name, n=len(said) - most, most=most)
    return said


def _one_of(value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise ValueError(f"unknown: {value}")
    return value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name == "due_at" and value is not None else value
