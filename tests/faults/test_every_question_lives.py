"""Whatever people do, in whatever order: a question that is not over has exactly one next step with a date, and is with
somebody who may have it, or about to be."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from sqlalchemy import func, select

from models import base
from models.base import now, reading
from models.experts import HELD, LIVE, OFFERED, UNREACHED, WEEK, Offer
from models.hours import is_quiet
from models.mail import Inbox, Timer
from models.questions import ACCEPTED, OVER, WAITING, WITH_PEOPLE, Question
from models.steps import (
    ASK_ACCEPT,
    ASK_ASKER,
    CLOSE,
    HAND_ON,
    NUDGE,
    OFFER_ENDS,
    REMIND_ASKER,
    REMIND_EXPERT,
    SEEK,
    WITH_AUTHOR,
)
from tests.faults.lives import Company

MAY_FOLLOW = {
    "open": {ASK_ASKER, SEEK, CLOSE, *WITH_AUTHOR},
    "offered": {OFFER_ENDS, NUDGE},
    "accepted": {REMIND_EXPERT, HAND_ON},
    "waiting": {REMIND_ASKER, CLOSE},
    "answered": {ASK_ACCEPT, CLOSE},
}
"""What the next step of a question can be, by its state."""


class Life(Company):
    """What must hold whatever happens."""

    @invariant()
    def nothing_failed(self) -> None:
        with reading() as session:
            failed = session.scalars(select(Inbox.error).where(Inbox.state != "done")).all()
            assert failed == []

    @invariant()
    def every_question_has_one_next_step_and_one_timer(self) -> None:
        with reading() as session:
            for question in session.scalars(select(Question)):
                schedule = Timer.schedule == f"question:{question.id}"
                timers = session.scalars(select(Timer).where(schedule, Timer.fired_at.is_(None))).all()
                if question.state in OVER:
                    assert question.next_step is None and question.next_at is None and timers == []
                    continue
                assert question.next_step is not None and question.next_at is not None
                assert [(t.due_at, t.args["number"]) for t in timers] == [(question.next_at, question.step_number)]
                assert question.next_at > now() and question.next_step in MAY_FOLLOW[question.state]

    @invariant()
    def one_person_or_group_has_it(self) -> None:
        with reading() as session:
            for question in session.scalars(select(Question)):
                offers = session.scalars(select(Offer).where(Offer.question_id == question.id, Offer.state.in_(LIVE)))
                states = [offer.state for offer in offers]
                match question.state:
                    case "offered":
                        assert states and set(states) == {OFFERED}
                    case "accepted":
                        assert states == [ACCEPTED]
                    case "waiting":
                        assert states == [WAITING]
                    case _:
                        assert question.state not in WITH_PEOPLE and states == []

    @invariant()
    def nobody_has_what_they_may_not(self) -> None:
        with reading() as session:
            live = session.scalars(select(Offer).where(Offer.state.in_((OFFERED, *HELD)))).all()
            for offer in live:
                assert offer.person.active and offer.person_id != offer.question.asker_id
            with_whom = [(offer.question_id, offer.person_id) for offer in live]
            assert len(set(with_whom)) == len(with_whom)

    @invariant()
    def nobody_was_interrupted_more_than_they_set(self) -> None:
        """Of what was offered since the last look; limits and quiet hours change by a step of their own."""
        with reading() as session:
            for offer in session.scalars(select(Offer).where(Offer.id > self.looked_at).order_by(Offer.id)):
                self.looked_at = offer.id
                if self.joined is not None or offer.state == UNREACHED:
                    continue  # who became one of two has what both were asked
                person = offer.person
                assert not is_quiet(person, offer.made_at)
                before = (Offer.person_id == person.id) & (Offer.id <= offer.id) & (Offer.state != UNREACHED)
                week = before & (Offer.made_at > offer.made_at - WEEK)
                count = session.scalar(select(func.count()).select_from(Offer).where(week))
                assert person.weekly is None or (count or 0) <= person.weekly


def test_every_question_lives(database: str) -> None:
    base.connect(database, pool=4)
    try:
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=14, stateful_step_count=20, deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
    finally:
        base.set_clock(None)
        base.disconnect()
