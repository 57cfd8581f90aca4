"""``/agora`` and what to do with "help"."""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Heading, Reply, T, Text, simple
from bot.router import Router
from bot.turn import Turn
from handlers.home import availability
from models.experts import live_of
from models.questions import open_of

router = Router()
router.include(availability.router)
HELP_WORDS = frozenset({"help", "?", "aiuto", "مساعدة", "עזרה", "hi", "hello", "hey", "ciao", "مرحبا", "שלום", "start"})


def help_card() -> Card:
    """How to ask, in five lines."""
    intro = T("Ask me anything about the company. I answer from what is written, with its source.")
    lines = (
        T("In a channel: mention me with your question, and I answer in the thread."),
        T("Here: just write. Only you see it."),
        T("From any message: choose “Turn into a question” in its menu."),
        T("/ask your question: works anywhere, I answer here."),
        T("If nothing answers it, press “Ask an expert”: a person is asked for you."),
    )
    ask = Button(T("Ask a question"), "questions.new", 0, "primary", opens="form")
    return Card(intro, (Heading(T("How to ask")), Text(intro), *(Text(line) for line in lines), Actions((ask,))))


@router.message
def greeted(turn: Turn) -> bool:
    """A greeting or a call for help, or a mention with nothing in it."""
    text = turn.inbound.text.strip().strip("!.؟?").casefold()
    spoken_to = turn.private or turn.inbound.mentioned
    if not spoken_to or (text and text not in HELP_WORDS):
        return False
    turn.whisper(help_card())
    return True


@router.command("agora", T("/agora help, /agora status, or /agora away until 2026-12-31"))
def agora(turn: Turn) -> Reply | None:
    """``/agora help``, ``/agora status``, ``/agora away until DAY`` and ``/agora back``."""
    words = turn.inbound.text.casefold().split()
    if words[:1] == ["status"]:
        turn.whisper(_status(turn))
    elif words[:1] in (["away"], ["back"]):
        return availability.command(turn, words)
    else:
        turn.whisper(help_card())
    return None


def _status(turn: Turn) -> Card:
    mine, theirs = len(open_of(turn.session, turn.actor)), len(live_of(turn.session, turn.actor))
    first = T("You have {n} open question.", "You have {n} open questions.", n=mine)
    second = T("{n} question waits for your answer.", "{n} questions wait for your answer.", n=theirs)
    return simple(first, Text(second), Text(T("Your home shows them."), subtle=True))
