"""The ways into asking and answering."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Form, Heading, Reply, T, Text
from bot.router import Page, Router
from bot.shorten import shortened
from bot.turn import Turn
from handlers.questions import (
    actions,
    announced,
    answering,
    awaiting,
    cards,
    changes,
    judging,
    page,
    secrecy,
    seeking,
    writing,
)
from models import access
from models.answers import answers
from models.base import Refusal
from models.company import setting
from models.facts import Fact
from models.people import Person
from models.questions import Question, in_thread, latest_in, open_of
from models.search.asking import says_nothing
from models.thanks import whom

router = Router()
router.include(announced.router)
router.include(writing.router)
router.changed(changes.heard)
router.include(judging.router)
router.include(secrecy.router)
router.include(seeking.router)
router.include(awaiting.router)
router.refusal(
    unknown_person=T("I do not know you yet. Ask an administrator to add you."),
    unknown_place=T("I do not know this place yet. Write to me in our own chat."),
    unknown_route=T("This can no longer be pressed. Ask again, and use the new message."),
    not_found=T("That does not exist, or it is not for you to see."),
    not_allowed=T("Only the person it belongs to can do that. You can ask your own question."),
    says_nothing=T("What would you like to know? Ask me in a few words, such as “How many days off do I have?”"),
    empty_text=T("There is nothing in it yet. Write a few words."),
    too_long=T("That is too long: at most {most} characters. Shorten it, or split it in two.", most=0),
    already_solved=T("This question is already settled."),
    which_answer=T("There are several answers. Press “This solved it” below the one that did."),
    not_solved=T("This question is open already."),
    not_anonymous=T("Your company does not allow asking without a name. Ask with it, or ask an administrator."),
    no_own_chat=T("We have no chat of our own yet. Write to me directly first."),
)


@router.message
def heard(turn: Turn) -> bool:
    """A message: a question where Agora is meant, more about one where it stands in its thread."""
    text = turn.inbound.text.strip()
    if _continues(turn, text):
        return True
    if not _meant(turn):
        return False
    quiet = not turn.private and not turn.inbound.mentioned
    if not (quiet and says_nothing(text)):
        actions.do_ask(turn, actions.check_question(text), turn.place, _thread(turn), quiet=quiet)
    return True


@router.command("ask", T("/ask your question: I answer in our own chat"), opens="bare")
def ask(turn: Turn) -> Reply | None:
    """``/ask`` with a question asks it; without one opens the form."""
    if not turn.inbound.text.strip():
        return turn.open(_ask_form(turn))
    return _ask_in_own_chat(turn, actions.check_question(turn.inbound.text))


@router.button("questions.new")
def new(turn: Turn, id: int) -> Reply:
    """The form, from the home."""
    return turn.open(_ask_form(turn))


@router.form("questions.ask")
def ask_by_form(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """The form was sent."""
    text = actions.check_question(str(values.get("text", "")), field="text")
    if values.get("anonymous") != "yes":
        return _ask_in_own_chat(turn, text)
    if not setting(turn.session, "anonymous"):
        raise Refusal("not_anonymous", field="anonymous")
    actions.do_mask(turn)
    actions.do_repeat(turn, text, turn.place)
    actions.do_ask(turn, text, turn.place, None)
    return Reply(notice=T("I have answered in our own chat."))


@router.shortcut("questions.from_message", T("Ask the experts about this"))
def from_message(turn: Turn) -> Reply | None:
    """Any message becomes a question, answered in its thread."""
    turn.require("read", turn.place)
    text = actions.check_question(turn.inbound.text)
    actions.do_ask(turn, text, turn.place, turn.inbound.thread or turn.inbound.message)
    return None


@router.button("questions.solved")
def solved(turn: Turn, question_id: int) -> Reply | None:
    """The asker has what they wanted."""
    actions.do_solve(turn, turn.fetch(Question, question_id, to="solve"))
    return None


@router.button("questions.reopen")
def reopen(turn: Turn, question_id: int) -> Reply | None:
    """The asker takes that back."""
    actions.do_reopen(turn, turn.fetch(Question, question_id, to="solve"))
    return None


@router.button("questions.not_meant")
def not_meant(turn: Turn, question_id: int) -> Reply | None:
    """The asker wants something else."""
    actions.do_not_meant(turn, turn.fetch(Question, question_id, to="solve"))
    return None


@router.button("questions.join")
def join(turn: Turn, question_id: int) -> Reply | None:
    """The asker follows the earlier thread."""
    actions.do_join(turn, turn.fetch(Question, question_id, to="solve"))
    return None


@router.fact("question.solved")
def solved_by_answer(turn: Turn, fact: Fact) -> None:
    """An answer solved it: the question's own card says so too."""
    if fact.data.get("answer_id") is not None:
        question = turn.session.get_one(Question, fact.entity_id)
        turn.edit(question.about, cards.solved(question, None, True, bool(whom(turn.session, question))))


