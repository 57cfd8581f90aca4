"""Having a say: choosing, choosing otherwise, adding what can be chosen."""

from __future__ import annotations

import secrets
from typing import Any

from bot.cards import Reply, T
from bot.filled import text
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.decisions import cards, forms, notices, refusals, showing
from models.base import Refusal
from models.decisions import counting, life, voices
from models.decisions.tables import ONE, OPEN, Decision, DecisionOption

router = Router()


@router.button("decisions.say")
def say(turn: Turn, decision_id: int) -> Reply:
    """Somebody wants to have their say, or to change it."""
    decision = turn.fetch(Decision, decision_id, to="vote")
    voice = voices.check(turn.session, decision, turn.actor)
    options = counting.options(turn.session, decision)
    return turn.open(forms.say(decision, options, voice, _adds(turn, decision, options)))


@router.form("decisions.say")
def said(turn: Turn, decision_id: int, values: dict[str, Any]) -> Reply | None:
    """They had it. Of an anonymous one not even the event is kept that says what, be it counted or not."""
    decision = turn.fetch(Decision, decision_id, to="vote")
    if decision.anonymous:
        turn.unlinked, turn.correlation = True, secrets.token_hex(6)  # a card with a new choice leads to nobody
    try:
        chose = _take(turn, decision, values)
    except Refusal as refusal:
        return turn.errors(**{refusal.field or "choice": refusals.said(refusal)})
    state = showing.again(turn, decision)
    _tell_asker(turn, decision, state)
    if not chose:
        return Reply(notice=T("It can be chosen now."))
    return Reply(notice=T("Thank you. It is counted."))


def _take(turn: Turn, decision: Decision, values: dict[str, Any]) -> bool:
    """Whether something was chosen: anonymously something new may be added without that."""
    voices.check(turn.session, decision, turn.actor)
    position, another = forms.choice(values), _another(turn, values)
    reason = "" if decision.anonymous else text(values, "reason", forms.REASON, required=False)
    if position and turn.session.get(DecisionOption, (decision.id, position)) is None:
        raise Refusal("unknown_choice", field="choice")
    if not position and not another:
        raise Refusal("nothing_chosen", field="choice")
    if another:
        added = _add(turn, decision, another)
        position = position or (0 if decision.anonymous else added)
    if not position:
        return False
    again = voices.say(turn.session, decision, turn.actor, position, without_secrets(turn, reason).text)
    if not decision.anonymous:  # of an anonymous one nothing is recorded: when somebody chose would tell what
        turn.emit("decision.voted", decision, again=again)
    return True


def _another(turn: Turn, values: dict[str, Any]) -> str:
    said = " ".join(text(values, "another", forms.OPTION, required=False).split())
    return without_secrets(turn, said).text


def _add(turn: Turn, decision: Decision, words: str) -> int:
    position = life.add_option(turn.session, decision, turn.actor, words)
    if not decision.anonymous:
        turn.emit("decision.proposed", decision, position=position)
    return position


def _adds(turn: Turn, decision: Decision, options: list[DecisionOption]) -> bool:
    return life.may_add(decision, turn.actor) and len(options) < life.MOST_OPTIONS


def _tell_asker(turn: Turn, decision: Decision, state: cards.State) -> None:
    """Once nobody is missing, whoever asked need not wait."""
    about = f"decision:{decision.id}:all"
    if decision.state != OPEN or not state.counted.complete or turn.edit(about, notices.all_said(state)):
        return
    if decision.mode == ONE and decision.decider is not None:
        turn.send(decision.decider, notices.asks_decider(state), about)
    else:
        turn.send(decision.asker, notices.all_said(state), about)
