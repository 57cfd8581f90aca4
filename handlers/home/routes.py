"""``/agora`` and what to do with "help"."""

from __future__ import annotations

from sqlalchemy import exists, select

from bot.cards import Actions, Button, Card, Heading, Reply, T, Text, simple
from bot.router import Router
from bot.texts import everywhere
from bot.turn import Turn
from handlers.home import availability, deputy, encoding
from models.experts import live_of
from models.facts import Fact
from models.people import EMPLOYEE, with_role
from models.questions import open_of

router = Router()
router.include(availability.router)
router.include(deputy.router)
router.include(encoding.router)
_HELP, _STATUS = T("help"), T("status")
router.prompt(T("What can you do for me?"), _HELP)
router.prompt(T("What waits for me?"), _STATUS)
_GREETED = "person.greeted"
_WHAT_FOR = T(
    "I have your file, but what is it about? Send it again together with your question, or add it to an answer in the "
    "form in which you write that."
)
HELP_WORDS = frozenset({"help", "?", "aiuto", "مساعدة", "עזרה", "hi", "hello", "hey", "ciao", "مرحبا", "שלום", "start"})


def help_card() -> Card:
    """How to ask, in five lines."""
    intro = T("Ask me anything about the company. I answer from what is written, with its source.")
    lines = (
        T("In a channel: mention me with your question, and I answer in the thread."),
        T("Here: just write. Only you see it."),
        T("From any message: choose “Ask the experts about this” in its menu."),
        T("/ask your question: works anywhere, I answer here."),
        T("If nothing answers it, press “Ask an expert”: a person is asked for you."),
        T("/task: agree on who does what, until when. /tasks: what is yours, and what you asked of others."),
        T("/find words: search what is written. /know: write what you know, so that others find it."),
        T("Your home shows what is yours and what waits for you. In Slack it is a tab; in Teams, write “home”."),
    )
    ask = Button(T("Ask a question"), "questions.new", 0, "primary", opens="form")
    return Card(intro, (Heading(T("How to ask")), Text(intro), *(Text(line) for line in lines), Actions((ask,))))


@router.arrival
def met(turn: Turn) -> bool:
    """Agora came to somebody's own chat: they are greeted once, and told who may set it up."""
    if not turn.private:
        return False
    known = (Fact.entity == "person") & (Fact.entity_id == turn.actor.id) & (Fact.verb == _GREETED)
    if not turn.session.scalar(select(exists().where(known))):
        turn.reply(_welcome(turn))
        turn.emit(_GREETED, turn.actor)
    return True


@router.message
def greeted(turn: Turn) -> bool:
    """A greeting or a call for help, or a mention with nothing in it."""
    text = turn.inbound.text.strip().strip("!.؟?").casefold()
    if not (turn.private or turn.inbound.mentioned):
        return False
    if text in everywhere(_STATUS):
        turn.whisper(_status(turn))
        return True
    if not text and turn.inbound.files:
        turn.whisper(simple(_WHAT_FOR))
        return True
    if text and text not in HELP_WORDS | everywhere(_HELP):
        return False
    turn.whisper(help_card())
    return True


@router.command("agora", T("/agora help, /agora status, /agora settings, or /agora away until 2026-12-31"))
def agora(turn: Turn) -> Reply | None:
    """``/agora help``, ``status``, ``settings``, ``away until DAY`` and ``back``."""
    words = turn.inbound.text.casefold().split()
    if words[:1] == ["status"]:
        turn.whisper(_status(turn))
    elif words[:1] == ["settings"]:
        turn.whisper(_settings(turn))
    elif words[:1] in (["away"], ["back"]):
        return availability.command(turn, words)
    else:
        turn.whisper(help_card())
    return None


def _welcome(turn: Turn) -> Card:
    card = help_card()
    if turn.actor.kind != EMPLOYEE or with_role(turn.session, "admin"):
        return card
    hint = T("Nobody administers Agora yet. Write /admin to become its administrator: the first who does is.")
    return Card(card.summary, (*card.elements, Text(hint)))


def _settings(turn: Turn) -> Card:
    """The ways to what can be set: by this person for themselves, and where this is a channel, for it."""
    buttons = [Button(T("My settings"), "home.settings", 0, "primary", opens="form")]
    if not turn.private:
        buttons.append(Button(T("When I answer here"), "places.settings", turn.place.id, opens="form"))
    return simple(T("What would you like to change?"), Actions(tuple(buttons)))


def _status(turn: Turn) -> Card:
    mine, theirs = len(open_of(turn.session, turn.actor)), len(live_of(turn.session, turn.actor))
    first = T("You have {n} open question.", "You have {n} open questions.", n=mine)
    second = T("{n} question waits for your answer.", "{n} questions wait for your answer.", n=theirs)
    about_search = encoding.lines(turn.session, turn.actor)
    return simple(first, Text(second), Text(T("Your home shows them."), subtle=True), *about_search)
