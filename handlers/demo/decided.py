"""What people of the demo company decide together: one decision that was made a while ago, and one that is open."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from handlers.demo import model
from models.base import now
from models.decisions import life, voices
from models.decisions.tables import ALL, ONE, Decision
from models.mail import Timer
from models.people import Person
from models.places import Place

BEGIN = "decisions.begin"


def decide(session: Session, one: model.Decided, people: dict[str, Person], places: dict[str, Place]) -> None:
    """Begin one decision of the files, and end it where it was decided; it is posted as soon as Agora runs."""
    asker = people[one.asker]
    day = now().astimezone(asker.zone).date() + timedelta(days=one.days)
    deciders = (people[one.decider],) if one.decider else ()
    closes_at, mode = datetime.combine(day, one.at, asker.zone), ONE if one.decider else ALL
    wanted = life.Wanted(one.title, one.options, one.language, closes_at, mode=mode, people=deciders)
    decision = life.begin(session, asker, wanted, places[one.channel])
    for voice in one.voices:
        voices.say(session, decision, people[voice.by], voice.option, voice.why)
    if one.chosen:
        _was_decided(session, decision, one)
    session.flush()
    at = now()
    session.add(Timer(schedule=f"{decision.about}:begin", slot=at.isoformat(), route=BEGIN, due_at=at,
                      args={"decision_id": decision.id}, correlation="demo"))  # fmt: skip


def _was_decided(session: Session, decision: Decision, one: model.Decided) -> None:
    life.choose(session, decision, one.chosen, one.reasons)
    decision.decided_at = now() - timedelta(days=one.days_ago)
    decision.created_at = decision.decided_at - timedelta(days=3)