@router.fact("question.reopened")
def open_again(turn: Turn, fact: Fact) -> None:
    """Whoever opened it again, for whatever reason: its card offers what can be done."""
    actions.do_show_again(turn, turn.session.get_one(Question, fact.entity_id))


@router.page("/questions/{id}")
def question_page(session: Session, person: Person, id: int) -> Page:
    """A question with what came of it."""
    question = session.get(Question, id)
    if question is None or not access.may(session, person, "read", question):
        raise Refusal("not_found")
    return Page(shortened(question.text), page.elements(session, person, question), question.language)


@router.unfurl("/questions/{id}")
def unfurled(session: Session, keys: Sequence[str], id: int) -> Card | None:
    """A question, for readers who all may read it, with the answers that are for all of them."""
    question = session.get(Question, id)
    if question is None or set(question.audience).isdisjoint(keys):
        return None
    return cards.shared(question, [given for given in answers(session, question) if not given.private])


@router.home(10)
def my_questions(session: Session, person: Person) -> tuple[Element, ...]:
    """What I asked and have not got, with the way to ask."""
    asking = Actions((Button(T("Ask a question"), "questions.new", 0, "primary", opens="form"),))
    mine = open_of(session, person)
    if not mine:
        hint = T("You have no open question. Ask here, or mention me in any channel.")
        return (Heading(T("My questions")), Text(hint, subtle=True), asking)
    return (Heading(T("My questions")), *(part for question in mine for part in cards.line(question)), asking)


@router.digest(10)
def still_open(session: Session, person: Person, since: datetime) -> tuple[Element, ...]:
    """What I asked and have not got, and who has it."""
    mine = [part for question in open_of(session, person) for part in cards.line(question)]
    return (Heading(T("My questions")), *mine) if mine else ()


def _ask_form(turn: Turn) -> Form:
    return cards.ask_form(bool(setting(turn.session, "anonymous")))


def _ask_in_own_chat(turn: Turn, text: str) -> Reply | None:
    place = actions.own_chat(turn)
    actions.do_repeat(turn, text, place)
    actions.do_ask(turn, text, place, None)
    if turn.inbound.conversation != place.key:
        return Reply(notice=T("I have answered in our own chat."))
    return None


def _continues(turn: Turn, text: str) -> bool:
    """Whether this was more about a question: by its asker in its thread, or soon after it in their own chat."""
    question = in_thread(turn.session, turn.place, turn.inbound.thread)
    if question is None and turn.private:
        question = latest_in(turn.session, turn.place, turn.actor, turn.now - actions.RECENT)
        if question is not None and turn.inbound.thread is None and not answering.continues(turn, question, text):
            return False
    if question is None or question.asker_id != turn.actor.id or not text:
        return False
    actions.do_follow_up(turn, question, actions.check_text(text))
    return True


def _meant(turn: Turn) -> bool:
    """Whether Agora is spoken to."""
    if turn.private:
        return True
    if turn.place.answers == "off":
        return False
    return turn.inbound.mentioned or (turn.place.answers == "always" and turn.inbound.thread is None)


def _thread(turn: Turn) -> str | None:
    """Where the answer stands: the thread of the message; in one's own chat below it."""
    if turn.private:
        return turn.inbound.thread
    return turn.inbound.thread or turn.inbound.message
