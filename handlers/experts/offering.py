"""Offering a question: to whom next, what they and the asker see, and how offers end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.turn import Turn
from handlers.experts import asker_cards, cards
from models import access, steps
from models.announcements.questions import how_many
from models.base import now
from models.candidates import Candidate, candidates, group_of, last_resort
from models.experts import (
    ANSWERED,
    DECLINED,
    LIVE,
    OFFER_HOURS,
    OFFERED,
    OFFERS,
    TAKEN,
    WAITING,
    WITHDRAWN,
    Offer,
    absences_of,
    offers,
)
from models.files import files_of
from models.hours import add_working, quiet_until
from models.interests import wishes_of
from models.knowledge import Entry
from models.people import Person
from models.questions import OVER, Question, go_on
from models.servings import entries_served


def seek(turn: Turn, question: Question, again: bool = False) -> None:
    """Offer the question to the next, when it is with nobody. Where nobody is left: the last resort; where there is
    none: later. ``again``: after a wait, when those of the last resort who did nothing may be asked once more."""
    turn.session.flush()
    made: list[Offer] = []
    chosen = group_of(turn.session, question)
    resort = not chosen
    chosen = chosen or last_resort(turn.session, question, again)
    quiet = quiet_until_of(chosen)
    chosen = [one for one in chosen if one.person.id not in quiet]
    if quiet and not chosen:
        _hold(turn, question, min(quiet.values()))
    elif not chosen:
        question.find_nobody()
        turn.emit("question.nobody_found", question, tries=question.tries)
    elif resort and chosen[0].reasons[0]["why"] == "admin":
        made = _offer_to_admins(turn, question, chosen)
    else:
        until = max(add_working(one.person, now(), OFFER_HOURS, () if resort else one.away) for one in chosen)
        made = _give(turn, question, chosen, until, steps.OFFER_ENDS, resort)
    _show(turn, question, made)


def _hold(turn: Turn, question: Question, until: datetime) -> None:
    """Only people are left who would rather not be asked now: it waits for the first who is back."""
    question.stays_open()
    question.plan(steps.SEEK, until)
    turn.emit("question.held", question, until=until.isoformat())


def quiet_until_of(found: Sequence[Candidate]) -> dict[int, datetime]:
    """Who of these has quiet hours now, by number, and until when."""
    moment = now()
    return {one.person.id: until for one in found if (until := quiet_until(one.person, moment)) is not None}


def _offer_to_admins(turn: Turn, question: Question, chosen: Sequence[Candidate]) -> list[Offer]:
    """All at once, and without an end: from here on they are reminded."""
    question.tries += 1
    return _give(turn, question, chosen, now() + steps.growing(question.tries), steps.NUDGE, True)


def _give(
    turn: Turn, question: Question, chosen: Sequence[Candidate], until: datetime, step: str, resort: bool
) -> list[Offer]:
    question.offer(chosen[0].person if len(chosen) == 1 else None, until, step)
    go_on(turn.session, question)
    return [make(turn, question, one.person, until, one.reasons, last_resort=resort) for one in chosen]


def make(
    turn: Turn, question: Question, person: Person, until: datetime, reasons: list[dict[str, Any]], **about: Any
) -> Offer:
    """An offer, shown to the person in their own chat."""
    offer = Offer(question=question, question_id=question.id, person=person, person_id=person.id, until=until,
                  reasons=reasons, **about)  # fmt: skip
    OFFERS.insert(turn.session, offer)
    turn.send(person, cards.offer(offer, context(turn, offer)), about=offer.about)
    turn.emit("offer.made", offer, person_id=person.id, question_id=question.id, reason=reasons[0]["why"])
    return offer


def pass_to(turn: Turn, question: Question, other: Person, reasons: list[dict[str, Any]], **about: Any) -> None:
    """One person alone has it next, by the choice of another."""
    until = until_for(turn, other)
    make(turn, question, other, until, reasons, **about)
    question.offer(other, until)


def until_for(turn: Turn, person: Person) -> datetime:
    """Until when a person to whom it is passed on may accept."""
    return add_working(person, now(), OFFER_HOURS, absences_of(turn.session, person))


def show(turn: Turn, question: Question) -> None:
    """The card in the thread says who has it now."""
    turn.session.flush()
    _show(turn, question, () if question.state in OVER else offers(turn.session, question, LIVE))


def _show(turn: Turn, question: Question, live: Sequence[Offer]) -> None:
    """The same, of those who are known to have it."""
    cards = {reminder(question): asker_cards.settled(question)}
    if question.state not in OVER:
        cards[question.about] = asker_cards.status(question, live)
    turn.edit_all(cards)


def show_offer(turn: Turn, offer: Offer, other: Person | None = None) -> None:
    """The card in the expert's chat says how the offer stands."""
    turn.edit(offer.about, cards.offer(offer, context(turn, offer, other)))


