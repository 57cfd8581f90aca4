"""Webhooks that Agora turns off by itself: every administrator is told, once."""

from __future__ import annotations

from typing import Any

from bot.cards import Card
from bot.hooks.gateway import TURNED_OFF
from bot.router import Router
from bot.turn import Turn
from handlers.hooks import cards
from models.facts import Fact
from models.hooks import life
from models.hooks.tables import Hook
from models.people import Person, with_role

router = Router()


@router.result(TURNED_OFF)
def gave_up(turn: Turn, hook_id: int, result: dict[str, Any]) -> None:
    """It was turned off, since nobody took anything, or nothing can be signed for it."""
    hook = turn.session.get(Hook, hook_id)
    if hook is not None:
        _tell(turn, hook, cards.gave_up(hook))


@router.fact("person.left")
def left(turn: Turn, fact: Fact) -> None:
    """What asks for tasks in their name does so no more, until an administrator lets it do so in theirs."""
    person = turn.session.get_one(Person, fact.entity_id)
    for hook in life.brought_in_for(turn.session, person):
        life.turn_off(turn.session, hook)
        _tell(turn, hook, cards.maker_left(hook, person))


def _tell(turn: Turn, hook: Hook, card: Card) -> None:
    turn.session.flush()
    turn.edit(hook.about, cards.one(hook))
    turn.emit("hook.gave_up", hook, name=hook.name)
    for admin in with_role(turn.session, "admin"):
        turn.send(admin, card)
