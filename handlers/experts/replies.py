"""Replies in threads say who knows, in channels that let that count."""

from __future__ import annotations

from bot.router import Router
from bot.turn import Turn
from models import replies
from models.facts import Fact
from models.people import EMPLOYEE
from models.places import Place
from models.questions import in_thread
from models.search.near import words_of

router = Router()
_ENOUGH = 3  # words that say something: "Thanks, done!" is no knowledge


@router.message
def heard(turn: Turn) -> bool:
    """Somebody talks with others in a thread. Nothing else follows, and no word is kept: whoever listens next may take
    it."""
    said = turn.inbound
    if turn.private or not turn.place.learns or said.mentioned or said.message is None or turn.actor.kind != EMPLOYEE:
        return False
    if said.thread is None or said.thread == said.message:
        replies.keep(turn.session, turn.actor, turn.place, said.message, said.message, None, began=True)
        return False
    question = in_thread(turn.session, turn.place, said.thread)
    asks = question is not None and question.asker_id == turn.actor.id
    if not asks and len(words_of(said.text)) >= _ENOUGH:
        replies.keep(turn.session, turn.actor, turn.place, said.thread, said.message, question)
    return False


@router.deleted
def deleted(turn: Turn) -> bool:
    """Whoever deletes what they said takes it back."""
    if turn.place.learns and turn.inbound.message is not None:
        replies.forget_message(turn.session, turn.place, turn.inbound.message)
    return False


@router.fact("place.changed")
def changed(turn: Turn, fact: Fact) -> None:
    """A channel does not let it count any more."""
    place = turn.session.get_one(Place, fact.entity_id)
    if not place.learns:
        replies.forget_place(turn.session, place)
