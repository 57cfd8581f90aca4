"""What becomes of a decision: begun, decided or not, extended, withdrawn, replaced. Whoever changes one has locked
it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import access
from models.base import Refusal, now
from models.decisions import steps
from models.decisions.counting import count, may_go_on
from models.decisions.tables import (
    ALL,
    DECIDED,
    NAMED,
    ONE,
    OPEN,
    UNDECIDED,
    WITHDRAWN,
    Decision,
    DecisionOption,
    Voice,
)
from models.people import Person
from models.places import Place

MOST_OPTIONS = 10


@dataclass(frozen=True)
class Wanted:
    """What is to be decided, by whom and until when. ``people``: those who decide where they are ``named``; the one
    who does where ``mode`` is ``one``."""

    title: str
    options: tuple[str, ...]
    language: str
    closes_at: datetime
    details: str = ""
    mode: str = ALL
    people: tuple[Person, ...] = ()
    anonymous: bool = False
    quorum: int = 0
    proposals: bool = False


def begin(
    session: Session,
    asker: Person,
    wanted: Wanted,
    place: Place,
    thread: str | None = None,
    message: str | None = None,
    replaces: Decision | None = None,
    question_id: int | None = None,
) -> Decision:
    """A new decision in this place, for whoever may read there."""
    decision = Decision(
        asker=asker, title=wanted.title, details=wanted.details, language=wanted.language, mode=wanted.mode,
        anonymous=wanted.anonymous, quorum=wanted.quorum, proposals=wanted.proposals, closes_at=wanted.closes_at,
        place=place, thread=thread, message=message, audience=access.thread_audience(place), question_id=question_id,
        topic_id=place.topic_id, replaces_id=replaces.id if replaces else None, next_step=steps.CLOSE,
        next_at=wanted.closes_at, decider=wanted.people[0] if wanted.mode == ONE else None,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    for position, words in enumerate(wanted.options, 1):
        session.add(DecisionOption(decision_id=decision.id, position=position, words=words))
    for person in wanted.people if wanted.mode == NAMED else ():
        session.add(Voice(decision_id=decision.id, person_id=person.id))
    steps.begin(session, decision)
    return decision


def add_option(session: Session, decision: Decision, person: Person, words: str) -> int:
    """Something else that can be chosen; its position. ``Refusal`` where that is not wanted, there already, or too
    much."""
    still_open(decision)
    if not may_add(decision, person):
        raise Refusal("no_proposals", field="another")
    of = DecisionOption.decision_id == decision.id
    known = session.execute(select(DecisionOption.position, DecisionOption.words).where(of)).all()
    same = [position for position, said in known if said.casefold() == words.casefold()]
    if same:
        return int(same[0])
    if len(known) >= MOST_OPTIONS:
        raise Refusal("too_many_choices", field="another", most=MOST_OPTIONS)
    position = (session.scalar(select(func.max(DecisionOption.position)).where(of)) or 0) + 1
    by = None if decision.anonymous else person.id  # whoever adds a choice is likely to choose it
    session.add(DecisionOption(decision_id=decision.id, position=position, words=words, proposed_by_id=by))
    session.flush()
    return position


def may_add(decision: Decision, person: Person) -> bool:
    """Whether ``person`` may add what can be chosen."""
    return decision.proposals or person.id in (decision.asker_id, decision.decider_id)


def choose(session: Session, decision: Decision, position: int, reasons: str = "") -> None:
    """It is decided: for this option."""
    still_open(decision)
    if session.get(DecisionOption, (decision.id, position)) is None:
        raise Refusal("unknown_choice", field="choice")
    decision.chosen, decision.decided_at = position, now()
    decision.reasons = reasons or decision.reasons
    _to(session, decision, DECIDED)


def leave_undecided(session: Session, decision: Decision) -> None:
    """Its time is over, and nothing was chosen."""
    still_open(decision)
    _to(session, decision, UNDECIDED)


def extend(session: Session, decision: Decision, until: datetime) -> None:
    """People have longer, or less long; one that was left undecided goes on."""
    not_settled(decision)
    if not may_go_on(decision, count(session, decision)):
        raise Refusal("counted_already")
    decision.closes_at = until
    _open(decision)
    steps.begin(session, decision)


def hand_to(session: Session, decision: Decision, decider: Person) -> None:
    """One person decides after all, having heard the others: now, where their time is over."""
    not_settled(decision)
    over = decision.state == UNDECIDED or decision.closes_at <= now()
    decision.mode, decision.decider, decision.decider_id = ONE, decider, decider.id
    _open(decision)
    if over:
        steps.wait_for_decider(session, decision, steps.REMIND_DECIDER)
    else:
        steps.begin(session, decision)


def withdraw(session: Session, decision: Decision) -> None:
    """Nobody needs it any more; or what was decided does not hold any more."""
    if decision.state == WITHDRAWN:
        raise Refusal("decision_withdrawn")
    _to(session, decision, WITHDRAWN)


def hand_over(decision: Decision, asker: Person) -> None:
    """Whoever asked has left: ``asker`` looks after it from now on."""
    decision.asker, decision.asker_id = asker, asker.id
    decision.changed_at = now()


def explain(decision: Decision, reasons: str) -> None:
    """Why it was decided so."""
    if decision.state != DECIDED:
        raise Refusal("not_decided")
    decision.reasons, decision.changed_at = reasons, now()
    decision.version = (decision.version or 1) + 1


def still_open(decision: Decision) -> None:
    """``Refusal("decision_decided")``, or why else nothing can be said any more."""
    if decision.state != OPEN:
        raise Refusal(f"decision_{decision.state}")


def not_settled(decision: Decision) -> None:
    """``Refusal("decision_decided")``, or why else it cannot go on; one that was left undecided can."""
    if decision.state not in (OPEN, UNDECIDED):
        raise Refusal(f"decision_{decision.state}")


def _open(decision: Decision) -> None:
    decision.state, decision.changed_at = OPEN, now()
    decision.next_step, decision.next_at = decision.next_step or steps.CLOSE, decision.next_at or decision.closes_at
    decision.version = (decision.version or 1) + 1


def _to(session: Session, decision: Decision, state: str) -> None:
    decision.state, decision.changed_at = state, now()
    decision.version = (decision.version or 1) + 1
    steps.plan(session, decision, None, None)
