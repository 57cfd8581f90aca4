"""What several ask and nobody has answered: whoever looks after its topic sees it, and one answer reaches them all."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Element, Heading, Reply, T
from bot.router import Page, Router
from bot.turn import Turn
from handlers.answers import actions, labelling
from handlers.answers import together_cards as cards
from handlers.answers.cards import MOST
from models.facts import Fact
from models.people import Person
from models.questions import Question
from models.repeated import part, repeated, repeated_as

router = Router()
router.include(labelling.router)
router.refusal(
    repeated_settled=T("Somebody has answered meanwhile, or they were parted. Your home shows what is left.")
)


@router.home(26)
def again_and_again(session: Session, person: Person) -> tuple[Element, ...]:
    """What is asked again and again of what this person looks after."""
    found = repeated(session, person)
    shown = [element for each in found for element in cards.lines(each, labelling.label(session, each, person))]
    return (Heading(T("Asked again and again")), *shown) if shown else ()


@router.page("/repeated/{id}")
def page(session: Session, person: Person, id: int) -> Page:
    """All of them in full."""
    found = repeated_as(session, person, id)
    return Page(labelling.label(session, found, person), cards.listed(found))


@router.button("answers.together")
def write(turn: Turn, id: int) -> Reply:
    """One answer for all of them."""
    found = repeated_as(turn.session, turn.actor, id)
    return turn.open(cards.form(found))


@router.form("answers.together")
def written(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """It is written: each thread gets it, and each asker says for themselves whether it helped."""
    text = actions.check_text(str(values.get("text", "")), MOST)
    found = repeated_as(turn.session, turn.actor, id, lock=True)
    label, first = labelling.label(turn.session, found, turn.actor), None
    for question in found.questions:
        turn.require("answer", question)
        given = actions.do_answer(turn, question, text, copy_of=first)
        first = first or given
    turn.send(turn.actor, cards.sent(label, found.people))
    return None


@router.button("answers.apart")
def apart(turn: Turn, id: int) -> Reply | None:
    """They do not ask the same."""
    found = repeated_as(turn.session, turn.actor, id, lock=True)
    part(turn.session, found)
    for question in found.questions:
        turn.emit("question.told_apart", question)
    return Reply(notice=T("I will not show them together any more."))


@router.fact("question.asked")
def asked(turn: Turn, fact: Fact) -> None:
    """One more asks the same: what they ask together gets a name, where there is a model."""
    question = turn.session.get(Question, fact.entity_id)
    if question is not None and question.repeats_id is not None:
        labelling.ask_for(turn, question)
