"""Who decided this, and why? Asked in words, the decision itself answers, with who, when and why."""

from __future__ import annotations

import re
import unicodedata

from bot.router import Router
from bot.turn import Turn
from handlers.decisions import cards, showing
from models import access
from models.decisions import log
from models.decisions.find import find
from models.decisions.tables import DECIDED, OPEN, Decision
from models.search.asking import sought
from models.search.find import GOOD_ENOUGH
from models.search.language import detect

router = Router()
_LONGEST = 300  # characters: what is longer asks about more than a decision
_ASKS = (
    r"\b(who|why|when|what|how come|where)\b.*\b(decided?|decision|agreed? on)\b",
    r"\b(chi|perche|quando|cosa|che cosa|come mai|dove)\b.*\b(decis\w*|deciso|deciv\w*|decid\w*)\b",
    r"\b(chi|perche|quando)\b.*\bpreso\b.*\bdecisione\b",
    r"(?:^|\s)(ו?מי|ו?למה|ו?מדוע|ו?מתי|ו?מה|ו?איפה)\s.*(החליט\w*|הוחלט\w*|החלטנו|החלטתם|החלטה|ההחלטה)",
    r"(?:^|\s)(و?من|و?لماذا|و?ليش|و?متى|و?ماذا|و?لم|و?اين|و?مين)\s.*(قرر\w*|تقرر\w*|قررنا|قررتم|القرار|قرار|اتخذ\w*)",
)
_ASKING = re.compile("|".join(_ASKS))


@router.message
def asked(turn: Turn) -> bool:
    """A question about a decision: answered with the one of the thread, else with the one that it is surely about."""
    text = turn.inbound.text.strip()
    if len(text) > _LONGEST or not is_about_a_decision(text) or not _meant(turn):
        return False
    decision = _in_thread(turn) or _sought(turn, text)
    if decision is None:
        return False
    _answer(turn, decision)
    return True


def is_about_a_decision(text: str) -> bool:
    """Whether ``text`` asks who decided something, when, or why."""
    return _ASKING.search(_plain(text)) is not None


def _plain(text: str) -> str:
    """Small letters without accents, vowel signs and marks of direction; one form of the Arabic alif."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in folded if unicodedata.category(char) not in ("Mn", "Cf"))
    return " ".join(kept.split())


def _meant(turn: Turn) -> bool:
    """Whether Agora is spoken to."""
    if turn.private:
        return True
    return turn.place.answers != "off" and turn.inbound.mentioned


def _in_thread(turn: Turn) -> Decision | None:
    found = log.in_thread(turn.session, turn.place, turn.inbound.thread)
    if found is None or not access.may(turn.session, turn.actor, "read", found):
        return None
    return found if found.state in (DECIDED, OPEN) else None


def _sought(turn: Turn, text: str) -> Decision | None:
    wanted = sought(text)
    language = detect(text, turn.actor.locale)
    found = find(turn.session, turn.actor, wanted, language, 1, turn.vectors(wanted))
    return found[0].decision if found and found[0].confidence >= GOOD_ENOUGH else None


def _answer(turn: Turn, decision: Decision) -> None:
    """Openly where everybody there may read it, else to who asks alone."""
    alone = turn.private or set(decision.audience).isdisjoint(access.keys_in(turn.session, turn.place))
    card = cards.as_it_is(showing.state_of(turn.session, decision, turn.actor if alone else None))
    if alone:
        turn.whisper(card)
    else:
        turn.reply(card, thread=turn.inbound.thread or turn.inbound.message)
