"""Telling those who were answered with an entry that it was wrong: in their threads, once each, a few at a time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.router import Router
from bot.turn import Turn
from handlers.knowledge import cards
from models import access
from models.knowledge import WITHDRAWN, Entry
from models.mail import PostedCard
from models.merging import merged_into
from models.people import Account
from models.questions import Question
from models.servings import Serving

router = Router()
AT_A_TIME = 25  # threads in one turn
MOST = 500  # threads in all: the latest are told
SINCE = timedelta(days=365)  # what was answered before is not acted on any more
_TELL = "knowledge.tell"


def begin(turn: Turn, entry: Entry, upto: int) -> None:
    """Start to tell those who were answered with revision ``upto`` of ``entry`` or an earlier one."""
    _continue(turn, entry, upto, before=2**62, told=0)


@router.timer(_TELL)
def tell(turn: Turn, entry_id: int, upto: int, before: int, told: int) -> None:
    """Tell the next few threads, the latest first."""
    entry = turn.session.get(Entry, entry_id)
    if entry is None:
        return
    questions = turn.session.scalars(
        select(Question)
        .join(Serving, Serving.question_id == Question.id)
        .where(
            ((Serving.entry_id == entry.id) & (Serving.revision <= upto))
            | Serving.entry_id.in_(merged_into(turn.session, entry)),
            Serving.helped.is_distinct_from(False),
            Serving.at > turn.now - SINCE,
            Question.id < before,
        )
        .order_by(Question.id.desc())
        .limit(AT_A_TIME)
    ).all()
    for question in questions:
        _tell(turn, entry, question)
    told += len(questions)
    if len(questions) == AT_A_TIME and told < MOST:
        _continue(turn, entry, upto, questions[-1].id, told)


def _continue(turn: Turn, entry: Entry, upto: int, before: int, told: int) -> None:
    schedule = f"{entry.about}:tell:{entry.state}:{entry.revision}:{before}"
    turn.later(turn.now, _TELL, schedule, entry_id=entry.id, upto=upto, before=before, told=told)


def _tell(turn: Turn, entry: Entry, question: Question) -> None:
    """Openly where all who read the thread may read the entry, else to the asker alone, if they still may. A thread
    that was told before has its card changed: many corrections make one message."""
    session = turn.session
    card, about = cards.corrected(entry, entry.state == WITHDRAWN), f"{entry.about}:told:{question.id}"
    asker_may = bool(set(entry.audience) & set(access.keys_of(session, question.asker)))
    private = access.is_own_chat(question.place)
    openly = asker_may if private else bool(set(entry.audience) & set(access.keys_in(session, question.place)))
    if not openly and not asker_may:
        return
    if session.scalar(select(PostedCard.id).where(PostedCard.about == about).limit(1)) is not None:
        turn.edit(about, card)
    elif openly:
        turn.post(question.place, card, about=about, thread=question.thread)
    else:
        account = _account(turn, question)
        if account is not None:
            only = question.asker
            turn.post(question.place, card, about=about, thread=question.thread, only_for=only, account=account)


def _account(turn: Turn, question: Question) -> str | None:
    """The asker's account where they asked."""
    return turn.session.scalars(
        select(Account.external).where(
            Account.person_id == question.asker_id,
            Account.platform == question.place.platform,
            Account.installation == question.place.installation,
        )
    ).first()
