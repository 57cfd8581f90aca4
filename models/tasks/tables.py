"""Tasks, who was asked to do them, and what is said and kept of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    false,
    select,
    true,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Identified, now, personal
from models.hooks.tables import Hook
from models.people import Person
from models.places import Place
from models.rows import Rows

OPEN, DONE, DROPPED = "open", "done", "dropped"
STATES = (OPEN, DONE, DROPPED)
EACH, ANYONE = "each", "anyone"
MODES = (EACH, ANYONE)
LOW, NORMAL, HIGH = "low", "normal", "high"
PRIORITIES = (LOW, NORMAL, HIGH)

ASKED, PROPOSED, ACCEPTED, DECLINED = "asked", "proposed", "accepted", "declined"
FINISHED, RELEASED = "finished", "released"
ANSWERS = (ASKED, PROPOSED, ACCEPTED, DECLINED, FINISHED, RELEASED)
LIVE = (ASKED, PROPOSED, ACCEPTED)
"""The states in which a task is still somebody's matter."""
UNSETTLED = (ASKED, PROPOSED)
"""The states in which somebody has yet to answer: the assignee, or the asker."""


class Task(Identified, Base):
    """Something to be done, which one person asked of others, or of themselves.

    open: it is to be done · done: it is · dropped: it is not wanted any more. Who does it, and how far they are, stands
    with each assignment.
    """

    __tablename__ = "task"
    asker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    title: Mapped[str] = mapped_column(info=personal("keep"))
    details: Mapped[str] = mapped_column(default="", info=personal("keep"))
    """Markdown."""
    language: Mapped[str]
    state: Mapped[str] = mapped_column(default=OPEN)
    mode: Mapped[str] = mapped_column(default=EACH, server_default=EACH)
    """``each``: it is done when everybody who was asked has done their part · ``anyone``: whoever accepts first has it,
    and the others are released."""
    priority: Mapped[str] = mapped_column(default=NORMAL, server_default=NORMAL)
    due_at: Mapped[datetime | None]
    zone: Mapped[str] = mapped_column(default="UTC", server_default="UTC")
    """The time zone of whoever asked: by its clock a rule repeats."""
    repeat: Mapped[str | None]
    """The rule by which it is to be done again (RFC 5545, as ``FREQ=WEEKLY;BYDAY=MO``): see ``models.recurring``."""
    first_at: Mapped[datetime | None]
    """When the first of its series was due: the rule counts from there."""
    series_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    """The first task of the series that this one goes on with."""
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), unique=True)
    """The one before it in its series: each is followed once."""
    private: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether only the asker and the assignees may see it."""
    audience: Mapped[list[str]]
    """The keys of which one lets a person see it; none where it is private."""
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    """Where it was agreed on; none where it came from somewhere else."""
    thread: Mapped[str | None]
    """The platform's key of that thread; none where the place itself is the thread."""
    message: Mapped[str | None]
    """The platform's id of the message that it was made of."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"))
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="SET NULL"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="SET NULL"))
    hook_id: Mapped[int | None] = mapped_column(ForeignKey("hook.id", ondelete="SET NULL"))
    """The program that asked for it, and"""
    external: Mapped[str | None]
    """what it is called there: the same one comes in once."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Goes up with every change of what is to be done: who changes an older one is told."""
    done_at: Mapped[datetime | None]
    dropped_because: Mapped[str | None] = mapped_column(info=personal("erase"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    asker: Mapped[Person] = relationship(foreign_keys=[asker_id])
    place: Mapped[Place | None] = relationship()
    hook: Mapped[Hook | None] = relationship()

    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="task_state"),
        CheckConstraint(f"mode in {MODES}", name="task_mode"),
        CheckConstraint(f"priority in {PRIORITIES}", name="task_priority"),
        UniqueConstraint("hook_id", "external", name="task_external"),
        Index("task_thread", "place_id", "thread"),
        Index("task_question", "question_id", postgresql_where=sql("question_id is not null")),
        Index("task_announcement", "announcement_id", postgresql_where=sql("announcement_id is not null")),
        Index("task_decision", "decision_id", postgresql_where=sql("decision_id is not null")),
    )

    @property
    def about(self) -> str:
        """What its card in the thread is about, for ``turn.edit``."""
        return f"task:{self.id}"

    def about_for(self, person_id: int) -> str:
        """What its cards in a person's own chat are about: each shows it as that person stands to it."""
        return f"task:{self.id}:{person_id}"


