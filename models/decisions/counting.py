"""What came of a decision: how many chose what, and whether that decides it.

Of an anonymous one nobody is told how many chose what before ``LEAST_SHOWN`` people took part, and fewer than
``LEAST_ANONYMOUS`` decide nothing: what two people chose is known to both of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import now
from models.decisions.tables import NAMED, ONE, OPEN, UNDECIDED, Decision, DecisionOption, Voice
from models.people import MASK, Person
from models.places import Membership

LEAST_ANONYMOUS = 3
LEAST_SHOWN = 5

DECIDED, TIE, TOO_FEW = "decided", "tie", "too few"


@dataclass(frozen=True)
class Outcome:
    """What the votes say: the option that has the most, or why none was chosen: ``tie`` or ``too few``."""

    chosen: int | None
    why: str


@dataclass(frozen=True)
class Count:
    """How many took part, of how many (none where nobody can tell), and how many chose each option."""

    people: int
    asked: int | None
    votes: Mapping[int, int]

    @property
    def complete(self) -> bool:
        """Whether everybody has had their say."""
        return self.asked is not None and 0 < self.asked <= self.people


def outcome(votes: Mapping[int, int], people: int, least: int) -> Outcome:
    """What ``votes`` by option say, where at least ``least`` people must take part."""
    most = max(votes.values(), default=0)
    if people < max(least, 1) or not most:
        return Outcome(None, TOO_FEW)
    first = [option for option, number in votes.items() if number == most]
    return Outcome(first[0], DECIDED) if len(first) == 1 else Outcome(None, TIE)


def least(decision: Decision) -> int:
    """So many must take part: where one person decides, as many as keep what the others said anonymous."""
    return max(decision.quorum if decision.mode != ONE else 0, LEAST_ANONYMOUS if decision.anonymous else 1)


def options(session: Session, decision: Decision) -> list[DecisionOption]:
    """What can be chosen, in order."""
    of = select(DecisionOption).where(DecisionOption.decision_id == decision.id)
    return list(session.scalars(of.order_by(DecisionOption.position)))


def count(session: Session, decision: Decision) -> Count:
    """What was said so far."""
    session.flush()
    voted = (Voice.decision_id == decision.id) & Voice.voted
    people = session.scalar(select(func.count()).select_from(Voice).where(voted)) or 0
    votes = {each.position: each.votes for each in options(session, decision)}
    if not decision.anonymous:
        chosen = select(Voice.choice, func.count()).where(voted, Voice.choice.is_not(None)).group_by(Voice.choice)
        votes = dict.fromkeys(votes, 0) | {at: number for at, number in session.execute(chosen) if at is not None}
    return Count(people, asked(session, decision), votes)


def is_over(decision: Decision) -> bool:
    """Whether nobody can have a say any more, decided or not."""
    return decision.state != OPEN or decision.closes_at <= now()


def shows_votes(decision: Decision, counted: Count) -> bool:
    """Whether it may be said how many chose what. As long as an anonymous one goes on, or may, each new figure would
    tell what somebody just chose."""
    if not decision.anonymous:
        return True
    may_yet_go_on = decision.state == OPEN and may_go_on(decision, counted)
    return is_over(decision) and decision.state != UNDECIDED and not may_yet_go_on and counted.people >= LEAST_SHOWN


def may_go_on(decision: Decision, counted: Count) -> bool:
    """Whether people may be given more time. Not where an anonymous one was counted: the difference would tell what
    those chose who came later."""
    return not (decision.anonymous and is_over(decision) and counted.people >= least(decision))


def asked(session: Session, decision: Decision) -> int | None:
    """How many people have a say: those who were named, else whoever is in the place, or spoke up from outside it."""
    mine = Voice.decision_id == decision.id
    if decision.mode == NAMED:
        counts = Person.active | Voice.voted
        return session.scalar(select(func.count()).select_from(Voice).join(Person).where(mine, counts))
    if not decision.place.members_known:
        return None
    here = select(Membership.person_id).where(Membership.place_id == decision.place_id)
    spoke = select(Voice.person_id).where(mine, Voice.voted)
    silent = Person.id.in_(here) & Person.active & (Person.kind != MASK)
    people = silent | Person.id.in_(spoke)  # whoever left had their say
    return session.scalar(select(func.count()).select_from(Person).where(people))
