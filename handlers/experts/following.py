"""What happens by itself: the next step of a question is due, a question is settled, a person leaves or goes away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from bot.cards import Card
from bot.router import Router
from bot.turn import Turn
from handlers.experts import actions, announced, asker_cards, cards, offering
from models import steps
from models.base import now
from models.experts import (
    ACCEPTED,
    EXPIRED,
    LIVE,
    OFFERED,
    OVERDUE,
    WITHDRAWN,
    Offer,
    holder,
    locked,
    offers,
)
from models.experts import ANSWERED as ANSWERED_IT
from models.facts import Fact
from models.hours import is_quiet, quiet_until
from models.people import Person
from models.questions import ANSWERED, OVER, Question

router = Router()
MOST_CARDS = 500  # of one kind that are changed at once: the newest


@router.timer(steps.ROUTE)
def next_step(turn: Turn, question_id: int, number: int) -> None:
    """The next step of a question is due. A timer of an earlier step does nothing."""
    question = locked(turn.session, question_id)
    if question is not None and question.next_step is not None and question.step_number == number:
        STEPS[question.next_step](turn, question)


def ask_asker(turn: Turn, question: Question) -> None:
    """Nobody has it, and the asker said nothing for days."""
    _remind(turn, question, asker_cards.still_open(question))


def ask_accept(turn: Turn, question: Question) -> None:
    """It was answered, and the asker said nothing for days."""
    _remind(turn, question, asker_cards.solved_by_that(question))


def remind_asker(turn: Turn, question: Question) -> None:
    """They were asked back."""
    offer = holder(turn.session, question)
    if offer is None:
        offering.seek(turn, question)
        return
    _remind(turn, question, asker_cards.reply_reminder(question, offer.person, offer.words or ""))


def close(turn: Turn, question: Question) -> None:
    """The reminder brought nothing."""
    actions.close(turn, question, "answered" if question.state == ANSWERED else "silence")


def seek(turn: Turn, question: Question) -> None:
    """Nobody could be asked; now perhaps."""
    offering.seek(turn, question, again=True)


def offer_ends(turn: Turn, question: Question) -> None:
    """Nobody accepted in time."""
    for offer in offers(turn.session, question, (OFFERED,)):
        offering.end(turn, offer, EXPIRED)
    offering.seek(turn, question)


def nudge(turn: Turn, question: Question) -> None:
    """The last resort did nothing: whoever is free now is asked instead, else they are reminded, ever less often."""
    live = offers(turn.session, question, (OFFERED,))
    if not live or offering.fresh(turn, question):
        for offer in live:
            offering.end(turn, offer, WITHDRAWN)
        offering.seek(turn, question, again=True)
        return
    quiet = [until for offer in live if (until := quiet_until(offer.person, now())) is not None]
    if len(quiet) == len(live):
        question.plan(steps.NUDGE, min(quiet))
        return
    question.tries += 1
    until = now() + steps.growing(question.tries)
    question.plan(steps.NUDGE, until)
    for offer in live:
        offer.until = until
        if not is_quiet(offer.person, now()):
            turn.send(offer.person, cards.nudge(offer))
        offering.show_offer(turn, offer)
    offering.show(turn, question)


def remind_expert(turn: Turn, question: Question) -> None:
    """The deadline comes near."""
    offer = holder(turn.session, question)
    if offer is None or offer.state != ACCEPTED:
        offering.seek(turn, question)
        return
    question.plan(steps.HAND_ON, max(offer.until, now() + timedelta(minutes=1)))
    turn.send(offer.person, cards.due_soon(offer))


def hand_on(turn: Turn, question: Question) -> None:
    """The deadline is over."""
    offer = holder(turn.session, question)
    if offer is not None:
        turn.send(offer.person, cards.overdue(offer))
        offering.end(turn, offer, OVERDUE)
    offering.seek(turn, question)


STEPS: dict[str, Callable[[Turn, Question], None]] = {
    steps.ASK_ASKER: ask_asker,
    steps.SEEK: seek,
    steps.OFFER_ENDS: offer_ends,
    steps.NUDGE: nudge,
    steps.REMIND_EXPERT: remind_expert,
    steps.HAND_ON: hand_on,
    steps.REMIND_ASKER: remind_asker,
    steps.ASK_ACCEPT: ask_accept,
    steps.CLOSE: close,
    **announced.STEPS,
}


def _remind(turn: Turn, question: Question, card: Card) -> None:
    """Remind the asker in their own chat, once, and close a week later."""
    question.plan(steps.CLOSE, now() + steps.CLOSES_AFTER)
    if not turn.send(question.asker, card, about=offering.reminder(question)):
        turn.post(question.place, card, about=offering.reminder(question), thread=question.thread)


@router.fact("question.answered")
def answered(turn: Turn, fact: Fact) -> None:
    """Somebody answered: nobody else need."""
    question = _question(turn, fact)
    if question is None:
        return
    person = turn.session.get(Person, fact.actor_id) if fact.actor_id else None
    offering.end_all(turn, question, person)
    if question.state not in OVER:
        turn.edit(question.about, asker_cards.answered(question, person))
    turn.edit(offering.reminder(question), asker_cards.settled(question))


@router.fact("question.changed")
def changed(turn: Turn, fact: Fact) -> None:
    """Its asker put it in other words: whoever has it reads them."""
    question = _question(turn, fact)
    for offer in offers(turn.session, question, LIVE) if question is not None else ():
        offering.show_offer(turn, offer)


@router.fact("question.solved")
@router.fact("question.closed")
@router.fact("question.joined")
@router.fact("question.merged")
def settled(turn: Turn, fact: Fact) -> None:
    """Nothing is left to do."""
    question = _question(turn, fact)
    if question is not None:
        offering.end_all(turn, question)
        turn.edit(offering.reminder(question), asker_cards.settled(question))


@router.fact("person.erased")
def erased(turn: Turn, fact: Fact) -> None:
    """What they asked, and that they passed something on, is said no more on the cards of others."""
    asked = select(Question.id).where(Question.asker_id == fact.entity_id)
    theirs = Offer.question_id.in_(asked) | (Offer.by_id == fact.entity_id)
    for offer in turn.session.scalars(select(Offer).where(theirs).order_by(Offer.id.desc()).limit(MOST_CARDS)):
        if offer.person_id != fact.entity_id and offer.state != ANSWERED_IT:
            offering.show_offer(turn, offer)


def _question(turn: Turn, fact: Fact) -> Question | None:
    return locked(turn.session, fact.entity_id)
