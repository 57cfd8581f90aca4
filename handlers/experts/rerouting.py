"""A question goes on when whoever had it leaves, goes away, cannot be reached, or turns out to be somebody else."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select

from bot.recording import LOST
from bot.router import Router
from bot.turn import Turn
from handlers.experts import actions, offering
from models import candidates, deputies
from models.base import now
from models.experts import (
    HANDED_BACK,
    HELD,
    LIVE,
    OFFERED,
    UNREACHED,
    WITHDRAWN,
    Offer,
    away_until,
    live_of,
    locked,
    offer_of,
    offers,
)
from models.facts import Fact
from models.followers import followers
from models.mail import PostedCard
from models.people import Person
from models.questions import OVER, Question

router = Router()


@router.fact("person.left")
def left(turn: Turn, fact: Fact) -> None:
    """What was with somebody who left goes to whoever stands in for them, else to where their manager decides, else on
    to others; what they asked is closed, unless others follow it."""
    person = turn.session.get(Person, fact.entity_id)
    if person is None:
        return
    for offer in _live(turn, person):
        _hand_over(turn, offer, WITHDRAWN, True)
    asked = select(Question.id).where(Question.asker_id == person.id, Question.state.not_in(OVER))
    for number in turn.session.scalars(asked.order_by(Question.id)).all():
        question = locked(turn.session, number)
        if question is not None and question.state not in OVER and not followers(turn.session, question):
            actions.close(turn, question, "left")


@router.fact("person.away")
def away(turn: Turn, fact: Fact) -> None:
    """What cannot be answered in time by somebody who goes away goes to whoever stands in for them, else, if it is for
    long, to where their manager decides, else on to others."""
    person = turn.session.get(Person, fact.entity_id)
    if person is None:
        return
    is_long = datetime.fromisoformat(fact.data["until"]) - turn.now >= deputies.LONG
    for offer in _live(turn, person):
        if away_until(turn.session, person, now() if offer.state == OFFERED else offer.until) is not None:
            _hand_over(turn, offer, HANDED_BACK if offer.state in HELD else WITHDRAWN, is_long)


@router.fact("person.joined")
def joined(turn: Turn, fact: Fact) -> None:
    """Two people are one: they have no question twice, and none of their own; nothing stays with who is not there any
    more."""
    kept = turn.session.get(Person, fact.entity_id)
    gone = turn.session.get(Person, int(fact.data["left"]))
    if kept is None or gone is None:
        return
    for offer in _live(turn, gone):
        question = locked(turn.session, offer.question_id)
        other = offer_of(turn.session, question, kept) if question is not None else None
        if other is not None and other.live:
            reroute(turn, offer, WITHDRAWN)
        else:
            offer.person, offer.person_id = kept, kept.id
    turn.session.flush()
    for offer in _live(turn, kept):
        if offer.question.asker_id == kept.id:
            reroute(turn, offer, WITHDRAWN)


@router.result(LOST)
def unreached(turn: Turn, outbox_id: int, values: dict[str, object]) -> None:
    """An offer never arrived: whoever it was for may have blocked Agora. Somebody else is asked at once."""
    about = turn.session.scalar(select(PostedCard.about).where(PostedCard.outbox_id == outbox_id))
    number = re.fullmatch(r"offer:(\d+)", about or "")
    offer = turn.session.get(Offer, int(number[1])) if number else None
    if offer is not None and offer.state == OFFERED:
        reroute(turn, offer, UNREACHED)


def reroute(turn: Turn, offer: Offer, state: str) -> None:
    """End an offer so, if it is still live, and go on with its question."""
    question = locked(turn.session, offer.question_id)
    turn.session.refresh(offer)
    if question is not None and offer.live:
        offering.end(turn, offer, state)
        offering.gone(turn, question)


def _hand_over(turn: Turn, offer: Offer, state: str, is_long: bool) -> None:
    """The same, with whoever stands in for its person first, then, if they are not there for long, with their manager:
    they answer, choose somebody, or let others be asked. Not where others of a group have it still."""
    question = locked(turn.session, offer.question_id)
    turn.session.refresh(offer)
    if question is None or not offer.live:
        return
    offering.end(turn, offer, state)
    if not offers(turn.session, question, LIVE):
        _next(turn, offer, question, is_long)
    offering.gone(turn, question)


def _next(turn: Turn, offer: Offer, question: Question, is_long: bool) -> None:
    to, why = candidates.instead_of(turn.session, offer.person, question), "stands_in"
    if to is None and is_long:
        to, why = candidates.decider_for(turn.session, offer.person, question), "leads"
    if to is not None:
        offering.pass_to(turn, question, to, [{"why": why, "for_id": offer.person_id}])


def _live(turn: Turn, person: Person) -> list[Offer]:
    """What is with them, in the order in which questions are locked everywhere."""
    return sorted(live_of(turn.session, person), key=lambda one: one.question_id)
