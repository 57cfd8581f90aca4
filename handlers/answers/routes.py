"""The ways into answering."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.cards import Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.answers import actions, cards, together
from models.answers import Answer, shown_in
from models.base import Refusal
from models.company import setting
from models.experts import answered_by
from models.facts import Fact
from models.questions import Question

router = Router()
router.include(together.router)
MOST_CARDS = 500  # that are changed at once: the newest
router.refusal(
    already_accepted=T("This answer is accepted already."),
    not_accepted=T("This answer is not accepted, so there is nothing to undo."),
    nothing_changed=T("It says the same as before. Change it, or close the form."),
    already_shared=T("Everybody who may read the question can read this answer already."),
    not_shareable=T("The author did not agree to share it. Ask them to write an answer for everybody."),
    own_answer=T("It is your own answer. Others can say whether it was helpful."),
    already_merged=T("This was closed as a duplicate of question {number}. Answer or settle that one.", number=0),
    file_empty=T("{name} is empty. Choose another file.", name=""),
    file_too_large=T("A file has at most {most} MB. Choose a smaller one, or put it elsewhere and link to it.", most=0),
    file_gone=T("A file is no longer there. Choose it again."),
    too_many_files=T("At most {most} files go along. Leave some out.", most=0),
)
HELPFUL = frozenset({"+1", "thumbsup", "like", "heart", "100", "clap", "raised_hands", "pray", "tada", "celebrate"})
"""Reactions that say that an answer was helpful, as the platforms name them."""


@router.message
def heard(turn: Turn) -> bool:
    """A message of whoever has the question: in its thread, or below its card in their own chat."""
    text = turn.inbound.text.strip()
    question = answered_by(turn.session, turn.actor, turn.place, turn.inbound.thread) if text else None
    if question is None:
        return False
    turn.require("answer", question)
    actions.do_answer(turn, question, text, files=turn.inbound.files)
    return True


@router.fact("question.answered")
def show(turn: Turn, fact: Fact) -> None:
    """Whoever made the answer, everybody hears of it in the same way."""
    actions.do_show(turn, turn.session.get_one(Answer, fact.data["answer_id"]))


@router.fact("person.erased")
def erased(turn: Turn, fact: Fact) -> None:
    """Neither their name nor what they asked stands on the cards of answers any more."""
    theirs = (Answer.author_id == fact.entity_id) | (Question.asker_id == fact.entity_id)
    found = select(Answer).join(Question, Question.id == Answer.question_id).where(theirs)
    for given in turn.session.scalars(found.order_by(Answer.id.desc()).limit(MOST_CARDS)):
        actions.refresh(turn, given)


@router.fact("question.solved")
def accept_the_only_one(turn: Turn, fact: Fact) -> None:
    """The asker said so of the question, and one person answered: it was that answer."""
    if fact.data.get("entry_id") is None and fact.data.get("answer_id") is None:
        actions.do_accept_only(turn, turn.session.get_one(Question, fact.entity_id))


@router.fact("question.reopened")
def take_back(turn: Turn, fact: Fact) -> None:
    """What is open again is solved by no answer."""
    actions.do_take_back(turn, turn.session.get_one(Question, fact.entity_id))


@router.button("answers.write")
def write(turn: Turn, question_id: int) -> Reply:
    """Somebody wants to answer."""
    return turn.open(cards.write_form(turn.fetch(Question, question_id, to="answer")))


@router.form("answers.write")
def written(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """Somebody answers."""
    question = turn.fetch(Question, question_id, to="answer")
    chosen = str(values.get("private", ""))
    private = chosen in ("private", "shareable")
    actions.do_answer(turn, question, _text(values), private, chosen == "shareable", _files(values))
    return None


@router.button("answers.accept")
def accept(turn: Turn, answer_id: int) -> Reply | None:
    """The asker says that this answer solved it."""
    actions.do_accept(turn, turn.fetch(Answer, answer_id, to="accept"))
    return None


@router.button("answers.unaccept")
def unaccept(turn: Turn, answer_id: int) -> Reply | None:
    """The asker takes that back."""
    actions.do_unaccept(turn, turn.fetch(Answer, answer_id, to="accept"))
    return None


@router.button("answers.vote")
def vote(turn: Turn, answer_id: int) -> Reply | None:
    """Somebody found it helpful, or takes that back."""
    actions.do_vote(turn, turn.fetch(Answer, answer_id, to="vote"))
    return None


@router.reaction
def reacted(turn: Turn) -> bool:
    """A reaction to the message in which an answer stands is a vote, where the company says so."""
    heard = turn.inbound
    if heard.message is None or heard.text not in HELPFUL or not setting(turn.session, "reactions"):
        return False
    answer_id = shown_in(turn.session, heard.platform, heard.installation, heard.conversation, heard.message)
    if answer_id is None:
        return False
    actions.do_vote_as(turn, turn.fetch(Answer, answer_id, to="vote"), bool(heard.values.get("added", True)))
    return True


@router.button("answers.comment")
def comment(turn: Turn, answer_id: int) -> Reply:
    """Somebody wants to remark on it."""
    return turn.open(cards.comment_form(turn.fetch(Answer, answer_id, to="comment")))


@router.form("answers.comment")
def commented(turn: Turn, answer_id: int, values: dict[str, Any]) -> Reply | None:
    """Somebody remarks on it."""
    actions.do_comment(turn, turn.fetch(Answer, answer_id, to="comment"), _text(values))
    return None


@router.button("answers.edit")
def edit(turn: Turn, answer_id: int) -> Reply:
    """Its author wants to say it better."""
    return turn.open(cards.edit_form(turn.fetch(Answer, answer_id, to="edit")))


@router.form("answers.edit")
def edited(turn: Turn, answer_id: int, values: dict[str, Any]) -> Reply | None:
    """Its author says it better."""
    actions.do_edit(turn, turn.fetch(Answer, answer_id, to="edit"), _text(values))
    return None


@router.button("answers.share")
def share(turn: Turn, answer_id: int) -> Reply | None:
    """The asker lets everybody read it."""
    actions.do_share(turn, turn.fetch(Answer, answer_id, to="share"))
    return None


def _text(values: dict[str, Any]) -> str:
    return str(values.get("text", ""))


def _files(values: dict[str, Any]) -> list[int]:
    """The numbers of the files that went along, as the platform's form gives them: in one text, between spaces."""
    numbers = str(values.get("files", "")).split()
    if not all(number.isdecimal() and len(number) <= 18 for number in numbers):
        raise Refusal("file_gone", field="files")
    return [int(number) for number in numbers]
