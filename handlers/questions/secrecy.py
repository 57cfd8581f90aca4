"""A secret in a question: it is left out at once, and its asker decides alone what becomes of it."""

from __future__ import annotations

from typing import Any

from bot.cards import Actions, Button, Card, Form, Input, Markdown, Reply, T, Text, simple
from bot.router import Router
from bot.shorten import shortened
from bot.turn import Turn
from handlers.questions import actions, changes
from models.facts import Fact
from models.questions import Question
from models.search.language import detect
from models.secrets import CARD, KEY, MASK, PASSWORD

router = Router()
_WHAT = {
    PASSWORD: T("Your question seems to hold a password."),
    KEY: T("Your question seems to hold a key or a token."),
    CARD: T("Your question seems to hold the number of a payment card."),
}
_OWN = ("message", "message_changed", "shortcut")  # what they wrote stands in the chat, where only they can change it


@router.fact("question.masked")
def masked(turn: Turn, fact: Fact) -> None:
    """A secret was left out: its asker alone is told, and may say that it was none."""
    question = turn.session.get_one(Question, fact.entity_id)
    turn.whisper(left_out(question, fact.data["kinds"], turn.inbound.kind in _OWN))


@router.button("questions.remove_secret")
def remove(turn: Turn, question_id: int) -> Reply | None:
    """It was a secret: nothing is left of it but what the asker wrote themselves."""
    question = turn.fetch(Question, question_id, to="withdraw")
    turn.emit("question.secret_removed", question)
    turn.replace(removed(question))
    return None


@router.button("questions.no_secret")
def no_secret(turn: Turn, question_id: int) -> Reply:
    """It was none: what was left out was not kept, so they write it once more."""
    return turn.open(form(turn.fetch(Question, question_id, to="withdraw")))


@router.form("questions.no_secret")
def said_again(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply | None:
    """What they wrote is taken as it is: they said that it may be read."""
    question = turn.fetch(Question, question_id, to="withdraw")
    text = actions.check_text(str(values.get("text", "")), field="text")
    if _in_last(question):
        question.more = [*question.more[:-1], text]
    else:
        question.text, question.language = text, detect(text, turn.actor.locale)
    turn.emit("question.secret_released", question)
    changes.look_again(turn, question)
    turn.replace(released(question))
    return None


def left_out(question: Question, kinds: list[str], own: bool) -> Card:
    """What was left out, how the question reads now, and what only they can do about their own message."""
    words = _WHAT[next(kind for kind in _WHAT if kind in kinds)]
    kept = T("I have left it out: it is not kept, looked for or shown to anybody. The question reads like this now:")
    quoted = Markdown(shortened(_part(question), 600), question.language)
    remove = Button(T("Remove it"), "questions.remove_secret", question.id, "primary")
    no_secret = Button(T("It is not a secret"), "questions.no_secret", question.id, opens="form")
    return Card(words, (Text(words), Text(kept), quoted, *_own_message(own), Actions((remove, no_secret))))


def removed(question: Question) -> Card:
    """It is gone from all that Agora has; the rest is theirs to do."""
    words = T("It is removed: nothing that I keep or have posted holds it.")
    return Card(words, (Text(words), *_own_message(True)))


def released(question: Question) -> Card:
    """It was none."""
    return simple(T("Thank you. The question is asked as you wrote it."))


def form(question: Question) -> Form:
    """The question with what was left out of it to be filled in."""
    hint = T("Write again what stands here as {mask}. It is kept and shown as you write it.", mask=MASK)
    what = Input("text", T("Your question"), "text", _part(question)[:3000], hint, limit=3000)
    return Form(T("It is not a secret"), "questions.no_secret", question.id, (what,), T("Ask"))


def _own_message(own: bool) -> tuple[Text, ...]:
    if not own:
        return ()
    words = T(
        "I cannot change your own message: delete or edit it where you wrote it. If others could read it, change the "
        "secret itself."
    )
    return (Text(words),)


def _part(question: Question) -> str:
    return question.more[-1] if _in_last(question) else question.text


def _in_last(question: Question) -> bool:
    """Whether it was left out of what they added last."""
    return bool(question.more) and MASK in question.more[-1]
