"""The ways to follow, reopen, withdraw, and close as a duplicate."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Element, Heading, Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.threads import actions, cards
from models import access
from models.base import Refusal
from models.facts import Fact
from models.files import attach
from models.mail import PostedCard
from models.people import Person
from models.questions import OVER, Question, in_thread
from models.threads import asked_in, followed_by

router = Router()
router.refusal(
    own_question=T("It is your own question: you hear of every answer anyway."),
    follows_already=T("You follow this already. To stop, press “Unfollow” in your home."),
    follows_not=T("You do not follow this."),
    merge_itself=T("That is this very question. Choose another one."),
    merge_chain=T("That question was itself closed as a duplicate, of question {number}. Choose that one.", number=0),
    merge_has_own=T("Other questions were closed as duplicates of this one. Close the other question instead."),
    merge_unreadable=T("Whoever asked may not read that question. Choose another one."),
    merge_nothing=T("I know no question like that. Try other words, or its number."),
    not_merged=T("This question stands for itself already."),
    no_question=T("There is no question here. Use the menu of a question or of its answer."),
)


@router.fact("question.asked")
@router.fact("question.continued")
def attach_files(turn: Turn, fact: Fact) -> None:
    """What went along with the message belongs to the question."""
    if turn.inbound.files:
        attach(turn.session, turn.actor, turn.inbound.files, turn.session.get_one(Question, fact.entity_id))


@router.button("threads.follow")
def follow(turn: Turn, question_id: int) -> Reply:
    """Somebody wants to hear of new answers."""
    actions.do_follow(turn, turn.fetch(Question, question_id, to="follow"))
    return Reply(notice=T("You follow this question. New answers come to you in our own chat."))


@router.button("threads.unfollow")
def unfollow(turn: Turn, question_id: int) -> Reply:
    """Somebody no longer wants to. Whoever may not read it any more may still stop."""
    question = turn.session.get(Question, question_id)
    if question is None:
        raise Refusal("not_found")
    actions.do_unfollow(turn, question)
    return Reply(notice=T("You no longer follow this question."))


@router.button("threads.reopen")
def reopen(turn: Turn, question_id: int) -> Reply:
    """The asker still misses something."""
    return turn.open(cards.reopen_form(turn.fetch(Question, question_id, to="reopen")))


@router.form("threads.reopen")
def reopened(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """The asker said what."""
    question = turn.fetch(Question, question_id, to="reopen")
    actions.do_reopen(turn, question, actions.check_why(str(values.get("why", ""))))
    return None


@router.shortcut("threads.duplicate", T("Close as a duplicate"), opens="form")
def duplicate_of_message(turn: Turn) -> Reply:
    """The question of this message, or of this thread, is a duplicate."""
    turn.require("read", turn.place)
    return _duplicate_form(turn, _question_here(turn))


@router.button("threads.duplicate")
def duplicate(turn: Turn, question_id: int) -> Reply:
    """This question is a duplicate."""
    return _duplicate_form(turn, question_id)


@router.form("threads.duplicate")
def merge(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """Of which one? A number merges; words bring the form back with what they find."""
    question = _mergeable(turn, question_id)
    words = str(values.get("number", "")).strip()
    number = actions.number_in(words or str(values.get("chosen", "")))
    if number is None:
        found = actions.candidates(turn, question, words)
        if not found:
            raise Refusal("merge_nothing" if words else "empty_text", field="number")
        return turn.open(cards.duplicate_form(question, found))
    try:
        into = turn.fetch(Question, number, to="read")
    except Refusal:
        raise Refusal("merge_nothing", field="number") from None
    actions.do_merge(turn, question, into)
    return None


@router.button("threads.unmerge")
def unmerge(turn: Turn, question_id: int) -> Reply | None:
    """It is none after all."""
    actions.do_unmerge(turn, _mergeable(turn, question_id))
    return None


@router.deleted
def deleted(turn: Turn) -> bool:
    """The asker deleted the message in which they asked: what of the question?"""
    question = asked_in(turn.session, turn.place, turn.inbound.message)
    if question is None or question.asker_id != turn.actor.id or question.state in OVER:
        return False
    return turn.send(turn.actor, cards.withdraw(question), about=actions.deleted_about(question))


@router.fact("question.closed")
def closed(turn: Turn, fact: Fact) -> None:
    """Whoever was asked whether to withdraw it sees that it is done."""
    question = turn.session.get_one(Question, fact.entity_id)
    turn.edit(actions.deleted_about(question), cards.withdrawn(question))


@router.button("threads.keep")
def keep(turn: Turn, question_id: int) -> Reply | None:
    """The asker still wants to know."""
    question = turn.fetch(Question, question_id, to="withdraw")
    turn.edit(actions.deleted_about(question), cards.kept(question))
    return None


@router.home(30)
def i_follow(session: Session, person: Person) -> tuple[Element, ...]:
    """What I follow, newest first."""
    found = [each for each in followed_by(session, person) if access.may(session, person, "read", each)]
    return (Heading(T("I follow")), *cards.followed(found)) if found else ()


def _duplicate_form(turn: Turn, question_id: int) -> Reply:
    question = _mergeable(turn, question_id)
    return turn.open(cards.duplicate_form(question, actions.candidates(turn, question, question.text)))


def _mergeable(turn: Turn, question_id: int) -> Question:
    """The question, if the actor may merge it."""
    return turn.fetch(Question, question_id, to="merge")


def _question_here(turn: Turn) -> int:
    """The number of the question that a message asks, or in whose thread it stands, or whose card it is."""
    heard = turn.inbound
    found = asked_in(turn.session, turn.place, heard.message) or in_thread(
        turn.session, turn.place, heard.thread or heard.message
    )
    if found is not None:
        return found.id
    about = _about_of(turn)
    if about is None:
        raise Refusal("no_question")
    return about


def _about_of(turn: Turn) -> int | None:
    heard = turn.inbound
    rows = turn.session.query(PostedCard.about).filter_by(
        platform=heard.platform, installation=heard.installation, conversation=heard.conversation,
        reference=heard.message,
    )  # fmt: skip
    for (about,) in rows:
        kind, _, number = about.partition(":")
        if kind == "question" and number.isdecimal():
            return int(number)
    return None
