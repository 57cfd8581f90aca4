"""What a model calls that which several ask, where there is one; else the words of the first who asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot import paid
from bot.ai import labels, model
from bot.cards import User, Words
from bot.jobs import Run
from bot.router import Router
from bot.turn import Turn
from handlers.answers import together_cards as cards
from models import derived
from models.base import Refusal
from models.knowledge import Topic
from models.people import Person
from models.questions import QUESTIONS, Question
from models.repeated import Repeated, repeated_as

router = Router()
JOB = "answers.label"


def label(session: Session, found: Repeated, person: Person) -> Words:
    """What ``person`` reads above them: a name made of just these questions, in their language."""
    asked = model.current()
    if asked is None:
        return cards.default(found)
    digest = _digest(found, person.locale, asked)
    kept = derived.find(session, [digest])
    return User(kept[digest][0]) if digest in kept else cards.default(found)


def ask_for(turn: Turn, question: Question) -> None:
    """Let them be named for whoever looks after their topic."""
    topic = turn.session.get(Topic, question.topic_id) if question.topic_id else None
    if model.current() is not None and topic is not None and topic.owner_id is not None:
        turn.job(JOB, first=question.repeats_id, person=topic.owner_id)


@router.job(JOB)
def name(run: Run) -> dict[str, Any]:
    """Ask the model, once."""
    asked = model.current()
    if asked is None or run.checkpoint.get("asking"):
        return {}
    with run.step(asking=True) as session:
        person, found = _wanted(session, run)
        if found is None or derived.find(session, [_digest(found, person.locale, asked)]):
            return {}
        questions = labels.read([each.whole for each in found.questions])
        call = (
            paid.reserve(session, person, labels.PURPOSE, labels.prompt(questions, person.locale))
            if questions
            else None
        )
    if call is None:
        return {}
    reply, used = paid.ask(asked, call)
    run.stopping = lambda: False  # what is paid for is kept
    with run.step() as session:
        paid.settle(session, call, used)
        QUESTIONS.locked(session, found.id)
        person, now_found = _wanted(session, run)
        heading = labels.checked(reply, questions)
        if now_found is not None and heading:
            digest = _digest(found, person.locale, asked)
            if digest == _digest(now_found, person.locale, asked):
                derived.keep(session, digest, "question", found.id, [heading])
    return {}


def _wanted(session: Session, run: Run) -> tuple[Person, Repeated | None]:
    person = session.get_one(Person, run.args["person"])
    try:
        return person, repeated_as(session, person, run.args["first"], lock=True)
    except Refusal:
        return person, None


def _digest(found: Repeated, language: str, asked: model.Model) -> bytes:
    texts = [f"{each.id} {each.whole}" for each in found.questions]
    return derived.digest_of("question", found.id, labels.PURPOSE, language, asked.name, texts)
