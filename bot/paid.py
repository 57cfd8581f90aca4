"""A call of a model by a job: as much as it may take is reserved before, and what it took is settled after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot import metrics
from bot.ai import model
from models import budgets
from models.people import MASK, Person


@dataclass(frozen=True)
class Call:
    """What a model is to be asked, whom it counts for, and on which day."""

    purpose: str
    prompt: model.Prompt
    person_id: int
    day: date


def reserve(session: Session, person: Person, purpose: str, prompt: model.Prompt) -> Call | None:
    """A call for ``person``; ``None`` where too little is left."""
    who = budgets.MASKED if person.kind == MASK else person.id
    day = budgets.reserve(session, model.limits(), who, purpose, prompt.estimate)
    if day is None:
        metrics.model_answer("budget")
        return None
    return Call(purpose, prompt, who, day)


def ask(asked: model.Model, call: Call) -> tuple[str, int]:
    """The reply, empty where there is none, and the tokens that it took. Not inside a transaction."""
    try:
        said = model.ask(asked, call.purpose, call.prompt)
    except model.ModelFailed as failed:
        return "", call.prompt.estimate if failed.charged else 0
    return said.text, said.read + said.written


def settle(session: Session, call: Call, tokens: int) -> None:
    """It took so many ``tokens``."""
    budgets.settle(session, call.day, call.person_id, call.purpose, tokens - call.prompt.estimate)
