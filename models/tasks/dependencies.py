"""What must be done before a task can be. Never in a circle."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from models import access
from models.base import Refusal
from models.people import Person
from models.tasks.tables import OPEN, Dependency, Task

MOST = 20

_ALONE = sql("select pg_advisory_xact_lock(hashtext('dependency'))")  # two halves of a circle may come at once
_LEADS_TO = sql("""
with recursive behind (id) as (
  select cast(:needs as bigint)
  union
  select d.needs_id from dependency d join behind b on d.task_id = b.id
)
select exists (select from behind where id = :task)
""")


def add(session: Session, task: Task, needs: Task) -> None:
    """``task`` cannot be done before ``needs`` is; ``Refusal("task_circle")`` where that waits for ``task`` itself."""
    session.flush()
    session.execute(_ALONE)
    if session.get(Dependency, (task.id, needs.id)) is not None:
        return
    if session.scalar(_LEADS_TO, {"needs": needs.id, "task": task.id}):
        raise Refusal("task_circle", field="needs", title=needs.title)
    if len(needed_by(session, task)) >= MOST:
        raise Refusal("too_many_needs", field="needs", most=MOST)
    session.add(Dependency(task_id=task.id, needs_id=needs.id))
    session.flush()


def remove(session: Session, task: Task, needs: Task) -> None:
    """It need not wait for that one."""
    found = session.get(Dependency, (task.id, needs.id))
    if found is not None:
        session.delete(found)
        session.flush()


def needed_by(session: Session, task: Task) -> list[Task]:
    """What ``task`` waits for, or waited for, oldest first."""
    query = select(Task).join(Dependency, Dependency.needs_id == Task.id).where(Dependency.task_id == task.id)
    return list(session.scalars(query.order_by(Task.id)))


def open_needs(session: Session, task: Task) -> list[Task]:
    """What ``task`` still waits for. What was dropped holds nobody up."""
    return [each for each in needed_by(session, task) if each.state == OPEN]


def waiting_for(session: Session, task: Task) -> list[Task]:
    """The open tasks that wait for ``task``."""
    query = select(Task).join(Dependency, Dependency.task_id == Task.id)
    return list(session.scalars(query.where(Dependency.needs_id == task.id, Task.state == OPEN).order_by(Task.id)))


def freed(session: Session, task: Task) -> list[Task]:
    """The open tasks that waited for ``task``, and wait for nothing any more."""
    return [each for each in waiting_for(session, task) if not open_needs(session, each)] if task.state != OPEN else []


def check_met(session: Session, task: Task, reader: Person) -> None:
    """``Refusal("task_needs")`` where ``task`` waits for another one that is not done; ``task_needs_other`` where that
    is nothing that ``reader`` may know of."""
    found = open_needs(session, task)
    seen = [each for each in found if access.may(session, reader, "read", each)]
    if seen:
        raise Refusal("task_needs", title=seen[0].title)
    if found:
        raise Refusal("task_needs_other")
