"""The lists of tasks that people look at: mine, what I asked of others, a thread's, my team's; and when they are due.

The day and the week are those of the reader's own time zone. Nothing is in a list that its reader may not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from models import access
from models.base import now
from models.digests import week_begins
from models.people import Person
from models.places import Place
from models.tasks.tables import (
    ASKED,
    DONE,
    FINISHED,
    HIGH,
    LIVE,
    LOW,
    OPEN,
    PROPOSED,
    Assignment,
    Dependency,
    Task,
)

MINE, OTHERS, TEAM, HERE = "mine", "others", "team", "here"
VIEWS = (MINE, OTHERS, TEAM, HERE)
ANY, OVERDUE, TODAY, WEEK, WAITING, UNDATED, FINISHED_LATELY = (
    "",
    "overdue",
    "today",
    "week",
    "waiting",
    "undated",
    "done",
)
TIMES = (OVERDUE, TODAY, WEEK, WAITING, UNDATED)
LATELY = timedelta(days=30)
_WORDS = 8  # that are looked for at once


@dataclass(frozen=True)
class Where:
    """A place, and a thread in it where it is one's."""

    place: Place
    thread: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see: one of ``VIEWS``, when it is due (``ANY``, one of ``TIMES`` or ``FINISHED_LATELY``),
    and words that must stand in it, or name who asked or does it."""

    view: str = MINE
    when: str = ANY
    words: str = ""
    where: Where | None = None


@dataclass(frozen=True)
class Line:
    """A task in a list: who was asked, and how many others must be done before it."""

    task: Task
    doers: tuple[Assignment, ...] = ()
    needs: int = 0

    def of(self, person: Person) -> Assignment | None:
        """The part of ``person`` in it."""
        return next((each for each in self.doers if each.person_id == person.id), None)

    @property
    def live(self) -> tuple[Assignment, ...]:
        """Those whose matter it is."""
        return tuple(each for each in self.doers if each.state in LIVE)


@dataclass(frozen=True)
class Days:
    """Where a reader's today and this week end, and the moment itself."""

    at: datetime
    tomorrow: datetime
    next_week: datetime

    def of(self, due: datetime | None) -> str:
        """In which of ``OVERDUE``, ``TODAY``, ``WEEK``, ``ANY`` (later) and ``UNDATED`` something due then is."""
        if due is None:
            return UNDATED
        if due < self.at:
            return OVERDUE
        return TODAY if due < self.tomorrow else WEEK if due < self.next_week else ANY


def days(person: Person, at: datetime | None = None) -> Days:
    """The days of ``person`` around now, or ``at``. Their week begins after its longest rest (``models.digests``)."""
    moment = at or now()
    today = moment.astimezone(person.zone).date()
    ahead = (week_begins(person) - today.weekday() - 1) % 7 + 1
    return Days(moment, _midnight(person, today + timedelta(days=1)), _midnight(person, today + timedelta(days=ahead)))


def listed(session: Session, person: Person, wanted: Wanted, limit: int, offset: int = 0) -> list[Line]:
    """What ``person`` wants to see, the most urgent first."""
    order = (Task.done_at.desc(),) if wanted.when == FINISHED_LATELY else _URGENCY
    query = _query(session, person, wanted).order_by(*order, Task.id).limit(limit).offset(offset)
    return lines(session, session.scalars(query.options(joinedload(Task.asker))).all())


def counted(session: Session, person: Person, wanted: Wanted) -> dict[str, int]:
    """How many of what ``wanted`` names, whenever it is due, by each of ``TIMES``; all of them as ``ANY``."""
    everything = Wanted(wanted.view, ANY, wanted.words, wanted.where)
    around = days(person)
    each = [func.count().filter(_when(person, wanted.view, when, around)) for when in TIMES]
    found = _query(session, person, everything).with_only_columns(func.count(), *each, maintain_column_froms=True)
    row = session.execute(found.order_by(None)).one()
    return dict(zip((ANY, *TIMES), row, strict=True))


def lines(session: Session, tasks: Sequence[Task]) -> list[Line]:
    """``tasks``, each with who was asked and what it waits for: two statements for all of them."""
    numbers = [task.id for task in tasks]
    if not numbers:
        return []
    doers: dict[int, list[Assignment]] = {}
    asked = select(Assignment).where(Assignment.task_id.in_(numbers)).options(joinedload(Assignment.person))
    for each in session.scalars(asked.order_by(Assignment.id)):
        doers.setdefault(each.task_id, []).append(each)
    needed = aliased(Task)
    open_needs = (
        select(Dependency.task_id, func.count())
        .join(needed, needed.id == Dependency.needs_id)
        .where(Dependency.task_id.in_(numbers), needed.state == OPEN)
        .group_by(Dependency.task_id)
    )
    needs = {row[0]: row[1] for row in session.execute(open_needs)}
    return [Line(task, tuple(doers.get(task.id, ())), needs.get(task.id, 0)) for task in tasks]


