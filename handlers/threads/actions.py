"""What following, reopening and closing do: ``check_*`` refuses, ``do_*`` changes the state, then sends and emits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.threads import cards
from models import access
from models.answers import Answer, accepted_of, answers
from models.base import Refusal
from models.followers import follow
from models.questions import JOINED, Question
from models.search.find import asked_before
from models.threads import bring, duplicates_of, take_away, unfollow

_NUMBER = re.compile(r"(?:^|.*/questions/)#?([0-9]{1,18})$")
_LIKELY, _MOST = 0.25, 8


def check_why(text: str) -> str:
    """What is missing; refused where nothing is said."""
    wanted = text.replace("\0", "").strip()
    if not wanted:
        raise Refusal("empty_text", field="why")
    if len(wanted) > 2000:
        raise Refusal("too_long", field="why", most=2000)
    return wanted


def number_in(text: str) -> int | None:
    """The question's number in ``12``, ``#12`` or the address of its page; ``None`` where those are words."""
    found = _NUMBER.match(text.strip())
    return int(found[1]) if found else None


def candidates(turn: Turn, question: Question, words: str) -> list[Question]:
    """The questions most like ``words`` that the actor may read and that stand for themselves."""
    found = asked_before(turn.session, words, turn.keys, question.id, _MOST, vectors=turn.vectors(words))
    return [each.question for each in found if each.confidence >= _LIKELY and each.question.merged_into_id is None]


def do_follow(turn: Turn, question: Question) -> None:
    """The actor hears of new answers in their own chat."""
    if question.asker_id == turn.actor.id:
        raise Refusal("own_question")
    if not follow(turn.session, question, turn.actor):
        raise Refusal("follows_already")
    turn.session.flush()
    turn.emit("question.followed", question)
    _show_following(turn, question, True)


def do_unfollow(turn: Turn, question: Question) -> None:
    """The actor hears no more of it."""
    if not unfollow(turn.session, question, turn.actor):
        raise Refusal("follows_not")
    turn.emit("question.unfollowed", question)
    _show_following(turn, question, False)


def do_reopen(turn: Turn, question: Question, why: str) -> None:
    """It is not settled after all: whoever answered is told why, and the search learns it."""
    kept = without_secrets(turn, why)
    why = kept.text
    told = _who_answered(turn, question)
    question.reopen()
    question.more = [*question.more, why][-20:]
    turn.session.flush()
    turn.emit("question.reopened", question)
    turn.post(question.place, cards.reopened(question, why), thread=question.thread)
    for given in told:
        turn.send(given.author, cards.told_reopened(question, why, given.author))
    if kept.found:
        turn.emit("question.masked", question, kinds=sorted(kept.found))


def do_merge(turn: Turn, question: Question, into: Question) -> None:
    """``question`` is a duplicate: whoever asked or follows it follows ``into`` instead."""
    if not access.may(turn.session, question.asker, "read", into):
        raise Refusal("merge_unreadable", field="number")
    if into.state == JOINED:
        raise Refusal("merge_chain", field="number", number=into.like_id)
    if duplicates_of(turn.session, question):
        raise Refusal("merge_has_own", field="number")
    question.merge(into)
    bring(turn.session, question, into)
    turn.emit("question.merged", question, into_id=into.id)
    turn.edit(question.about, cards.merged(question, into, _everybody_reads(turn, question, into)))
    note = cards.took_in(question, _everybody_reads(turn, into, question))
    turn.post(into.place, note, about=_note_about(question), thread=into.thread)
    if question.asker_id != turn.actor.id:
        turn.send(question.asker, cards.told_merged(question, into, turn.actor), about=_told_about(question))


def do_unmerge(turn: Turn, question: Question) -> None:
    """It stands for itself again; whom it brought along leaves with it."""
    into = turn.session.get(Question, question.merged_into_id) if question.merged_into_id else None
    question.unmerge()
    if answers(turn.session, question):
        question.answered()
    take_away(turn.session, question)
    turn.session.flush()
    turn.emit("question.reopened", question)
    if into is not None:
        turn.edit(_note_about(question), cards.parted(question, _everybody_reads(turn, into, question)))
        turn.edit(_told_about(question), cards.told_parted(question))


def deleted_about(question: Question) -> str:
    """What the message is about that asks whether a deleted question stays."""
    return f"{question.about}:deleted"


def _who_answered(turn: Turn, question: Question) -> Sequence[Answer]:
    """The answer that was accepted, else the newest of everybody who answered; none of the asker's own."""
    accepted = accepted_of(turn.session, question)
    given = [accepted] if accepted else answers(turn.session, question)
    by_author = {answer.author_id: answer for answer in given if answer.author.active}
    by_author.pop(question.asker_id, None)
    return list(by_author.values())


def _everybody_reads(turn: Turn, here: Question, other: Question) -> bool:
    """Whether everybody who sees the thread of ``here`` may read ``other``."""
    return bool(set(access.keys_in(turn.session, here.place)) & set(other.audience))


def _show_following(turn: Turn, question: Question, follows: bool) -> None:
    """One message in their own chat, changed whenever they change their mind."""
    about = f"{question.about}:follow:{turn.actor.id}"
    card = cards.following(question, follows)
    if not turn.edit(about, card):
        turn.send(turn.actor, card, about=about)


def _note_about(question: Question) -> str:
    return f"{question.about}:merged"


def _told_about(question: Question) -> str:
    return f"{question.about}:merged:asker"
