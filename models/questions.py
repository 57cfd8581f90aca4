"""Questions, and the one next step of each that is not over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Connection, ForeignKey, Index, event, inspect, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models import steps
from models.base import Base, Identified, Refusal, now, personal
from models.knowledge import Topic
from models.people import Person
from models.places import Place
from models.rows import Rows

OPEN, OFFERED, ACCEPTED, WAITING, ANSWERED = "open", "offered", "accepted", "waiting", "answered"
SOLVED, JOINED, CLOSED = "solved", "joined", "closed"
MERGED = "merged"
OVER = (SOLVED, JOINED, MERGED, CLOSED)
WITH_PEOPLE = (OFFERED, ACCEPTED, WAITING)
UNANSWERED = (OPEN, *WITH_PEOPLE)


class Question(Identified, Base):
    """Something a person wants to know, and the thread in which it is answered.

    open: Agora said what it had, or that it had nothing · offered: people were asked whether they would answer ·
    accepted: one of them will · waiting: that one asked back, and the asker has yet to reply · answered: a person
    answered · solved: the asker said so · joined: the asker follows an earlier question instead · merged: it was closed
    as a duplicate of another one · closed: withdrawn, or nobody came back to it.

    A question that is not over has exactly one next step with a date; its timer is written with the row.
    """

    __tablename__ = "question"
    asker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    text: Mapped[str] = mapped_column(info=personal("erase"))
    more: Mapped[list[str]] = mapped_column(default=list, info=personal("erase"))
    """What the asker added in the thread, in order."""
    language: Mapped[str]
    state: Mapped[str] = mapped_column(default=OPEN)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    thread: Mapped[str | None]
    """The platform's key of the thread; none where the place itself is the thread."""
    audience: Mapped[list[str]]
    """The keys of which one lets a person read this thread."""
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id", ondelete="SET NULL"))
    asked_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    """Who has it: to whom it is offered, or who accepted it; none where nobody has it, or a group."""
    next_step: Mapped[str | None] = mapped_column(default=steps.ASK_ASKER)
    next_at: Mapped[datetime | None] = mapped_column(default=lambda: now() + steps.ASKER_HAS)
    step_number: Mapped[int] = mapped_column(default=1)
    """How many next steps it has had: tells its timer from stale ones."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often the last resort was asked, or nobody could be, since somebody last accepted."""
    closed_because: Mapped[str | None]
    """``withdrawn``, ``silence`` (of the asker), ``answered`` (and never confirmed) or ``left`` (the asker did)."""
    solved_by_id: Mapped[int | None] = mapped_column(BigInteger)
    """The entry that solved it, if one did."""
    like_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"))
    """The earlier question that it resembles, if one was offered."""
    repeats_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"))
    """The first of those that asked the same before it, in threads that everybody where it was asked may read."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"), index=True)
    """The question of which this one is a duplicate."""
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="SET NULL"))
    """The announcement that it is about, if it is about one."""
    message: Mapped[str | None]
    """The platform's id of the message in which it was asked, to follow its edits."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    asker: Mapped[Person] = relationship(foreign_keys=[asker_id])
    asked_of: Mapped[Person | None] = relationship(foreign_keys=[asked_of_id])
    place: Mapped[Place] = relationship()
    topic: Mapped[Topic | None] = relationship()

    __table_args__ = (
        Index("question_thread", "place_id", "thread"),
        Index("question_message", "place_id", "message"),
        Index("question_repeats", "repeats_id", postgresql_where=sql("repeats_id is not null")),
        Index("question_announcement", "announcement_id", postgresql_where=sql("announcement_id is not null")),
        Index("question_settled", "asker_id", "changed_at", postgresql_where=sql("state in ('solved', 'merged')")),
        Index("question_solved_by", "solved_by_id", postgresql_where=sql("solved_by_id is not null")),
        CheckConstraint(
            "case when state in ('solved', 'joined', 'merged', 'closed') then next_step is null and next_at is null"
            " else next_step is not null and next_at is not null end",
            name="question_next_step",
        ),
    )

    @property
    def whole(self) -> str:
        """The question with what was added to it."""
        return "\n".join((self.text, *self.more))

    @property
    def about(self) -> str:
        """What its card is about, for ``turn.edit``."""
        return f"question:{self.id}"

    def solve(self, entry_id: int | None) -> None:
        """The asker has what they wanted, from ``entry_id`` if an entry gave it."""
        self._still_open()
        self._to(SOLVED)
        self.solved_by_id = entry_id

    def reopen(self) -> None:
        """It is not settled after all."""
        if self.state not in (SOLVED, CLOSED):
            raise Refusal("not_solved")
        self._to(OPEN)
        self.solved_by_id = self.closed_because = None

    def close(self, because: str) -> None:
        """Nobody waits for it any more, ``because``."""
        self._still_open()
        self._to(CLOSED)
        self.closed_because = because

    def join(self) -> int:
        """The asker follows the earlier question instead; its id."""
        self._still_open()
        if self.like_id is None:
            raise Refusal("not_found")
        self._to(JOINED)
        return self.like_id

    def merge(self, into: Question) -> None:
        """It is a duplicate of ``into``, which must stand for itself."""
        if self.state == MERGED:
            raise Refusal("already_merged")
        if into.id == self.id:
            raise Refusal("merge_itself", field="number")
        if into.state == MERGED:
            raise Refusal("merge_chain", field="number", number=into.merged_into_id)
        self.merged_into_id = into.id
        self._to(MERGED)

    def unmerge(self) -> None:
        """It is a question of its own after all."""
        if self.state != MERGED:
            raise Refusal("not_merged")
        self.merged_into_id = None
        self._to(OPEN)

    def offer(self, person: Person | None, until: datetime, step: str = steps.OFFER_ENDS) -> None:
        """It is offered until then: to ``person``, or to a group where there is none."""
        self._still_open()
        self._to(OFFERED, person, step, until)

    def accept(self, person: Person, step: str, at: datetime) -> None:
        """``person`` will answer."""
        self._still_open()
        self.tries = 0
        self._to(ACCEPTED, person, step, at)

    def ask_back(self, person: Person) -> None:
        """``person`` cannot answer before the asker has said more."""
        self._still_open()
        self.tries = 0
        self._to(WAITING, person, steps.REMIND_ASKER, now() + steps.ASKER_HAS)

    def wait_for_author(self, author: Person, step: str, at: datetime) -> None:
        """``author``, who announced what it is about, has it among what others asked."""
        self._still_open()
        self._to(OPEN, author, step, at)

    @property
    def with_author(self) -> bool:
        """Whether the author of the announcement that it is about has it."""
        return self.state == OPEN and self.next_step in steps.WITH_AUTHOR

    def find_nobody(self) -> None:
        """Nobody can be asked now; it is tried again, after longer and longer waits."""
        self._still_open()
        self.tries += 1
        self._to(OPEN, None, steps.SEEK, now() + steps.growing(self.tries))

    def answered(self) -> None:
        """A person has answered; the asker has yet to say whether that solved it."""
        if self.state not in OVER:
            self._to(ANSWERED, None, steps.ASK_ACCEPT, now() + steps.ASKER_HAS)

    def stays_open(self) -> None:
        """Its asker still wants to know."""
        self._still_open()
        self._to(OPEN)

    def plan(self, step: str, at: datetime) -> None:
        """The one next step of a question that is not over: ``step`` of ``models.steps``, due ``at``."""
        self._still_open()
        self._next(step, at)

    def _still_open(self) -> None:
        if self.state in OVER:
            raise Refusal("already_solved")

    def _to(
        self, state: str, person: Person | None = None, step: str = steps.ASK_ASKER, at: datetime | None = None
    ) -> None:
        """Go to ``state``. What has no step of its own asks the asker after a while; what is over has none."""
        self.state, self.asked_of, self.asked_of_id = state, person, person.id if person else None
        self.changed_at = now()
        if state in OVER:
            self._next(None, None)
        else:
            self._next(step, at or now() + steps.ASKER_HAS)

    def _next(self, step: str | None, at: datetime | None) -> None:
        self.next_step, self.next_at = step, at
        self.step_number = (self.step_number or 0) + 1


