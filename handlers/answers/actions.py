"""What answering does: ``check_*`` refuses, ``do_*`` changes the state, then sends and emits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.ai import model
from bot.turn import Turn
from handlers.answers import cards
from handlers.answers.cards import Standing
from models import access
from models.answers import Answer, Comment, accepted_of, answers, comments, count_comments, finds_helpful, vote, votes
from models.base import Refusal
from models.experts import ANSWERED, offer_of
from models.files import attach, files_of
from models.followers import followers
from models.people import Person
from models.questions import JOINED, MERGED, SOLVED, Question
from models.readers import read_otherwise
from models.repeated import copies
from models.search.language import detect

TOGETHER = timedelta(minutes=15)  # comments of this span are told in one message
_SHOWN = 3


def check_text(text: str, most: int) -> str:
    """The text without the spaces around it; refused where nothing is left or it is too long."""
    wanted = text.replace("\0", "").strip()
    if not wanted:
        raise Refusal("empty_text", field="text")
    if len(wanted) > most:
        raise Refusal("too_long", field="text", most=most)
    return wanted


def do_answer(
    turn: Turn,
    question: Question,
    text: str,
    private: bool = False,
    shareable: bool = False,
    files: Sequence[int] = (),
    copy_of: Answer | None = None,
) -> Answer:
    """A person answers. What was merged meanwhile is answered where it was merged into: nothing written is lost.
    ``copy_of``: the same was given to others before.

    Whoever makes an ``Answer`` otherwise emits ``question.answered`` too: ``do_show`` listens and tells everybody.
    """
    question = _standing_for(turn, question)
    given = Answer(
        question_id=question.id,
        author=turn.actor,
        question=question,
        text=check_text(text, cards.MOST),
        language=detect(text, turn.actor.locale),
        private=private,
        shareable=private and shareable,
        copy_of_id=copy_of.id if copy_of else None,
    )
    turn.session.add(given)
    question.answered()
    turn.session.flush()
    attach(turn.session, turn.actor, files, given)
    turn.emit("question.answered", question, answer_id=given.id)
    return given


def do_show(turn: Turn, given: Answer) -> None:
    """Post a new answer in the asker's thread, tell those who follow, and leave its author a card to edit it."""
    question = given.question
    standing = standing_of(turn, given)
    turn.post(question.place, cards.in_thread(given, standing), about=given.about, thread=question.thread)
    for person in _told(turn, given):
        if not turn.send(person, cards.told(given, standing), about=_told_about(given)) and given.private:
            _show_in_place(turn, given, person)
    if not _show_on_offer(turn, given, standing) and given.copy_of_id is None:
        turn.send(given.author, cards.authors(given, standing), about=_author_about(given))


def do_accept(turn: Turn, given: Answer) -> None:
    """The asker says that this answer solved it. One answer does: another that was accepted is not any more."""
    question = turn.fetch(Question, given.question_id, to="solve")
    if question.state == MERGED:
        raise Refusal("already_merged", number=question.merged_into_id)
    if given.accepted:
        raise Refusal("already_accepted")
    before = accepted_of(turn.session, question)
    if before is not None:
        _take_back(turn, before)
    given.accept()
    if question.state != SOLVED:
        question.solve(None)
    question.solved_by_id = None
    turn.session.flush()
    turn.emit("answer.accepted", given)
    turn.emit("question.solved", question, entry_id=None, answer_id=given.id)
    refresh(turn, given)


def do_accept_only(turn: Turn, question: Question) -> None:
    """The question was solved by its only answer, if it has one."""
    given = answers(turn.session, question)
    if len(given) == 1 and not given[0].accepted:
        given[0].accept()
        turn.session.flush()
        turn.emit("answer.accepted", given[0])
        refresh(turn, given[0])


def do_unaccept(turn: Turn, given: Answer) -> None:
    """The asker takes that back: the question is open again, and waits for them as before."""
    question = turn.fetch(Question, given.question_id, to="reopen")
    if not given.accepted:
        raise Refusal("not_accepted")
    question.reopen()
    question.answered()
    turn.emit("question.reopened", question)


def do_take_back(turn: Turn, question: Question) -> None:
    """A question was reopened: no answer of it is accepted any more."""
    given = accepted_of(turn.session, question)
    if given is not None:
        _take_back(turn, given)


def do_vote(turn: Turn, given: Answer) -> None:
    """Somebody found it helpful, or takes that back."""
    helpful = vote(turn.session, given, turn.actor)
    turn.emit("answer.voted", given, value=int(helpful))
    refresh(turn, given)


def do_vote_as(turn: Turn, given: Answer, helpful: bool) -> None:
    """Somebody found it helpful or not: nothing happens where they said so before."""
    if finds_helpful(turn.session, given, turn.actor) != helpful:
        do_vote(turn, given)


