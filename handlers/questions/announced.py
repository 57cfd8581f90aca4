"""Questions about an announcement: by its button, or by a reply to it. What nothing answers waits for its author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot.cards import Reply, T
from bot.inbound import Inbound
from bot.router import Router
from bot.turn import Turn
from handlers.questions import actions
from handlers.questions import announced_cards as cards
from models.announcements.responding import addressed, may_hide
from models.announcements.tables import Announcement, Receipt
from models.base import Refusal
from models.company import setting
from models.facts import Fact
from models.questions import Question, in_thread
from models.rows import run

router = Router()
router.refusal(
    no_questions=T("Its author asked for no questions here. You can ask me as usual, in a message of your own."),
    too_few_to_hide=cards.TOO_FEW,
    with_author_already=T("The author has your question already. Its card says what happens when."),
)
# Two who ask the same at the same moment do not see each other: for one announcement it goes one after another.
_ONE_BY_ONE = sql("select pg_advisory_xact_lock(hashtext('agora announcement'), cast(:id % 2147483647 as int))")
_SHOWN = """
select about from posted_card where conversation = %(conversation)s and reference = %(reference)s
  and about like 'announcement:%%' and (platform, installation) = (%(platform)s, %(installation)s) limit 1
"""


@router.button("announcements.ask")
def ask(turn: Turn, announcement_id: int) -> Reply:
    """A reader has a question."""
    announcement, _ = _open(turn, announcement_id)
    anonymously = bool(setting(turn.session, "anonymous"))
    return turn.open(cards.form(announcement, anonymously, may_hide(turn.session, announcement)))


@router.form("announcements.ask")
def asked(turn: Turn, announcement_id: int, values: dict[str, Any]) -> Reply | None:
    """They asked: answered in their own chat, as any question of theirs."""
    announcement, receipt = _open(turn, announcement_id)
    text = actions.check_question(str(values.get("text", "")), field="text")
    if values.get("anonymous") == "yes":
        if not setting(turn.session, "anonymous"):
            raise Refusal("not_anonymous", field="anonymous")
        if not may_hide(turn.session, announcement):
            raise Refusal("too_few_to_hide", field="anonymous")
        actions.do_mask(turn)
        actions.do_repeat(turn, text, turn.place)
        _ask(turn, announcement, None, text, None)
    else:
        place = actions.own_chat(turn)
        actions.do_repeat(turn, text, place)
        _ask(turn, announcement, receipt, text, None)
    return Reply(notice=T("I have answered in our own chat."))


@router.message
def replied(turn: Turn) -> bool:
    """A reply below an announcement is a question about it, if it can still be asked about."""
    heard = turn.inbound
    if heard.thread is None or not turn.private or not heard.text.strip():
        return False
    if in_thread(turn.session, turn.place, heard.thread) is not None:
        return False
    about = _shown(turn)
    if about is None:
        return False
    try:
        announcement, receipt = _open(turn, about)
    except Refusal:
        return False  # then it is a question like any other
    _ask(turn, announcement, receipt, actions.check_question(heard.text), heard.thread)
    return True


@router.button("announcements.author")
def to_author(turn: Turn, question_id: int) -> Reply | None:
    """What was found did not help: whoever announced it is asked."""
    question = turn.fetch(Question, question_id, to="ask expert")
    if question.with_author:
        raise Refusal("with_author_already")
    question.stays_open()
    if not actions.do_take_to_author(turn, question):
        raise Refusal("not_found")
    announcement = turn.session.get_one(Announcement, question.announcement_id)
    turn.emit("announcement.asked", announcement, question_id=question.id)
    turn.edit(question.about, cards.with_author(question))
    return None


@router.fact("question.author_due")
def reminded(turn: Turn, fact: Fact) -> None:
    """The author was reminded: the card says what happens next."""
    question = turn.session.get_one(Question, fact.entity_id)
    turn.edit(question.about, cards.with_author(question))


@router.seeks("form", "announcements.ask")
def in_form(session: Session, inbound: Inbound) -> Iterator[str]:
    """What was filled in."""
    yield str(inbound.values.get("text", "")).strip()


def _ask(turn: Turn, announcement: Announcement, receipt: Receipt | None, text: str, thread: str | None) -> None:
    """Ask it in the asker's own chat. That somebody asked is remembered of them, unless they asked without a name."""
    turn.session.execute(_ONE_BY_ONE, {"id": announcement.id})
    place = turn.place if thread is not None or receipt is None else actions.own_chat(turn)
    question = actions.do_ask(turn, text, place, thread, about=announcement)
    if receipt is not None:
        receipt.asked_at = receipt.asked_at or turn.now
    turn.emit("announcement.asked", announcement, question_id=question.id if question else None)


def _open(turn: Turn, announcement_id: int) -> tuple[Announcement, Receipt]:
    announcement, receipt = addressed(turn.session, turn.actor, announcement_id)
    if not announcement.questions:
        raise Refusal("no_questions")
    return announcement, receipt


def _shown(turn: Turn) -> int | None:
    """The announcement whose card the message replies to."""
    heard = turn.inbound
    values = {"platform": heard.platform, "installation": heard.installation,
              "conversation": heard.conversation, "reference": heard.thread}  # fmt: skip
    row = run(turn.session, _SHOWN, values).fetchone()
    number = re.fullmatch(r"announcement:(\d+)", row[0]) if row else None
    return int(number[1]) if number else None
