"""Agora comes to a channel, and whoever is in it says when it is to speak there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select

from bot.cards import Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.places import cards, elsewhere
from models.base import Refusal
from models.facts import Fact
from models.people import EMPLOYEE, LOCALES
from models.places import Place

router = Router()
router.include(elsewhere.router)
router.refusal(choose_one=T("Choose one of the list."))
_WELCOMED = "place.welcomed"
_ANSWERS = ("always", "mentioned", "off")


@router.arrival
def added(turn: Turn) -> bool:
    """Agora was added to a channel: it says once what it does there, in the language of whoever added it."""
    if turn.private:
        return False
    place = turn.place
    if not turn.session.scalar(select(exists().where(_said_here(place)))):
        if turn.inbound.actor is not None:
            place.locale = turn.actor.locale
        turn.reply(cards.welcome(place))
        turn.emit(_WELCOMED, place)
    turn.emit("place.joined", place)
    return True


@router.message
def silent(turn: Turn) -> bool:
    """Somebody speaks to Agora where it is to be silent: they alone are told."""
    if turn.private or not turn.inbound.mentioned or turn.place.answers != "off":
        return False
    turn.whisper(cards.off(turn.place))
    return True


@router.button("places.settings")
def settings(turn: Turn, place_id: int) -> Reply:
    """The form."""
    return turn.open(cards.form(_fetch(turn, place_id)))


@router.form("places.settings")
def change(turn: Turn, place_id: int, values: dict[str, Any]) -> Reply:
    """It was changed."""
    place = _fetch(turn, place_id)
    place.answers, place.locale = _one_of(values, "answers", _ANSWERS), _one_of(values, "locale", LOCALES)
    learned = place.learns
    stood = {name: cards.YES if getattr(place, name) else cards.NO for name in ("learns", "suggests")}
    for name in stood:
        setattr(place, name, _one_of({**stood, **values}, name, (cards.YES, cards.NO)) == cards.YES)
    turn.emit("place.changed", place, answers=place.answers, learns=place.learns, suggests=place.suggests)
    if place.learns != learned:
        turn.post(place, cards.learns(place))
    return Reply(notice=T("The channel {name} is saved.", name=place.name))


def _said_here(place: Place) -> Any:
    return (Fact.entity == Place.__tablename__) & (Fact.entity_id == place.id) & (Fact.verb == _WELCOMED)


def _fetch(turn: Turn, place_id: int) -> Place:
    """The channel, where the actor is in it and works here."""
    place = turn.fetch(Place, place_id, to="post")
    if turn.actor.kind != EMPLOYEE:
        raise Refusal("not_allowed")
    return place


def _one_of(values: dict[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = str(values.get(name, ""))
    if value not in known:
        raise Refusal("choose_one", field=name)
    return value
