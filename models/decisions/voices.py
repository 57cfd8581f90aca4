"""Having a say in a decision. Whoever calls these has locked the decision: voices come one after another.

Of an anonymous one is kept who took part, and how many chose what: nothing leads from one to the other. Therefore what
was said there cannot be changed, and has no reasons: words would tell whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Refusal, now
from models.decisions import life
from models.decisions.tables import NAMED, Decision, DecisionOption, Voice
from models.people import MASK, Person
from models.places import Membership


@dataclass(frozen=True)
class Said:
    """What somebody said openly."""

    person: Person
    choice: int
    reason: str


def voice_of(session: Session, decision: Decision, person: Person) -> Voice | None:
    """Their voice, if they have one."""
    mine = (Voice.decision_id == decision.id) & (Voice.person_id == person.id)
    return session.scalars(select(Voice).where(mine)).one_or_none()


def check(session: Session, decision: Decision, person: Person) -> Voice | None:
    """Whether ``person`` may say something now: ``Refusal`` where it is over, others were asked, or they did so
    anonymously; their voice, if they have one."""
    life.still_open(decision)
    if decision.closes_at <= now():
        raise Refusal("time_is_over")
    voice = voice_of(session, decision, person)
    if person.kind == MASK or (voice is None and decision.mode == NAMED):  # who wears one has a say of their own
        raise Refusal("others_decide")
    if voice is not None and voice.voted and decision.anonymous:
        raise Refusal("said_already")
    return voice


def say(session: Session, decision: Decision, person: Person, position: int, reason: str = "") -> bool:
    """``person`` is for this option; whether they had chosen before."""
    voice = check(session, decision, person)
    option = session.get(DecisionOption, (decision.id, position))
    if option is None:
        raise Refusal("unknown_choice", field="choice")
    again = voice is not None and voice.voted
    voice = voice or Voice(decision_id=decision.id, person_id=person.id)
    voice.voted = True
    if decision.anonymous:
        option.votes += 1
    else:
        voice.choice, voice.reason, voice.at = position, reason or None, now()
    session.add(voice)
    session.flush()
    return again


def said(session: Session, decision: Decision) -> list[Said]:
    """What people said, oldest first; nothing of an anonymous one."""
    if decision.anonymous:
        return []
    spoken = (Voice.decision_id == decision.id) & Voice.voted & Voice.choice.is_not(None)
    found = select(Voice, Person).join(Person, Person.id == Voice.person_id).where(spoken)
    rows = session.execute(found.order_by(Voice.at, Voice.id)).all()
    return [Said(person, voice.choice or 0, voice.reason or "") for voice, person in rows]


def named(session: Session, decision: Decision) -> list[Person]:
    """Those who were asked by name."""
    of = select(Person).join(Voice, Voice.person_id == Person.id).where(Voice.decision_id == decision.id)
    return list(session.scalars(of.order_by(Person.id))) if decision.mode == NAMED else []


def silent(session: Session, decision: Decision, limit: int = 50) -> list[Person]:
    """Those of whom a word is awaited: by name who was named, else who is in the place; nobody where its members are
    not known."""
    spoke = select(Voice.person_id).where(Voice.decision_id == decision.id, Voice.voted)
    if decision.mode == NAMED:
        asked = select(Voice.person_id).where(Voice.decision_id == decision.id)
    elif decision.place.members_known:
        asked = select(Membership.person_id).where(Membership.place_id == decision.place_id)
    else:
        return []
    people = Person.id.in_(asked) & Person.id.not_in(spoke) & Person.active & (Person.kind != MASK)
    return list(session.scalars(select(Person).where(people).order_by(Person.id).limit(limit)))
