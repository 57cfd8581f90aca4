"""The parts of a task that can be ticked off."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Refusal, now
from models.people import Person
from models.tasks.tables import ChecklistItem, Task

MOST = 50
LONGEST = 200
"""Characters of one of them."""


def lines_of(text: str, already: int = 0) -> list[str]:
    """The items in ``text``, one a line; refused (field ``checklist``) where they are too many, with those that are
    there ``already``, or too long."""
    lines = [line for each in text.replace("\0", "").splitlines() if (line := each.strip().lstrip("-*•☐☑ ").strip())]
    if len(lines) + already > MOST:
        raise Refusal("too_many_items", field="checklist", n=len(lines) + already, most=MOST)
    over = max((len(line) for line in lines), default=0) - LONGEST
    if over > 0:
        raise Refusal("text_too_long", field="checklist", n=over, most=LONGEST)
    return lines


def items(session: Session, task: Task) -> list[ChecklistItem]:
    """All of them, in their order."""
    of = select(ChecklistItem).where(ChecklistItem.task_id == task.id)
    return list(session.scalars(of.order_by(ChecklistItem.position)))


def add(session: Session, task: Task, lines: Sequence[str]) -> None:
    """Put these below the others."""
    there = items(session, task)
    if len(there) + len(lines) > MOST:
        raise Refusal("too_many_items", field="checklist", n=len(there) + len(lines), most=MOST)
    first = there[-1].position + 1 if there else 1
    session.add_all(ChecklistItem(task_id=task.id, position=first + n, words=line) for n, line in enumerate(lines))
    session.flush()


def write(session: Session, task: Task, lines: Sequence[str]) -> None:
    """Let these be its items. What was ticked, and still stands there, stays ticked."""
    there = items(session, task)
    ticked = {each.words: (each.done_at, each.done_by_id) for each in there}
    for each in there:
        session.delete(each)
    session.flush()
    add(session, task, lines)
    for each in items(session, task):
        each.done_at, each.done_by_id = ticked.get(each.words, (None, None))
    session.flush()


def tick(item: ChecklistItem, by: Person) -> None:
    """It is done."""
    if item.done_at is not None:
        raise Refusal("ticked_already")
    item.done_at, item.done_by_id = now(), by.id


def untick(item: ChecklistItem) -> None:
    """It is not done after all."""
    item.done_at = item.done_by_id = None