def do_comment(turn: Turn, given: Answer, text: str) -> None:
    """Somebody remarks on it: below the answer at once, and told to the author and the asker, grouped."""
    said = Comment(answer_id=given.id, author=turn.actor, text=check_text(text, cards.MOST_OF_COMMENT))
    turn.session.add(said)
    turn.session.flush()
    turn.emit("answer.commented", given, comment_id=said.id)
    refresh(turn, given)
    for person in {given.author_id: given.author, given.question.asker_id: given.question.asker}.values():
        if person.id != turn.actor.id and person.active and access.may(turn.session, person, "read", given):
            _tell_comment(turn, given, person)


def do_edit(turn: Turn, given: Answer, text: str) -> None:
    """Its author says it better: to all to whom they said it."""
    same = [each for each in copies(turn.session, given) if each.text == given.text]
    for each in (given, *same):
        _edit(turn, each, text)


def _edit(turn: Turn, given: Answer, text: str) -> None:
    given.edit(turn.session, check_text(text, cards.MOST))
    given.language = detect(given.text, turn.actor.locale)
    turn.session.flush()
    turn.emit("answer.edited", given)
    refresh(turn, given)


def do_share(turn: Turn, given: Answer) -> None:
    """The asker lets everybody read what was for them alone."""
    given.share()
    turn.session.flush()
    turn.emit("answer.shared", given)
    refresh(turn, given)
    for person in _told(turn, given):
        turn.send(person, cards.told(given, standing_of(turn, given)), about=_told_about(given))


def refresh(turn: Turn, given: Answer) -> None:
    """Show an answer everywhere as it stands now."""
    standing = standing_of(turn, given)
    turn.edit(given.about, cards.in_thread(given, standing))
    turn.edit(_told_about(given), cards.told(given, standing))
    turn.edit(_author_about(given), cards.authors(given, standing))
    _show_on_offer(turn, given, standing)


def standing_of(turn: Turn, given: Answer) -> Standing:
    """How an answer stands, for its card."""
    session = turn.session
    return Standing(votes(session, given), comments(session, given, _SHOWN), count_comments(session, given),
                    files_of(session, given), _is_foreign(turn, given))  # fmt: skip


def _is_foreign(turn: Turn, given: Answer) -> bool:
    """Whether somebody who is shown it reads another language, where there is a model to translate it."""
    if model.current() is None:
        return False
    if given.private:
        return given.question.asker.locale != given.language
    return read_otherwise(turn.session, given.question, given.language)


def _standing_for(turn: Turn, question: Question) -> Question:
    """The question that takes answers: itself, or the one that it was merged into or joined."""
    instead = question.merged_into_id if question.state == MERGED else None
    if question.state == JOINED:
        instead = question.like_id
    if instead is None:
        return question
    try:
        return turn.fetch(Question, instead, to="answer")
    except Refusal:
        raise Refusal("already_merged", number=instead) from None


def _told(turn: Turn, given: Answer) -> list[Person]:
    """Who hears of a new answer in their own chat: the asker of a private one, else all who follow and may read it."""
    question = given.question
    if given.private:
        return [] if question.place.kind == "private" else [question.asker]
    silent = {question.asker_id, given.author_id}
    return [
        person
        for person in followers(turn.session, question)
        if person.id not in silent and access.may(turn.session, person, "read", given)
    ]


def _show_in_place(turn: Turn, given: Answer, person: Person) -> None:
    """A private answer to somebody who has no chat with Agora yet: in the thread, for their eyes alone."""
    place = given.question.place
    at = (place.platform, place.installation)
    here = [account for account in person.accounts if (account.platform, account.installation) == at]
    turn.post(
        place,
        cards.told(given, standing_of(turn, given)),
        about=_told_about(given),
        thread=given.question.thread,
        only_for=person,
        account=here[0].external if here else None,
    )


def _show_on_offer(turn: Turn, given: Answer, standing: Standing) -> bool:
    """Whoever was offered the question has a card of it already: it becomes that of their first answer."""
    offer = offer_of(turn.session, given.question, given.author)
    if offer is None or not (offer.live or offer.state == ANSWERED):
        return False
    first = min(each.id for each in answers(turn.session, given.question) if each.author_id == given.author_id)
    return given.id == first and turn.edit(offer.about, cards.authors(given, standing)) > 0


def _take_back(turn: Turn, given: Answer) -> None:
    given.unaccept()
    turn.session.flush()
    turn.emit("answer.unaccepted", given)
    refresh(turn, given)
    if given.author.active and given.author_id != turn.actor.id:
        turn.send(given.author, cards.unaccepted(given))


def _tell_comment(turn: Turn, given: Answer, person: Person) -> None:
    """The first comment of a while is a message; those that follow within ``TOGETHER`` are added to it."""
    group: list[Comment] = []
    for comment in comments(turn.session, given):
        if comment.author_id == person.id:
            group = []
        elif not group or comment.at - group[0].at > TOGETHER:
            group = [comment]
        else:
            group.append(comment)
    about = f"comments:{person.id}:{group[0].id}"
    if len(group) == 1:
        turn.send(person, cards.commented(given, group), about=about)
    else:
        turn.edit(about, cards.commented(given, group))


def _told_about(given: Answer) -> str:
    return f"{given.about}:told"


def _author_about(given: Answer) -> str:
    return f"{given.about}:author"
