"""What a model calls that which several ask, where there is one; else the words of the first who asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot import paid
from bot.ai import labels, model, named
from bot.cards import User, Words
from bot.jobs import Run
from bot.router import Router
from bot.turn import Turn
from handlers.answers import together_cards as cards
from models import derived
from models.announcements.questions import cluster
from models.announcements.tables import Announcement
from models.base import Refusal
from models.knowledge import Topic
from models.people import Person
from models.questions import QUESTIONS, Question
from models.repeated import Repeated, repeated_as

router = Router()
JOB = "answers.label"


def label(session: Session, found: Repeated, person: Person) -> Words:
    """What ``person`` reads above them: a name made of just these questions, in their language."""
    name = named.kept(session, found, person.locale)
    return User(name) if name is not None else cards.default(found)


def ask_for(turn: Turn, question: Question) -> None:
    """Let them be named for whoever looks after their topic, or announced what they are about."""
    person = _looks_after(turn.session, question)
    if model.current() is not None and person is not None:
        turn.job(JOB, first=question.repeats_id, person=person)


def _looks_after(session: Session, question: Question) -> int | None:
    if question.announcement_id is not None:
        return session.get_one(Announcement, question.announcement_id).author_id
    topic = session.get(Topic, question.topic_id) if question.topic_id else None
    return topic.owner_id if topic is not None else None


@router.job(JOB)
def name(run: Run) -> dict[str, Any]:
    """Ask the model, once."""
    asked = model.current()
    if asked is None or run.checkpoint.get("asking"):
        return {}
    with run.step(asking=True) as session:
        person, found = _wanted(session, run)
        if found is None or derived.find(session, [named.digest(found, person.locale, asked)]):
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
            digest = named.digest(found, person.locale, asked)
            if digest == named.digest(now_found, person.locale, asked):
                derived.keep(session, digest, "question", found.id, [heading])
    return {}


def _wanted(session: Session, run: Run) -> tuple[Person, Repeated | None]:
    person = session.get_one(Person, run.args["person"])
    first = session.get(Question, run.args["first"])
    try:
        if first is not None and first.announcement_id is not None:
            return person, cluster(session, first.id, lock=True)
        return person, repeated_as(session, person, run.args["first"], lock=True)
    except Refusal:
        return person, None
