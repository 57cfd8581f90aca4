"""What experts and askers do: ``check_*`` refuses, ``do_*`` changes the state, then sends and emits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.mentions import named
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.experts import asker_cards, cards, offering
from models import candidates, steps
from models.base import Refusal, now
from models.experts import (
    ACCEPTED,
    ANSWER_DAYS,
    DECLINED,
    HANDED_BACK,
    OFFERED,
    PASSED,
    REMIND_HOURS,
    WAITING,
    Offer,
    absences_of,
    away_until,
    holder,
    locked,
    offers,
)
from models.hours import add_working, hours_a_day, working_between
from models.knowledge import Topic
from models.people import Person
from models.questions import ANSWERED, OPEN, Question

LONGEST = 12_000  # characters: what one message can hold on every platform
MOST_MORE = 20


def check_text(text: str, limit: int = LONGEST) -> str:
    """What was written in a form's ``text``; refused where nothing is left or it is too long."""
    words = text.replace("\0", "").strip()
    if not words:
        raise Refusal("empty_text", field="text")
    if len(words) > limit:
        raise Refusal("too_long", field="text", most=limit)
    return words


def fetch(turn: Turn, offer_id: int, to: str) -> Offer:
    """A live offer of the actor, its question locked before it; refused with who has it where it is over."""
    offer = turn.session.get(Offer, offer_id)
    if offer is None or locked(turn.session, offer.question_id) is None:
        raise Refusal("not_found")
    offer = turn.fetch(Offer, offer_id, to=to)
    if not offer.live:
        other = holder(turn.session, offer.question)
        if other is not None:
            raise Refusal("offer_taken", name=named(other.person))
        raise Refusal("offer_over")
    return offer


def do_ask(turn: Turn, question: Question, topic: Topic | None) -> None:
    """The asker wants a person."""
    if question.state not in (OPEN, ANSWERED):
        raise Refusal("already_asked" if question.next_step else "already_solved")
    if topic is not None:
        question.topic, question.topic_id = topic, topic.id
    if question.tries:
        question.tries = 0
    turn.emit("question.expert_wanted", question)
    offering.seek(turn, question)


def do_accept(turn: Turn, offer: Offer) -> None:
    """They have it now; the others of the group see who."""
    if offer.held:
        raise Refusal("already_yours")
    hours = ANSWER_DAYS * hours_a_day(offer.person)
    offering.end_others(turn, offer)
    offer.accept(_after(turn, offer.person, hours))
    _take(turn, offer, hours)
    turn.emit("offer.accepted", offer, person_id=offer.person_id, question_id=offer.question_id)


def do_decline(turn: Turn, offer: Offer, reason: str, words: str, other: Person | None) -> None:
    """They do not take it: on to the next, or to whoever they say knows."""
    if reason == "other_person":
        if other is None:
            raise Refusal("choose_person", field="person")
        do_pass(turn, offer, other, words)
        return
    if reason == "other" and not words:
        raise Refusal("say_why", field="words")
    offering.end(turn, offer, DECLINED, reason=reason, words=words or None)
    offering.gone(turn, offer.question)


def do_pass(turn: Turn, offer: Offer, other: Person, words: str) -> None:
    """They say who knows."""
    question = offer.question
    reasons: list[dict[str, Any]] = [{"why": "passed"}]
    deputy = deputy_of_absent(turn, question, other)
    if deputy is not None:
        reasons.append({"why": "stands_in", "for_id": other.id})
    other = deputy or other
    check_receiver(turn, question, other)
    offering.end(turn, offer, PASSED, other)
    offering.pass_to(turn, question, other, reasons, by=turn.actor, by_id=turn.actor.id, words=words or None)
    offering.gone(turn, question)


def deputy_of_absent(turn: Turn, question: Question, other: Person) -> Person | None:
    """Who has what is meant for ``other``, who is away; nobody where they are there, or nobody stands in."""
    if away_until(turn.session, other, now()) is None:
        return None
    found = candidates.instead_of(turn.session, other, question)
    return found if found is not None and found.id != turn.actor.id else None


