"""Decisions, their options, and who has a voice in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, false, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models import deputies
from models.base import Base, Identified, now, personal
from models.knowledge import Topic
from models.people import Person
from models.places import Place
from models.rows import Rows

OPEN, DECIDED, UNDECIDED, WITHDRAWN = "open", "decided", "undecided", "withdrawn"
STATES = (OPEN, DECIDED, UNDECIDED, WITHDRAWN)
ALL, NAMED, ONE = "all", "named", "one"
MODES = (ALL, NAMED, ONE)


class Decision(Identified, Base):
    """Something that is to be decided in a thread.

    open: people say what they think · decided: one option was chosen, with reasons · undecided: its time is over, and
    there was a tie, or too few took part · withdrawn: nobody needs it any more.

    While it is open it has exactly one next step with a date; its timer is written with the row.
    """

    __tablename__ = "decision"
    asker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    title: Mapped[str] = mapped_column(info=personal("keep"))
    """What is to be decided."""
    details: Mapped[str] = mapped_column(default="", info=personal("keep"))
    """Markdown."""
    language: Mapped[str]
    state: Mapped[str] = mapped_column(default=OPEN)
    mode: Mapped[str] = mapped_column(default=ALL)
    """``all``: everybody in the thread's place · ``named``: these people · ``one``: the decider, who hears the others
    first."""
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    anonymous: Mapped[bool] = mapped_column(default=False, server_default=false())
    quorum: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """So many must take part, or it is not decided."""
    proposals: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether those who have a say may add what can be chosen."""
    closes_at: Mapped[datetime]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    thread: Mapped[str | None]
    message: Mapped[str | None]
    """The platform's id of the message that it was made of."""
    audience: Mapped[list[str]]
    """The keys of which one lets a person see it."""
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id", ondelete="SET NULL"))
    chosen: Mapped[int | None] = mapped_column(SmallInteger)
    """The position of the option that was chosen."""
    reasons: Mapped[str] = mapped_column(default="", info=personal("keep"))
    """Why, in the words of whoever decided or asked; Markdown."""
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id", ondelete="SET NULL"))
    """The entry by which it is found and cited."""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="SET NULL"), index=True)
    """The earlier decision that this one takes the place of."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    next_step: Mapped[str | None]
    next_at: Mapped[datetime | None]
    step_number: Mapped[int] = mapped_column(default=1, server_default="1")
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    asker: Mapped[Person] = relationship(foreign_keys=[asker_id])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decider_id])
    place: Mapped[Place] = relationship()
    topic: Mapped[Topic | None] = relationship()

    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="decision_state"),
        CheckConstraint(f"mode in {MODES}", name="decision_mode"),
        CheckConstraint("(mode = 'one') = (decider_id is not null)", name="decision_decider"),
        CheckConstraint(
            "case when state = 'open' then next_step is not null and next_at is not null"
            " else next_step is null and next_at is null end",
            name="decision_next_step",
        ),
        Index("decision_thread", "place_id", "thread"),
        Index("decision_entry", "entry_id", postgresql_where=sql("entry_id is not null")),
        Index("decision_log", "decided_at", postgresql_where=sql("state = 'decided'")),
    )

    @property
    def about(self) -> str:
        """What its cards are about, for ``turn.edit``."""
        return f"decision:{self.id}"


DECISIONS = Rows(Decision)


class DecisionOption(Base):
    """One of the things that can be decided."""

    __tablename__ = "decision_option"
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    words: Mapped[str] = mapped_column(info=personal("keep"))
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    votes: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many chose it, where it is anonymous: then nobody's voice says what they chose."""


class Voice(Identified, Base):
    """That a person has a say in a decision, and what they said."""

    __tablename__ = "voice"
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    voted: Mapped[bool] = mapped_column(default=False, server_default=false())
    choice: Mapped[int | None] = mapped_column(SmallInteger, info=personal("row"))
    """The position of what they chose; none where it is anonymous."""
    reason: Mapped[str | None] = mapped_column(info=personal("row"))
    """Why, in their words; none where it is anonymous."""
    reminded_at: Mapped[datetime | None]
    at: Mapped[datetime | None]
    """When they said it; none where it is anonymous: moments would tell who chose what."""

    __table_args__ = (UniqueConstraint("decision_id", "person_id", name="voice_once"),)


class DecisionForm(Identified, Base):
    """A form in which somebody begins a decision: where they do, and what they filled in that was not taken."""

    __tablename__ = "decision_form"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    """None where it is still to be said, as in somebody's own chat."""
    thread: Mapped[str | None]
    message: Mapped[str | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"))
    """The decision in whose place the new one is to come."""
    filled: Mapped[dict[str, Any]] = mapped_column(default=dict, info=personal("row"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"))
    """What was begun with it."""
    at: Mapped[datetime] = mapped_column(default=now)


def keeper(session: Session, decision: Decision) -> Person | None:
    """Who looks after it: whoever asked; once they have left whoever decides, else the manager of whoever asked. None
    where nobody of them is there: then administrators do."""
    if decision.asker.active:
        return decision.asker
    if decision.decider is not None and decision.decider.active:
        return decision.decider
    return deputies.decider(session, decision.asker)


def has_voice(session: Session, decision: int, person: int) -> bool:
    """Whether a person was asked for their say."""
    mine = (Voice.decision_id == decision) & (Voice.person_id == person)
    return session.scalar(select(1).where(mine)) is not None
