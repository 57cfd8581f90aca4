"""Programs are told of what happened, in the same transaction, where whoever holds what they hold may see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.gateway import POST
from bot.router import Router
from bot.turn import Turn
from handlers.hooks import messages
from models.decisions.tables import Decision
from models.facts import Fact
from models.hooks import life, telling
from models.hooks.tables import Hook
from models.people import Person
from models.tasks.tables import Task

router = Router()


def tell(turn: Turn, hook: Hook, verb: str, data: dict[str, Any], link: str | None = None) -> None:
    """Let ``hook`` be told."""
    payload = {"data": messages.message(verb, data), "link": link}
    turn.operate(POST, life.PLATFORM, life.PLATFORM, str(hook.id), payload)


def _task(turn: Turn, fact: Fact) -> None:
    """Private ones are nobody else's: they have no audience."""
    task = turn.session.get(Task, fact.entity_id)
    if task is None or task.private:
        return
    by, whom = (_person(turn, number) for number in (fact.actor_id, fact.data.get("person_id")))
    for hook in telling.told_of(turn.session, fact.verb, task.audience):
        tell(turn, hook, fact.verb, messages.task(turn.session, hook, task, by, whom), f"/tasks/{task.id}")


def _person(turn: Turn, number: int | None) -> Person | None:
    return turn.session.get(Person, number) if number else None


def _decision(turn: Turn, fact: Fact) -> None:
    decision = turn.session.get(Decision, fact.entity_id)
    if decision is None:
        return
    for hook in telling.told_of(turn.session, fact.verb, decision.audience):
        tell(turn, hook, fact.verb, messages.decision(turn.session, hook, decision), f"/decisions/{decision.id}")


def _listen(listener: Callable[[Turn, Fact], None], *verbs: str) -> None:
    for verb in verbs:
        router.fact(verb)(listener)


_listen(_task, *messages.TASKS)
_listen(_decision, *messages.DECISIONS)
