"""A question whose message was changed by its asker."""

from __future__ import annotations

from bot.cards import T, simple
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.questions import actions
from models.answers import answers
from models.questions import OPEN, OVER, Question
from models.search.language import detect
from models.threads import asked_in


def heard(turn: Turn) -> bool:
    """The asker changed the message in which they asked. Once somebody answered, the question stays what it was."""
    question = asked_in(turn.session, turn.place, turn.inbound.message)
    if question is None or question.asker_id != turn.actor.id:
        return False
    text = turn.inbound.text.strip()
    if not text or text == question.text:
        return True
    if question.state in OVER or answers(turn.session, question):
        turn.whisper(simple(T("Your question was answered as it was. Write what you changed into its thread.")))
        return True
    kept = without_secrets(turn, actions.check_text(text))
    if kept.text != question.text:
        do_change(turn, question, kept.text)
        actions.tell_masked(turn, question, kept.found)
    return True


def do_change(turn: Turn, question: Question, text: str) -> None:
    """It asks something else now: looked for again, unless a person has it already, who sees the new words."""
    question.text = text
    question.language = detect(text, turn.actor.locale)
    look_again(turn, question)


def look_again(turn: Turn, question: Question) -> None:
    """It reads otherwise: whoever has it sees that, and where nobody has it, it is looked for again."""
    turn.session.flush()
    turn.emit("question.changed", question)
    if question.state == OPEN:
        actions.do_show_again(turn, question)
