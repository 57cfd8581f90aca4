"""What people answered: the answers to a question, how they read before, who found them helpful, and comments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Identified, Refusal, now, personal
from models.mail import PostedCard
from models.people import Person
from models.questions import Question

GIVEN, ACCEPTED = "given", "accepted"


class Answer(Identified, Base):
    """What a person answered. given: it stands · accepted: the asker said that it solved the question."""

    __tablename__ = "answer"
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    text: Mapped[str] = mapped_column(info=personal("keep"))
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    state: Mapped[str] = mapped_column(default=GIVEN, server_default=GIVEN)
    private: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    """Only the asker and the author may read it."""
    shareable: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    """The author agreed that the asker may share it later, though it is private now."""
    copy_of_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"), index=True)
    """The answer that was given to several at once, of which this is one more: they are edited together."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    accepted_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]

    author: Mapped[Person] = relationship()
    question: Mapped[Question] = relationship()

    __table_args__ = (
        Index("answer_accepted_at", "accepted_at", postgresql_where=sql("accepted_at is not null")),
        Index("answer_accepted_once", "question_id", unique=True, postgresql_where=sql("state = 'accepted'")),
    )

    @property
    def about(self) -> str:
        """What its card is about, for ``turn.edit``."""
        return f"answer:{self.id}"

    @property
    def accepted(self) -> bool:
        """Whether the asker said that it solved the question."""
        return self.state == ACCEPTED

    def accept(self) -> None:
        """It solved the question."""
        if self.accepted:
            raise Refusal("already_accepted")
        self.state, self.accepted_at = ACCEPTED, now()

    def unaccept(self) -> None:
        """It did not solve the question after all."""
        if not self.accepted:
            raise Refusal("not_accepted")
        self.state, self.accepted_at = GIVEN, None

    def edit(self, session: Session, words: str) -> None:
        """It reads ``words`` now; what it said before is kept."""
        if words == self.text:
            raise Refusal("nothing_changed", field="text")
        number = len(history(session, self)) + 1
        session.add(AnswerRevision(answer_id=self.id, number=number, text=self.text, until=now()))
        self.text, self.edited_at = words, now()

    def share(self) -> None:
        """Everybody who reads the question may read it from now on."""
        if not self.private:
            raise Refusal("already_shared")
        if not self.shareable:
            raise Refusal("not_shareable")
        self.private = False


class AnswerRevision(Base):
    """How an answer read ``until`` it was edited for the ``number``-th time."""

    __tablename__ = "answer_revision"
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(info=personal("keep"))
    until: Mapped[datetime] = mapped_column(default=now)


class Vote(Base):
    """A person found an answer helpful."""

    __tablename__ = "vote"
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal("row"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class Comment(Identified, Base):
    """What a person remarked on an answer."""

    __tablename__ = "comment"
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    text: Mapped[str] = mapped_column(info=personal("keep"))
    at: Mapped[datetime] = mapped_column(default=now)
    author: Mapped[Person] = relationship()


def answers(session: Session, question: Question) -> list[Answer]:
    """What people answered, oldest first, private answers among them."""
    return list(session.scalars(select(Answer).where(Answer.question_id == question.id).order_by(Answer.id)))


def accepted_of(session: Session, question: Question) -> Answer | None:
    """The answer that solved ``question``, if an answer did."""
    return session.scalars(
        select(Answer).where(Answer.question_id == question.id, Answer.state == ACCEPTED)
    ).one_or_none()


def history(session: Session, answer: Answer) -> list[AnswerRevision]:
    """How ``answer`` read before, oldest first."""
    return list(
        session.scalars(
            select(AnswerRevision).where(AnswerRevision.answer_id == answer.id).order_by(AnswerRevision.number)
        )
    )


def vote(session: Session, answer: Answer, person: Person) -> bool:
    """Let ``person`` find ``answer`` helpful, or take that back; whether they find it helpful now.

    The answer is locked by the turn that fetched it, so that two presses of one person do not meet.
    """
    if answer.author_id == person.id:
        raise Refusal("own_answer")
    given = session.get(Vote, (answer.id, person.id))
    if given is not None:
        session.delete(given)
    else:
        session.add(Vote(answer_id=answer.id, person_id=person.id))
    session.flush()
    return given is None


def finds_helpful(session: Session, answer: Answer, person: Person) -> bool:
    """Whether ``person`` finds ``answer`` helpful."""
    return session.get(Vote, (answer.id, person.id)) is not None


def shown_in(session: Session, platform: str, installation: str, conversation: str, message: str) -> int | None:
    """The number of the answer that this message shows, if it shows one."""
    here = (PostedCard.platform == platform) & (PostedCard.installation == installation)
    about = session.scalar(
        select(PostedCard.about).where(
            here, PostedCard.conversation == conversation, PostedCard.reference == message,
            PostedCard.about.like("answer:%"),
        ).limit(1)
    )  # fmt: skip
    return int(about.split(":")[1]) if about is not None else None


def votes(session: Session, answer: Answer) -> int:
    """How many people found ``answer`` helpful."""
    return session.scalar(select(func.count()).select_from(Vote).where(Vote.answer_id == answer.id)) or 0


def comments(session: Session, answer: Answer, newest: int | None = None) -> Sequence[Comment]:
    """The comments on ``answer``, oldest first; only the ``newest`` so many where a number is given."""
    query = select(Comment).where(Comment.answer_id == answer.id).order_by(Comment.id.desc()).limit(newest)
    return list(session.scalars(query))[::-1]


def count_comments(session: Session, answer: Answer) -> int:
    """How many comments ``answer`` has."""
    return session.scalar(select(func.count()).select_from(Comment).where(Comment.answer_id == answer.id)) or 0