def leads(session: Session, person: Person) -> bool:
    """Whether anybody has ``person`` as their manager."""
    return session.scalar(select(Person.id).where(Person.manager_id == person.id, Person.active).limit(1)) is not None


def _midnight(person: Person, day: date) -> datetime:
    return datetime.combine(day, time(0), person.zone)


_URGENCY = (
    Task.due_at.asc().nulls_last(),
    case((Task.priority == HIGH, 0), (Task.priority == LOW, 2), else_=1),
)


def _query(session: Session, person: Person, wanted: Wanted) -> Select[Task]:
    done = wanted.when == FINISHED_LATELY
    found = select(Task).where(
        _view(session, person, wanted, done), *(_said(word) for word in wanted.words.split()[:_WORDS])
    )
    if done and wanted.view == MINE:  # one's part may be done before the task is
        return found.where(Task.state.in_((OPEN, DONE)))
    if done:
        return found.where(Task.state == DONE, Task.done_at > now() - LATELY)
    found = found.where(Task.state == OPEN)
    return found.where(_when(person, wanted.view, wanted.when, days(person))) if wanted.when else found


def _view(session: Session, person: Person, wanted: Wanted, done: bool) -> ColumnElement[bool]:
    if wanted.view == MINE:
        return _has((Assignment.person_id == person.id) & (_just_done() if done else Assignment.state.in_(LIVE)))
    if wanted.view == OTHERS:
        return _of_others(person)
    return (_of_team(person, done) if wanted.view == TEAM else _here(wanted.where)) & _readable(session, person)


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That somebody was asked for whom ``condition`` holds."""
    return select(1).where(Assignment.task_id == Task.id, condition).exists()


def _just_done() -> ColumnElement[bool]:
    return (Assignment.state == FINISHED) & (Assignment.finished_at > now() - LATELY)


def _of_others(person: Person) -> ColumnElement[bool]:
    """What they asked for, but for what they asked of themselves alone."""
    alone = ~_has(Assignment.person_id != person.id) & _has(Assignment.person_id == person.id)
    return (Task.asker_id == person.id) & ~alone


def _of_team(person: Person, done: bool) -> ColumnElement[bool]:
    theirs = select(Person.id).where(Person.manager_id == person.id, Person.active)
    return _has(Assignment.person_id.in_(theirs) & Assignment.state.in_((FINISHED,) if done else LIVE))


def _here(where: Where | None) -> ColumnElement[bool]:
    if where is None:
        return Task.id.is_(None)
    here = Task.place_id == where.place.id
    return here if where.thread is None else here & (Task.thread == where.thread)


def _readable(session: Session, person: Person) -> ColumnElement[bool]:
    """As ``models.access`` says who may read a task."""
    assignee = _has((Assignment.person_id == person.id) & Assignment.state.in_((*LIVE, FINISHED)))
    meant = ~Task.private & Task.audience.overlap(access.keys_of(session, person))
    return or_(Task.asker_id == person.id, assignee, meant)


def _said(word: str) -> ColumnElement[bool]:
    """That a word stands in it, or in the name of who asked or does it."""
    name = word.lstrip("@") or word
    named = or_(
        *(column.icontains(name, autoescape=True) for column in (Person.name, Person.latin_name, Person.handle))
    )
    people = select(Person.id).where(named)
    return or_(
        Task.title.icontains(word, autoescape=True),
        Task.details.icontains(word, autoescape=True),
        Task.asker_id.in_(people),
        _has(Assignment.person_id.in_(people) & Assignment.state.in_((*LIVE, FINISHED))),
    )


def _when(person: Person, view: str, when: str, around: Days) -> ColumnElement[bool]:
    due = Task.due_at
    if when == OVERDUE:
        return due < around.at
    if when == TODAY:
        return and_(due >= around.at, due < around.tomorrow)
    if when == WEEK:
        return and_(due >= around.at, due < around.next_week)
    if when == UNDATED:
        return due.is_(None)
    return _waiting(person, view)


def _waiting(person: Person, view: str) -> ColumnElement[bool]:
    """It is for others to do something first: answer, decide, or be done with what it needs."""
    needed = aliased(Task)
    needs = select(1).where(Dependency.task_id == Task.id, needed.id == Dependency.needs_id, needed.state == OPEN)
    stuck = Assignment.state.in_(LIVE) & Assignment.blocked_because.is_not(None)
    if view == MINE:
        mine = Assignment.person_id == person.id
        return needs.exists() | _has(mine & (stuck | (Assignment.state == PROPOSED)))
    return needs.exists() | _has(stuck | (Assignment.state == ASKED))
