"""How a decision ends: counted when its time is over, closed before, decided by one person, given more time, withdrawn;
and what is said of it where it was asked."""

from __future__ import annotations

from typing import Any

from bot.cards import Reply, T, User
from bot.filled import text
from bot.mentions import named
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.decisions import cards, forms, knowing, notices, refusals, showing
from models import access
from models.base import Refusal
from models.decisions import counting, life
from models.decisions.tables import DECIDED, ONE, Decision, keeper

router = Router()


@router.button("decisions.more")
def more(turn: Turn, decision_id: int) -> Reply | None:
    """How far it is, and what else can be done with it."""
    decision = turn.fetch(Decision, decision_id, to="read")
    manages = access.may(turn.session, turn.actor, "edit", decision)
    who_can = notices.who_can(decision, keeper(turn.session, decision))
    turn.whisper(cards.more(showing.state_of(turn.session, decision, turn.actor), manages, who_can))
    return None


@router.button("decisions.close")
def close(turn: Turn, decision_id: int) -> Reply | None:
    """Whoever asked closes it before its time, once nobody is missing."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    life.still_open(decision)
    if decision.mode == ONE and decision.decider is not None:
        raise Refusal("one_person_decides", name=named(decision.decider))
    counted = counting.count(turn.session, decision)
    if not counted.people:
        raise Refusal("nobody_said")
    if not counted.complete and counted.asked is not None:
        raise Refusal("not_everybody_said", n=counted.asked - counted.people)
    do_close(turn, decision)
    return None


@router.button("decisions.decide")
def decide(turn: Turn, decision_id: int) -> Reply:
    """One person decides, having heard the others."""
    decision = _theirs(turn, decision_id)
    return turn.open(forms.decide(decision, counting.options(turn.session, decision)))


@router.form("decisions.decide")
def decided(turn: Turn, decision_id: int, values: dict[str, Any]) -> Reply | None:
    """They did, and said why."""
    try:
        decision = _theirs(turn, decision_id)
        reasons = _written(turn, values)
        position = forms.choice(values)
        if not position:
            raise Refusal("nothing_chosen", field="choice")
        life.choose(turn.session, decision, position, reasons)
    except Refusal as refusal:
        return turn.errors(**{refusal.field or "choice": refusals.said(refusal)})
    do_tell(turn, decision)
    return Reply(notice=T("It is decided. I have said so in {place}.", place=User(decision.place.name)))


@router.button("decisions.explain")
def why(turn: Turn, decision_id: int) -> Reply:
    """The form that says why."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    if decision.state != DECIDED:
        raise Refusal("not_decided")
    return turn.open(forms.explain(decision))


@router.form("decisions.explain")
def explained(turn: Turn, decision_id: int, values: dict[str, Any]) -> Reply | None:
    """Why it was decided so."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    try:
        life.explain(decision, _written(turn, values))
    except Refusal as refusal:
        return turn.errors(**{"reasons": refusals.said(refusal)})
    knowing.follow(turn, decision)
    turn.emit("decision.reasoned", decision)
    showing.again(turn, decision)
    return Reply(notice=T("Thank you. It stands below the decision now."))


@router.button("decisions.extend")
def extend(turn: Turn, decision_id: int) -> Reply:
    """The form that says until when."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    life.not_settled(decision)
    return turn.open(forms.extend(decision))


@router.form("decisions.extend")
def extended(turn: Turn, decision_id: int, values: dict[str, Any]) -> Reply | None:
    """It has another end."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    try:
        life.extend(turn.session, decision, forms.until(turn.actor, values))
    except Refusal as refusal:
        return turn.errors(**{"until": refusals.said(refusal)})
    turn.emit("decision.extended", decision)
    _go_on(turn, decision)
    return None


@router.button("decisions.hand_to")
def hand_to(turn: Turn, decision_id: int) -> Reply:
    """The form that names who decides."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    life.not_settled(decision)
    return turn.open(forms.hand_to(decision))


@router.form("decisions.hand_to")
def handed(turn: Turn, decision_id: int, values: dict[str, Any]) -> Reply | None:
    """One person decides after all."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    try:
        decider = forms.one_person(turn.session, turn.actor, values)
        life.hand_to(turn.session, decision, decider)
    except Refusal as refusal:
        return turn.errors(**{"people": refusals.said(refusal)})
    turn.emit("decision.handed_over", decision, decider_id=decider.id)
    turn.send(decider, notices.asks_decider(_go_on(turn, decision)))
    return None


@router.button("decisions.withdraw")
def withdraw(turn: Turn, decision_id: int) -> Reply | None:
    """Nobody needs it any more, or what was decided does not hold any more."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    before = decision.state
    life.withdraw(turn.session, decision)
    knowing.forget(turn, decision)
    turn.emit("decision.withdrawn", decision, before=before)
    showing.again(turn, decision)
    showing.tell(turn, decision, notices.withdrawn(decision, before))
    return None


def _go_on(turn: Turn, decision: Decision) -> cards.State:
    """The thread hears how it goes on, and what was said before of its end says that too."""
    state, about = showing.again(turn, decision), showing.end_about(decision)
    line = notices.goes_on(state)
    turn.edit(about, line)
    showing.tell(turn, decision, line, about)
    return state


def do_close(turn: Turn, decision: Decision) -> None:
    """Count; what has the most voices is decided."""
    counted = counting.count(turn.session, decision)
    found = counting.outcome(counted.votes, counted.people, counting.least(decision))
    if found.chosen is None:
        do_leave_undecided(turn, decision, found.why)
        return
    life.choose(turn.session, decision, found.chosen)
    do_tell(turn, decision)
    turn.send(decision.asker, notices.asks_why(showing.state_of(turn.session, decision)))


def do_leave_undecided(turn: Turn, decision: Decision, because: str) -> None:
    """Nothing was chosen: the thread is told, and whoever asked says how it goes on."""
    life.leave_undecided(turn.session, decision)
    turn.emit("decision.undecided", decision, because=because)
    state = showing.again(turn, decision)
    showing.tell(turn, decision, notices.not_decided(state))
    turn.send(decision.asker, notices.asks_asker(state))


def do_tell(turn: Turn, decision: Decision) -> None:
    """It is known from now on, in its thread and to whoever asks; what it takes the place of is not any more."""
    before = turn.session.get(Decision, decision.replaces_id) if decision.replaces_id else None
    knowing.follow(turn, decision)
    turn.emit("decision.decided", decision, chosen=decision.chosen)
    state = showing.again(turn, decision)
    showing.tell(turn, decision, cards.result(state), showing.result_about(decision))
    if before is not None:
        knowing.forget(turn, before)
        turn.emit("decision.replaced", before, by=decision.id)
        showing.again(turn, before)


def _theirs(turn: Turn, decision_id: int) -> Decision:
    """One that they decide alone."""
    decision = turn.fetch(Decision, decision_id, to="read")
    life.still_open(decision)
    if decision.mode != ONE or decision.decider is None:
        raise Refusal("not_allowed")
    if decision.decider_id != turn.actor.id:
        raise Refusal("one_person_decides", name=named(decision.decider))
    return decision


def _written(turn: Turn, values: dict[str, Any]) -> str:
    return without_secrets(turn, text(values, "reasons", forms.DETAILS, required=False)).text
