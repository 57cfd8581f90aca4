"""One's tasks as files: a table that spreadsheets open, and a list for to-do programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from bot.cards import Card, Link, Reply, T, Text
from bot.router import Router
from bot.tabled import packed
from bot.turn import Turn
from handlers.tasks import calendar, ical
from models import files
from models.people import Person
from models.tasks import lists
from models.tasks.lists import ANY, FINISHED_LATELY, MINE, OTHERS, Line, Wanted
from models.tasks.tables import RELEASED

router = Router()
_MOST = 10_000  # tasks in a file
_COLUMNS = (
    "number", "list", "title", "state", "due", "priority", "asked_by", "people", "blocked", "waits_for", "repeats",
    "private", "made", "done", "details",
)  # fmt: skip


@router.button("tasks.export")
def export(turn: Turn, id: int) -> Reply:
    """What is mine and what I asked of others, as files that only I can open."""
    person = turn.actor
    table = packed(("agora-tasks.csv", _COLUMNS, list(_rows(turn.session, person))))
    todo = ical.todos(person, calendar.marked(turn.session, person), "")
    kept = [files.keep(turn.session, person, name, content)
            for name, content in (("agora-tasks.csv.zip", table), ("tasks.ics", todo.encode()))]  # fmt: skip
    turn.session.flush()
    turn.emit("person.tasks_exported", person, file_ids=[file.id for file in kept])
    words = T("Here are your tasks, and what you asked of others, as files. Only you can open them.")
    labels = (T("For a spreadsheet (CSV)"), T("For a to-do program (iCalendar)"))
    links = (Link(label, file.path) for label, file in zip(labels, kept, strict=True))
    turn.send(person, Card(words, (Text(words), *links)))
    return Reply(notice=T("The files are in our own chat now."))


def _rows(session: Session, person: Person) -> Iterator[tuple[object, ...]]:
    for view in (MINE, OTHERS):
        for when in (ANY, FINISHED_LATELY):
            for one in lists.listed(session, person, Wanted(view, when), _MOST):
                yield _row(one, view, person)


def _row(one: Line, view: str, person: Person) -> tuple[object, ...]:
    task = one.task
    people = [each for each in one.doers if each.state != RELEASED]
    return (
        task.id, view, task.title, task.state, _at(task.due_at, person), task.priority, task.asker.name,
        "; ".join(f"{each.person.name} ({each.state})" for each in people),
        "; ".join(each.blocked_because for each in people if each.blocked_because and (  # reasons are for whoever asked
            task.asker_id == person.id or each.person_id == person.id)), one.needs, task.repeat or "",
        "yes" if task.private else "no", _at(task.created_at, person), _at(task.done_at, person), task.details,
    )  # fmt: skip


def _at(moment: datetime | None, person: Person) -> str:
    """On the clock of whoever reads it, with its distance from UTC."""
    return moment.astimezone(person.zone).isoformat(timespec="minutes") if moment else ""
