"""Tasks as their making leaves them behind: for tests of what comes after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.routing import tell
from bot.turn import Turn
from models.base import reading, transaction
from models.people import Person
from models.places import Place, place_at
from models.tasks import life
from models.tasks.tables import Assignment, Task
from tests.chat import Chat, Someone


def asks(
    chat: Chat, asker: Someone, *people: Someone, title: str = "Fix the door", in_: str | None = None, **about: Any
) -> Task:
    """``asker`` asks ``people`` to do something, in a channel or in their own chat."""
    with transaction() as session:
        turn = Turn(session, asker.inbound("command", in_), chat.new_id(), session.get_one(Person, asker.person.id))
        asked = [session.get_one(Person, someone.person.id) for someone in people]
        task = life.make(session, turn.actor, title=title, people=asked, place=_place(turn, asker, in_), **about)
        turn.emit("task.made", task)
        tell(chat.runtime.router, turn)
    chat.work()
    return task


def task_of(task: Task) -> Task:
    """As it stands now."""
    with reading() as session:
        return session.get_one(Task, task.id)


def standing(task: Task) -> dict[str, str]:
    """How each stands to it, by handle."""
    with reading() as session:
        found = session.execute(
            select(Person.handle, Assignment.state).join(Assignment, Assignment.person_id == Person.id)
            .where(Assignment.task_id == task.id))  # fmt: skip
        return {handle: state for handle, state in found}  # noqa: C416 rows are no pairs to a type checker


def refused(someone: Someone) -> str:
    """What they were told instead, in the words of the catalogue."""
    notice = someone.reply.notice
    return notice.text if notice is not None else ""


def _place(turn: Turn, asker: Someone, in_: str | None) -> Place | None:
    return place_at(turn.session, asker.platform, "here", in_) if in_ else None
