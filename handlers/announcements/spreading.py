"""One answer for all who ask the same about an announcement: each gets it in their own thread, a few at a time."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.router import Router
from bot.turn import Turn
from models.announcements.questions import first_of, rest
from models.answers import Answer
from models.facts import Fact
from models.people import Person
from models.questions import Question
from models.search.language import detect

router = Router()
AT_A_TIME = 50
_SPREAD = "announcements.spread"


def give(turn: Turn, question: Question, text: str, *, private: bool = False, copy_of: Answer | None = None) -> Answer:
    """An answer to one of them, of the actor or of whoever gave what it is a copy of. It is shown by whoever listens to
    ``question.answered``."""
    author: Person = copy_of.author if copy_of is not None else turn.actor
    given = Answer(
        question_id=question.id, question=question, author=author, text=text, private=private,
        language=copy_of.language if copy_of is not None else detect(text, author.locale),
        copy_of_id=copy_of.id if copy_of is not None else None,
    )  # fmt: skip
    turn.session.add(given)
    question.answered()
    turn.session.flush()
    turn.emit("question.answered", question, answer_id=given.id)
    return given


def spread(turn: Turn, given: Answer, first: int) -> None:
    """Let all the others have it that asked the same until now."""
    _next(turn, given, first, upto=_newest(turn, given))


@router.fact("question.answered")
def answered(turn: Turn, fact: Fact) -> None:
    """Somebody else answered one of them, openly: the others wait for the same."""
    given = turn.session.get(Answer, fact.data["answer_id"])
    if given is None or given.copy_of_id is not None or given.private or given.question.announcement_id is None:
        return
    first = first_of(given.question)
    if rest(turn.session, first, given.question.announcement_id, 2**62, 1):
        schedule = f"answer:{given.id}:spread:0"
        turn.later(turn.now, _SPREAD, schedule, answer_id=given.id, first=first, upto=_newest(turn, given))


@router.timer(_SPREAD)
def go_on(turn: Turn, answer_id: int, first: int, upto: int) -> None:
    """The next few."""
    given = turn.session.get(Answer, answer_id)
    if given is not None:
        _next(turn, given, first, upto)


def _next(turn: Turn, given: Answer, first: int, upto: int) -> None:
    announcement_id = given.question.announcement_id or 0
    waiting = rest(turn.session, first, announcement_id, upto, AT_A_TIME)
    for question in waiting:
        give(turn, question, given.text, private=given.private, copy_of=given)
    if len(waiting) == AT_A_TIME:
        schedule = f"answer:{given.id}:spread:{waiting[-1].id}"
        turn.later(turn.now, _SPREAD, schedule, answer_id=given.id, first=first, upto=upto)


def _newest(turn: Turn, given: Answer) -> int:
    """What is asked from now on finds the answer by itself."""
    newest = select(func.max(Question.id)).where(Question.announcement_id == given.question.announcement_id)
    return turn.session.scalar(newest) or 0