def context(turn: Turn, offer: Offer, other: Person | None = None) -> cards.Context:
    """What the expert should know, as far as they may read it."""
    entries: dict[bool, list[Entry]] = {True: [], False: []}
    served, attached = entries_served(turn.session, offer.question)
    for entry, dismissed in served:
        entries[dismissed].append(entry)
    readable = {dismissed: access.readable(found, turn.session, offer.person) for dismissed, found in entries.items()}
    declined = offer.state == DECLINED and offer.question.topic_id
    wish = wishes_of(turn.session, offer.person).get(declined) if declined else None
    people = how_many(turn.session, offer.question)
    files = files_of(turn.session, offer.question) if attached else []
    return cards.Context(readable[False], readable[True], other, files, wish, people)


def end(turn: Turn, offer: Offer, state: str, other: Person | None = None, **why: Any) -> None:
    """An offer is over: told on its card, and to those who listen."""
    asked_back = offer.words if offer.state == WAITING else None
    offer.end(state, **why)
    if asked_back:
        turn.edit(asking(offer), asker_cards.was_asked_back(offer.question, offer.person, asked_back))
    if state != ANSWERED:  # then the card is that of their answer
        show_offer(turn, offer, other)
    verb = {TAKEN: "withdrawn", "handed back": "handed_back"}.get(state, state)
    turn.emit(f"offer.{verb}", offer, person_id=offer.person_id, question_id=offer.question_id, reason=offer.reason)


def end_others(turn: Turn, offer: Offer) -> None:
    """Somebody of the group has it: the others see who."""
    for other in offers(turn.session, offer.question, LIVE):
        if other.id != offer.id:
            end(turn, other, TAKEN, offer.person)


def end_all(turn: Turn, question: Question, answered_by: Person | None = None) -> None:
    """Nothing is left to do for anybody: it is settled, or ``answered_by`` somebody."""
    for offer in offers(turn.session, question, LIVE):
        mine = answered_by is not None and offer.person_id == answered_by.id
        end(turn, offer, ANSWERED if mine else WITHDRAWN, answered_by)


def gone(turn: Turn, question: Question) -> None:
    """An offer ended without an answer: on to the next, unless others of the group still have it."""
    left = offers(turn.session, question, (OFFERED,))
    if left:
        only = left[0].person if len(left) == 1 else None
        question.offer(only, max(offer.until for offer in left), question.next_step or steps.OFFER_ENDS)
        show(turn, question)
    else:
        seek(turn, question)


def fresh(turn: Turn, question: Question) -> bool:
    """Whether somebody else than the last resort could be asked now."""
    found = candidates(turn.session, question)
    return len(found) > len(quiet_until_of(found))


def asking(offer: Offer) -> str:
    """What the card of a question back to the asker is about."""
    return f"{offer.about}:back"


def reminder(question: Question) -> str:
    """What reminders to the asker are about."""
    return f"{question.about}:reminder"