TASKS = Rows(Task)


class Assignment(Identified, Base):
    """That a person was asked to do a task, and what they said.

    asked: they have yet to answer · proposed: they would do it at another date, or know who should, and the asker
    decides · accepted: they do it · declined: they do not · finished: their part is done · released: it is not theirs
    any more (handed over, taken by another, withdrawn, or they left).

    Whoever has yet to answer has exactly one next step with a date; its timer is written with the row.
    """

    __tablename__ = "assignment"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    state: Mapped[str] = mapped_column(default=ASKED)
    via_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Who handed it over to them, if somebody did."""
    reason: Mapped[str | None] = mapped_column(info=personal("erase"))
    """Why they declined, or propose something else."""
    proposed_at: Mapped[datetime | None]
    """The date that they propose."""
    proposed_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Whom they propose."""
    blocked_because: Mapped[str | None] = mapped_column(info=personal("erase"))
    """Why they cannot go on now; none where they can."""
    snoozed_until: Mapped[datetime | None]
    """Before this they are not reminded."""
    reminders: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How often they were reminded since they were asked."""
    next_step: Mapped[str | None]
    next_at: Mapped[datetime | None]
    step_number: Mapped[int] = mapped_column(default=1, server_default="1")
    """How many next steps it has had: tells its timer from stale ones."""
    asked_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    proposed: Mapped[Person | None] = relationship(foreign_keys=[proposed_id])

    __table_args__ = (
        UniqueConstraint("task_id", "person_id", name="assignment_once"),
        CheckConstraint(f"state in {ANSWERS}", name="assignment_state"),
        CheckConstraint(
            "(next_step is null) = (next_at is null) and case when state in ('asked', 'proposed')"
            " then next_step is not null when state = 'accepted' then true else next_step is null end",
            name="assignment_next_step",
        ),
        Index("assignment_live", "person_id", postgresql_where=sql("state in ('asked', 'proposed', 'accepted')")),
    )


def assigned(session: Session, task: int, person: int) -> bool:
    """Whether it is still a person's matter, or was done by them."""
    mine = (Assignment.task_id == task) & (Assignment.person_id == person) & Assignment.state.in_((*LIVE, FINISHED))
    return session.scalar(select(1).where(mine)) is not None


class ChecklistItem(Identified, Base):
    """A part of a task that can be ticked off."""

    __tablename__ = "checklist_item"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    words: Mapped[str] = mapped_column(info=personal("keep"))
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))

    __table_args__ = (UniqueConstraint("task_id", "position", name="checklist_item_once"),)


class Dependency(Base):
    """That a task cannot be done before another one is. Never in a circle."""

    __tablename__ = "dependency"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    needs_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, index=True)


class TaskComment(Identified, Base):
    """What somebody said about a task."""

    __tablename__ = "task_comment"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    text: Mapped[str] = mapped_column(info=personal("erase"))
    language: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class Suggestion(Identified, Base):
    """That Agora offered once to make a task of a message."""

    __tablename__ = "suggestion"
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    message: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    """Who wrote it, and alone sees the offer."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    """What became of it."""
    dismissed_at: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("place_id", "message", name="suggestion_once"),)


class TaskWish(Base):
    """How somebody wants to hear of tasks; whoever has no row wants what is usual."""

    __tablename__ = "task_wish"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    suggestions: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether Agora may offer to make tasks of what they wrote."""


class CalendarFeed(Identified, Base):
    """A private address at which a calendar program reads somebody's tasks. Only its hash is kept."""

    __tablename__ = "calendar_feed"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