@event.listens_for(Question, "after_insert")
def _time_begins(_: object, connection: Connection, question: Question) -> None:
    """The timer is written with the next step: no caller can forget it."""
    steps.set_timer(connection, question.id, question.step_number, question.next_step, question.next_at)


@event.listens_for(Question, "after_update")
def _time_follows(_: object, connection: Connection, question: Question) -> None:
    """Another next step, another timer."""
    if inspect(question).attrs.step_number.history.has_changes():
        steps.set_timer(connection, question.id, question.step_number, question.next_step, question.next_at)


@event.listens_for(Question, "after_delete")
def _time_ends(_: object, connection: Connection, question: Question) -> None:
    steps.set_timer(connection, question.id, 0, None, None)


QUESTIONS = Rows(Question)
_IN_THREAD = f"""
select {QUESTIONS.columns("q")} from question q where place_id = %(place)s and thread = %(thread)s
order by id desc limit 1
"""  # noqa: S608 the names are our own, never input
_ASK = f", timed as ({steps.timed('added')}) select id from added"  # noqa: S608
_GO_ON = f", gone as ({steps.FORGOTTEN}), timed as ({steps.timed('changed')}) select 1 from changed"  # noqa: S608


def ask(session: Session, question: Question) -> None:
    """Keep a new question, and its timer."""
    QUESTIONS.insert(session, question, _ASK)


def go_on(session: Session, question: Question) -> None:
    """Write what became of a question whose next step is another one, and its timer."""
    QUESTIONS.update(session, question, _GO_ON)


def in_thread(session: Session, place: Place, thread: str | None) -> Question | None:
    """The newest question of this thread, or ``None``."""
    if thread is None:
        return None
    return QUESTIONS.first(session, _IN_THREAD, {"place": place.id, "thread": thread})


def open_of(session: Session, person: Person, limit: int = 10) -> list[Question]:
    """What ``person`` asked and has not got yet, newest first."""
    return list(
        session.scalars(
            select(Question)
            .where(Question.asker_id == person.id, Question.state.not_in(OVER))
            .order_by(Question.id.desc())
            .limit(limit)
        )
    )


def latest_in(session: Session, place: Place, asker: Person, since: datetime) -> Question | None:
    """The newest question that ``asker`` asked in ``place`` since then and that is not over."""
    return session.scalars(
        select(Question)
        .where(
            Question.place_id == place.id,
            Question.asker_id == asker.id,
            Question.created_at >= since,
            Question.state.not_in(OVER),
        )
        .order_by(Question.id.desc())
        .limit(1)
    ).first()
