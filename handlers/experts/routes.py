"""The ways of a question to a person who knows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Element, Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.experts import actions, asker_cards, cards, following, forms, replies, rerouting, stuck
from handlers.experts import topics as my_topics
from models.base import Refusal
from models.experts import HELD, OFFERED, REASONS, holder, live_of, locked, replied_to
from models.knowledge import Topic, topics
from models.people import Person, by_handle
from models.questions import WITH_PEOPLE, Question

router = Router()
router.include(following.router)
router.include(rerouting.router)
router.include(stuck.router)
router.include(my_topics.router)
router.refusal(
    already_asked=T("Somebody has been asked already. The answer will appear in the thread."),
    offer_taken=T("{name} has it already. Thank you for being there.", name=""),
    offer_over=T("This question is no longer with you: it was settled, or went on to somebody else."),
    already_yours=T("You have it already. Press “Answer”, or reply below the question."),
    not_yours_yet=T("You have not accepted it. Press “Decline” instead."),
    already_asked_back=T("You have asked back already. You hear from me when they reply."),
    nothing_asked=T("Nobody has this question now. Write in its thread, and I look again."),
    choose_person=T("Choose who knows, or another reason."),
    nobody_by_that_name=T("I know nobody by that name. Write the handle or the e-mail address of a colleague."),
    choose_reason=T("Choose a reason from the list."),
    say_why=T("Write a few words: they help to find the right person."),
    cannot_pass=T("{name} cannot be asked. Choose somebody else.", name=""),
    was_asked=T("{name} was asked already. Choose somebody else.", name=""),
    does_not=T("{name} does not take questions of this topic any more. Choose somebody else.", name=""),
    is_away=T("{name} is away until {until}. Choose somebody else.", name="", until=""),
    is_quiet=T("{name} has quiet hours until {until}. Choose somebody else.", name="", until=""),
    is_full=T("{name} has as many questions as they can take. Choose somebody else.", name=""),
)
RECENT = timedelta(minutes=15)  # how long after a question back the next message in one's own chat is the reply


@router.message
def heard(turn: Turn) -> bool:
    """The asker writes while people have the question: they hear of it."""
    text = turn.inbound.text.strip()
    found = replied_to(turn.session, turn.actor, turn.place, turn.inbound.thread, turn.now - RECENT) if text else None
    question = locked(turn.session, found.id) if found else None
    if question is None or question.state not in WITH_PEOPLE:
        return False
    actions.do_reply(turn, question, actions.check_text(text))
    offer = holder(turn.session, question)
    if offer is not None:
        turn.whisper(asker_cards.passed_on(offer.person))
    return True


router.include(replies.router)  # after whoever takes a message


@router.button("experts.ask")
def ask(turn: Turn, question_id: int) -> Reply | None:
    """The asker wants a person."""
    question = turn.fetch(Question, question_id, to="ask expert")
    actions.do_ask(turn, question, None)
    return None


@router.button("experts.choose_topic")
def choose_topic(turn: Turn, question_id: int) -> Reply:
    """The asker wants a person, and Agora cannot tell for what."""
    question = turn.fetch(Question, question_id, to="ask expert")
    return turn.open(forms.topic(question, topics(turn.session)))


@router.form("experts.choose_topic")
def topic_chosen(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """The topic is known now."""
    question = turn.fetch(Question, question_id, to="ask expert")
    topic = turn.session.get(Topic, _number(values, "topic"))
    if topic is None:
        raise Refusal("unknown_topic", field="topic")
    actions.do_ask(turn, question, topic)
    return None


@router.button("experts.accept")
def accept(turn: Turn, offer_id: int) -> Reply | None:
    """An expert takes the question offered to them."""
    actions.do_accept(turn, actions.fetch(turn, offer_id, to="accept"))
    return None


@router.button("experts.decline")
def declining(turn: Turn, offer_id: int) -> Reply:
    """An expert does not want it."""
    offer = actions.fetch(turn, offer_id, to="decline")
    return turn.open(forms.decline(offer, actions.people_for(turn, offer, forms.MOST_PEOPLE)))


@router.form("experts.decline")
def decline(turn: Turn, offer_id: int, values: dict[str, Any]) -> Reply | None:
    """An expert says why not."""
    offer = actions.fetch(turn, offer_id, to="decline")
    reason = str(values.get("reason", ""))
    if reason not in REASONS:
        raise Refusal("choose_reason", field="reason")
    actions.do_decline(turn, offer, reason, _words(values), _person(turn, values))
    return None


@router.button("experts.pass")
def passing(turn: Turn, offer_id: int) -> Reply:
    """An expert knows who knows."""
    offer = actions.fetch(turn, offer_id, to="pass on")
    return turn.open(forms.pass_on(offer, actions.people_for(turn, offer, forms.MOST_PEOPLE)))


@router.form("experts.pass")
def pass_on(turn: Turn, offer_id: int, values: dict[str, Any]) -> Reply | None:
    """An expert says who knows."""
    offer = actions.fetch(turn, offer_id, to="pass on")
    person = _person(turn, values)
    if person is None:
        raise Refusal("choose_person", field="person")
    actions.do_pass(turn, offer, person, _words(values))
    return None


@router.button("experts.ask_back")
def asking_back(turn: Turn, offer_id: int) -> Reply:
    """An expert needs to know more."""
    return turn.open(forms.ask_back(actions.fetch(turn, offer_id, to="ask back")))


@router.form("experts.ask_back")
def ask_back(turn: Turn, offer_id: int, values: dict[str, Any]) -> Reply | None:
    """An expert asks the asker."""
    offer = actions.fetch(turn, offer_id, to="ask back")
    actions.do_ask_back(turn, offer, actions.check_text(str(values.get("text", ""))))
    return None


@router.button("experts.reply")
def replying(turn: Turn, question_id: int) -> Reply:
    """The asker wants to reply."""
    return turn.open(forms.reply(_asked_back(turn, question_id)))


@router.form("experts.reply")
def reply(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """The asker replies."""
    question = _asked_back(turn, question_id)
    actions.do_reply(turn, question, actions.check_text(str(values.get("text", ""))))
    return None


@router.button("experts.hand_back")
def hand_back(turn: Turn, offer_id: int) -> Reply | None:
    """An expert cannot do it after all."""
    actions.do_hand_back(turn, actions.fetch(turn, offer_id, to="hand back"))
    return None


@router.button("experts.withdraw")
def withdraw(turn: Turn, question_id: int) -> Reply | None:
    """The asker does not need it any more."""
    actions.do_withdraw(turn, turn.fetch(Question, question_id, to="withdraw"))
    return None


@router.button("experts.still_open")
def still_open(turn: Turn, question_id: int) -> Reply | None:
    """The asker still wants to know."""
    actions.do_keep_open(turn, turn.fetch(Question, question_id, to="withdraw"))
    return None


@router.home(20, digest=True)
def my_offers(session: Session, person: Person) -> tuple[Element, ...]:
    """What is offered to me."""
    return cards.section(T("Offered to you"), live_of(session, person, (OFFERED,)))


@router.home(25, digest=True)
def my_promises(session: Session, person: Person) -> tuple[Element, ...]:
    """What I have accepted."""
    return cards.section(T("Waiting for your answer"), live_of(session, person, HELD))


def _asked_back(turn: Turn, question_id: int) -> Question:
    question = turn.fetch(Question, question_id, to="withdraw")
    if question.state not in WITH_PEOPLE:
        raise Refusal("already_solved" if question.next_step is None else "nothing_asked")
    return question


def _person(turn: Turn, values: dict[str, Any]) -> Person | None:
    """Who was chosen, or else named; nobody where neither was done."""
    chosen = turn.session.get(Person, _number(values, "person"))
    words = str(values.get("name") or "").replace("\0", "").strip()
    if chosen is not None or not words:
        return chosen
    found = by_handle(turn.session, words)
    if found is None:
        raise Refusal("nobody_by_that_name", field="name")
    return found


def _number(values: dict[str, Any], name: str) -> int:
    """The number chosen in a select; 0, which is no row's, where there is none."""
    value = str(values.get(name) or "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 18 else 0


def _words(values: dict[str, Any]) -> str:
    return str(values.get("words") or "").replace("\0", "").strip()[: forms.WORDS]
