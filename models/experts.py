"""Offers of questions to people who may know, and when those people are away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Identified, Refusal, now, personal
from models.hours import Span
from models.people import Person
from models.places import Place
from models.questions import QUESTIONS, Question, in_thread
from models.rows import Rows, run

OFFERED, ACCEPTED, WAITING = "offered", "accepted", "waiting"
ANSWERED, DECLINED, PASSED, EXPIRED = "answered", "declined", "passed", "expired"
HANDED_BACK, OVERDUE, TAKEN, WITHDRAWN = "handed back", "overdue", "taken", "withdrawn"
UNREACHED = "unreached"
HELD = (ACCEPTED, WAITING)
LIVE = (OFFERED, *HELD)
TRIED = (ANSWERED, DECLINED, PASSED, EXPIRED, HANDED_BACK, OVERDUE, UNREACHED)
REASONS = ("topic", "time", "moved", "other_person", "other")

OFFER_HOURS = 4.0  # half a working day: who is in a meeting sees it in time; nobody waits a day for a "no"
ANSWER_DAYS = 2.0  # working days: time to find out, and an answer within the week
WEEK = timedelta(days=7)
"""Over so long a limit a week counts."""
REMIND_HOURS = 4.0  # before the deadline: half a working day is enough to write it


class Offer(Identified, Base):
    """A question, offered to a person.

    offered · accepted · waiting (they asked back) are live. Who answered, declined, passed it on, let it expire, handed
    it back, is overdue (accepted and did not answer) or could not be reached is not asked again; whose offer was taken
    (by another of the group) or withdrawn (it was settled otherwise) may be.
    """

    __tablename__ = "offer"
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    state: Mapped[str] = mapped_column(default=OFFERED)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """Why they were chosen: ``{"why": ...}`` with what fills the sentence."""
    last_resort: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    """Who passed it on to them."""
    made_at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime]
    """Until when to accept it, or, once accepted, to answer."""
    left: Mapped[float | None]
    """The working hours that were left when they asked back."""
    reason: Mapped[str | None]
    """Why they declined: one of ``REASONS``."""
    words: Mapped[str | None] = mapped_column(info=personal("erase"))
    """What they said when declining or passing on, or what they asked back."""
    ended_at: Mapped[datetime | None]

    question: Mapped[Question] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])

    __table_args__ = (
        Index("offer_referred", "question_id", postgresql_where=text("by_id is not null")),
        Index("offer_held_once", "question_id", unique=True, postgresql_where=text("state in ('accepted', 'waiting')")),
        Index(
            "offer_live_once", "question_id", "person_id", unique=True,
            postgresql_where=text("state in ('offered', 'accepted', 'waiting')"),
        ),
    )  # fmt: skip

    @property
    def about(self) -> str:
        """What its card is about, for ``turn.edit``."""
        return f"offer:{self.id}"

    @property
    def live(self) -> bool:
        """Whether it can still be answered to."""
        return self.state in LIVE

    @property
    def held(self) -> bool:
        """Whether they accepted it."""
        return self.state in HELD

    def accept(self, until: datetime) -> None:
        """They will answer, until then."""
        self._must(OFFERED)
        self.state, self.until = ACCEPTED, until

    def ask_back(self, left: float | None, words: str) -> None:
        """They need to know more first; ``left`` working hours remain when they do (none: the whole time)."""
        self._must(OFFERED, ACCEPTED)
        self.state, self.left, self.words = WAITING, left, words

    def go_on(self, until: datetime) -> None:
        """The asker has replied."""
        self._must(WAITING)
        self.state, self.left, self.until = ACCEPTED, None, until

    def end(self, state: str, reason: str | None = None, words: str | None = None) -> None:
        """It is no longer theirs."""
        self._must(*LIVE)
        self.state, self.ended_at = state, now()
        self.reason, self.words = reason or self.reason, words or self.words

    def _must(self, *states: str) -> None:
        if self.state not in states:
            raise Refusal("offer_over")


class Absence(Identified, Base):
    """A person is away, from then until then."""

    __tablename__ = "absence"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal("row"))
    starts_at: Mapped[datetime] = mapped_column(info=personal("row"))
    ends_at: Mapped[datetime] = mapped_column(info=personal("row"))

    __table_args__ = (CheckConstraint("starts_at < ends_at", name="absence_lasts"),)


OFFERS = Rows(Offer)
_OFFERS = f"""
select {OFFERS.columns("o")} from offer o
where question_id = %(question)s{{}} order by id
"""  # noqa: S608 the names are our own, never input
_TO_PERSON = f"""
select {OFFERS.columns("o")} from offer o where (question_id, person_id) = (%(question)s, %(person)s)
order by id desc limit 1
"""  # noqa: S608
_CARD = """
select about from posted_card
where (platform, installation, conversation) = (%(platform)s, %(installation)s, %(conversation)s)
  and reference = %(reference)s
