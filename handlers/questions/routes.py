"""The ways into asking and answering."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Element, Heading, Reply, T, Text
from bot.router import Page, Router
from bot.shorten import shortened
from bot.turn import Turn
from handlers.questions import actions, answering, cards
from models import access
from models.answers import answers
from models.base import Refusal
from models.knowledge import Entry, Topic, topics
from models.people import Person
from models.questions import Question, in_thread, latest_in, open_of, served, waiting_for

router = Router()
router.refusal(
    unknown_person=T("I do not know you yet. Ask an administrator to add you."),
    unknown_place=T("I do not know this place yet. Write to me in our own chat."),
    unknown_route=T("This can no longer be pressed. Ask again, and use the new message."),
    not_found=T("That does not exist, or it is not for you to see."),
    not_allowed=T("Only the person it belongs to can do that. You can ask your own question."),
    empty_text=T("There is nothing in it yet. Write a few words."),
    too_long=T("That is too long: at most {most} characters. Shorten it, or split it in two.", most=0),
    already_solved=T("This question is already settled."),
    not_solved=T("This question is open already."),
    already_asked=T("Somebody has been asked already. The answer will appear in the thread."),
    nobody_to_ask=T("There is nobody to ask about this yet. Ask an administrator to name an owner for the topic."),
    no_own_chat=T("We have no chat of our own yet. Write to me directly first."),
    unknown_topic=T("Choose a topic from the list."),
)


@router.message
def heard(turn: Turn) -> bool:
    """A message: a question where Agora is meant, more about one where it stands in its thread."""
    text = turn.inbound.text.strip()
    if _continues(turn, text):
        return True
    if not _meant(turn):
        return False
    text = actions.check_text(text)
    actions.do_ask(turn, text, turn.place, _thread(turn), quiet=not turn.private and not turn.inbound.mentioned)
    return True


@router.command("ask", T("/ask your question: I answer in our own chat"))
def ask(turn: Turn) -> Reply | None:
    """``/ask`` with a question asks it; without one opens the form."""
    if not turn.inbound.text.strip():
        return turn.open(cards.ask_form())
    return _ask_in_own_chat(turn, actions.check_text(turn.inbound.text))


@router.button("questions.new")
def new(turn: Turn, id: int) -> Reply:
    """The form, from the home."""
    return turn.open(cards.ask_form())


@router.form("questions.ask")
def ask_by_form(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """The form was sent."""
    return _ask_in_own_chat(turn, actions.check_text(str(values.get("text", "")), field="text"))


@router.shortcut("questions.from_message", T("Turn into a question"))
def from_message(turn: Turn) -> Reply | None:
    """Any message becomes a question, answered in its thread."""
    turn.require("read", turn.place)
    text = actions.check_text(turn.inbound.text)
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


@router.button("questions.ask_expert")
def ask_expert(turn: Turn, question_id: int) -> Reply | None:
    """The asker wants a person."""
    question = turn.fetch(Question, question_id, to="ask expert")
    actions.do_ask_expert(turn, question, question.topic)
    return None


@router.button("questions.choose_topic")
def choose_topic(turn: Turn, question_id: int) -> Reply:
    """The asker wants a person, and Agora cannot tell for what."""
    question = turn.fetch(Question, question_id, to="ask expert")
    return turn.open(cards.topic_form(question, topics(turn.session)))


@router.form("questions.choose_topic")
def topic_chosen(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """The topic is known now."""
    question = turn.fetch(Question, question_id, to="ask expert")
    number = str(values.get("topic", ""))
    topic = turn.session.get(Topic, int(number)) if number.isdecimal() and len(number) < 18 else None
    if topic is None:
        raise Refusal("unknown_topic", field="topic")
    actions.do_ask_expert(turn, question, topic)
    return None


@router.button("questions.write_answer")
def write_answer(turn: Turn, question_id: int) -> Reply:
    """An expert wants to answer."""
    return turn.open(cards.answer_form(turn.fetch(Question, question_id, to="answer")))


@router.form("questions.write_answer")
def answer(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """An expert answers."""
    question = turn.fetch(Question, question_id, to="answer")
    actions.do_answer(turn, question, actions.check_text(str(values.get("text", "")), field="text"))
    return None


@router.page("/questions/{id}")
def question_page(session: Session, person: Person, id: int) -> Page:
    """A question with what came of it."""
    question = session.get(Question, id)
    if question is None or not access.may(session, person, "read", question):
        raise Refusal("not_found")
    entries = [session.get_one(Entry, serving.entry_id) for serving in served(session, question)]
    readable = access.readable(entries, session, person)
    elements = cards.page(question, readable, answers(session, question))
    return Page(shortened(question.text), elements, question.language)


@router.home(10)
def my_questions(session: Session, person: Person) -> tuple[Element, ...]:
    """What I asked and have not got, with the way to ask."""
    asking = Actions((Button(T("Ask a question"), "questions.new", 0, "primary", opens="form"),))
    mine = open_of(session, person)
    if not mine:
        hint = T("You have no open question. Ask here, or mention me in any channel.")
        return (Heading(T("My questions")), Text(hint, subtle=True), asking)
    return (Heading(T("My questions")), *(part for question in mine for part in cards.line(question)), asking)


@router.home(20)
def waiting(session: Session, person: Person) -> tuple[Element, ...]:
    """What others wait for from me."""
    asked = waiting_for(session, person)
    elements: list[Element] = []
    for question in asked:
        elements += cards.line(question)
        elements.append(Actions((Button(T("Answer"), "questions.write_answer", question.id, "primary", opens="form"),)))
    return (Heading(T("Waiting for your answer")), *elements) if asked else ()


def _ask_in_own_chat(turn: Turn, text: str) -> Reply | None:
    place = actions.own_chat(turn)
    question = actions.do_ask(turn, text, place, None)
    if question is not None and turn.inbound.conversation != place.key:
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