def check_receiver(turn: Turn, question: Question, other: Person) -> None:
    """Whether a question may be passed on to ``other`` now."""
    mine = other.id == turn.actor.id
    found = Refusal("cannot_pass") if mine else candidates.obstacle(turn.session, other, question)
    if found is not None:
        raise Refusal(found.code, field="person", name=named(other), **found.facts)


def do_ask_back(turn: Turn, offer: Offer, text: str) -> None:
    """They need to know more first: it is theirs meanwhile, and their time stands still."""
    if offer.state == WAITING:
        raise Refusal("already_asked_back")
    question = offer.question
    left = None
    if offer.state == ACCEPTED:
        away = absences_of(turn.session, offer.person)
        left = max(1.0, working_between(offer.person, now(), offer.until, away))
    offering.end_others(turn, offer)
    offer.ask_back(left, text)
    question.ask_back(offer.person)
    turn.session.flush()
    card = asker_cards.asked_back(question, offer.person, text)
    turn.post(question.place, card, about=offering.asking(offer), thread=question.thread)
    turn.emit("offer.asked_back", offer, person_id=offer.person_id, question_id=question.id)
    offering.show_offer(turn, offer)
    offering.show(turn, question)


def do_reply(turn: Turn, question: Question, text: str) -> None:
    """The asker says more: whoever has it hears of it, and goes on."""
    kept = without_secrets(turn, text)
    text = kept.text
    add(question, text)
    offer = holder(turn.session, question)
    turn.emit("question.continued", question)
    if kept.found:
        turn.emit("question.masked", question, kinds=sorted(kept.found))
    if offer is None or offer.state != WAITING:
        _tell_holders(turn, question, text)
        return
    asked = offer.words or ""
    hours = offer.left or ANSWER_DAYS * hours_a_day(offer.person)
    offer.go_on(_after(turn, offer.person, hours))
    turn.edit(offering.asking(offer), asker_cards.was_asked_back(question, offer.person, asked))
    turn.send(offer.person, cards.replied(offer, text))
    _take(turn, offer, hours)


def _tell_holders(turn: Turn, question: Question, text: str) -> None:
    for offer in offers(turn.session, question, (OFFERED, ACCEPTED)):
        offering.show_offer(turn, offer)
        if offer.state == ACCEPTED:
            turn.send(offer.person, cards.replied(offer, text))


def add(question: Question, text: str) -> None:
    """What the asker adds to the question."""
    question.more = [*question.more, text][-MOST_MORE:]


def do_hand_back(turn: Turn, offer: Offer) -> None:
    """They had accepted it, and cannot."""
    if not offer.held:
        raise Refusal("not_yours_yet")
    offering.end(turn, offer, HANDED_BACK)
    offering.gone(turn, offer.question)


def do_withdraw(turn: Turn, question: Question) -> None:
    """The asker does not need it any more."""
    close(turn, question, "withdrawn")


def close(turn: Turn, question: Question, because: str) -> None:
    """Nobody waits for it any more."""
    question.close(because)
    turn.emit("question.closed", question, reason=because)
    turn.edit(question.about, asker_cards.closed(question))


def do_keep_open(turn: Turn, question: Question) -> None:
    """The asker says that it is still open."""
    if question.state != OPEN:
        raise Refusal("already_asked" if question.next_step else "already_solved")
    question.stays_open()
    turn.edit(offering.reminder(question), asker_cards.settled(question))


def people_for(turn: Turn, offer: Offer, most: int) -> list[Person]:
    """To whom it may be passed on."""
    asked = candidates.asked(turn.session, offer.question)
    return candidates.colleagues(turn.session, offer.question, {turn.actor.id, *asked}, most)


def _take(turn: Turn, offer: Offer, hours: float) -> None:
    """It is theirs, with a reminder before the deadline (half-way where there is little time)."""
    before = hours - REMIND_HOURS if hours > 2 * REMIND_HOURS else hours / 2
    offer.question.accept(offer.person, steps.REMIND_EXPERT, _after(turn, offer.person, before))
    offering.show_offer(turn, offer)
    offering.show(turn, offer.question)


def _after(turn: Turn, person: Person, hours: float) -> datetime:
    return add_working(person, now(), hours, absences_of(turn.session, person))