"""
_ASKED_BACK = f"""
select {QUESTIONS.columns("q")} from question q
where (place_id, asker_id, state) = (%(place)s, %(asker)s, '{WAITING}') and changed_at >= %(since)s
order by changed_at desc limit 1
"""  # noqa: S608
_ABSENCES = """
select person_id, starts_at, ends_at from absence where person_id = any(%(people)s) and ends_at > %(since)s
order by starts_at
"""


def offers(session: Session, question: Question, states: Sequence[str] = ()) -> list[Offer]:
    """The offers of ``question``, oldest first; of these states only, where some are given."""
    of_these = f" and state in ({', '.join(f'{state!r}' for state in states)})" if states else ""  # our own words
    return OFFERS.all(session, _OFFERS.format(of_these), {"question": question.id})


def holder(session: Session, question: Question) -> Offer | None:
    """The accepted offer of ``question``, or ``None``."""
    return next(iter(offers(session, question, HELD)), None)


def offer_of(session: Session, question: Question, person: Person) -> Offer | None:
    """The newest offer of ``question`` to ``person``, or ``None``."""
    return OFFERS.first(session, _TO_PERSON, {"question": question.id, "person": person.id})


def live_of(session: Session, person: Person, states: Sequence[str] = LIVE) -> list[Offer]:
    """What is with ``person``, what ends first first."""
    return list(
        session.scalars(
            select(Offer).where(Offer.person_id == person.id, Offer.state.in_(states)).order_by(Offer.until, Offer.id)
        )
    )


def answered_by(session: Session, person: Person, place: Place, thread: str | None) -> Question | None:
    """The question that ``person`` answers by writing in this thread: the question's own thread, once they accepted it,
    or the thread below the card that offered it to them."""
    if thread is None:
        return None
    question = in_thread(session, place, thread)
    if question is not None:
        offer = holder(session, question)
        return question if offer is not None and offer.person_id == person.id else None
    number = offer_at(session, place, thread)
    offer = session.get(Offer, number) if number else None
    if offer is None or offer.person_id != person.id:
        return None
    if not offer.live and offer.state != ANSWERED:
        raise Refusal("offer_over")
    return locked(session, offer.question_id)


def offer_at(session: Session, place: Place, reference: str, about: str = "") -> int | None:
    """The number of the offer whose card is this message of ``place``; ``:back`` is the question back to the asker."""
    where = {"platform": place.platform, "installation": place.installation, "conversation": place.key}
    found = run(session, _CARD, {**where, "reference": reference}).fetchone()
    match = re.fullmatch(rf"offer:(\d+){about}", found[0] if found else "")
    return int(match[1]) if match else None


def replied_to(session: Session, person: Person, place: Place, thread: str | None, since: datetime) -> Question | None:
    """The question that ``person`` asked and adds to by writing here: in its thread, below what was asked back, or, in
    their own chat, soon after they were asked back."""
    if thread is None:
        values = {"place": place.id, "asker": person.id, "since": since}
        found = QUESTIONS.first(session, _ASKED_BACK, values)
    else:
        number = offer_at(session, place, thread, ":back")
        offer = session.get(Offer, number) if number else None
        found = offer.question if offer is not None else in_thread(session, place, thread)
    return found if found is not None and found.asker_id == person.id else None


def asked_this_week(session: Session, people: Iterable[int]) -> dict[int, int]:
    """How many offers reached each of these people in the last seven days; who had none is not in it."""
    lately = (Offer.made_at > now() - WEEK) & (Offer.state != UNREACHED)
    query = select(Offer.person_id, func.count()).where(lately, Offer.person_id.in_(list(people)))
    return {person_id: count for person_id, count in session.execute(query.group_by(Offer.person_id))}  # noqa: C416


def loads(session: Session, people: Iterable[int]) -> dict[int, int]:
    """How many live offers each of these people has; who has none is not in it."""
    query = select(Offer.person_id, func.count()).where(Offer.state.in_(LIVE), Offer.person_id.in_(list(people)))
    return {person_id: count for person_id, count in session.execute(query.group_by(Offer.person_id))}  # noqa: C416


def absences(session: Session, people: Iterable[int], since: datetime) -> dict[int, list[Span]]:
    """When these people are away, since then."""
    found: dict[int, list[Span]] = {}
    for person_id, starts, ends in run(session, _ABSENCES, {"people": list(people), "since": since}).fetchall():
        found.setdefault(person_id, []).append((starts, ends))
    return found


def absences_of(session: Session, person: Person) -> list[Span]:
    """When ``person`` is away, now or later."""
    return absences(session, [person.id], now() - timedelta(days=60)).get(person.id, [])


def set_away(session: Session, person: Person, starts: datetime, ends: datetime) -> Absence:
    """``person`` is away from then until then, instead of what they said before."""
    come_back(session, person)
    absence = Absence(person_id=person.id, starts_at=starts, ends_at=ends)
    session.add(absence)
    return absence


def come_back(session: Session, person: Person) -> bool:
    """``person`` is not away, now or later; whether they were to be."""
    found = list(session.scalars(select(Absence).where(Absence.person_id == person.id, Absence.ends_at > now())))
    for absence in found:
        session.delete(absence)
    session.flush()
    return bool(found)


def away_until(session: Session, person: Person, moment: datetime) -> datetime | None:
    """When ``person``, who is away at ``moment``, comes back; ``None`` where they are not away."""
    ends = [end for start, end in absences_of(session, person) if start <= moment < end]
    return max(ends, default=None)


def locked(session: Session, question_id: int) -> Question | None:
    """The question, locked until the end of the transaction. It is locked before any of its offers: so two experts who
    press at once wait for one another instead of each holding what the other needs."""
    return QUESTIONS.locked(session, question_id)
