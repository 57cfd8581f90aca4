"""What happens to a decision by itself: who is silent is reminded once, then it is counted; who decides alone is asked,
and reminded."""

from __future__ import annotations

from bot.router import Router
from bot.turn import Turn
from handlers.decisions import deciding, notices, showing
from models.decisions import steps, voices
from models.decisions.tables import DECIDED, NAMED, ONE, OPEN, Decision
from models.experts import away_until

router = Router()


@router.timer(steps.ROUTE)
def due(turn: Turn, decision_id: int, number: int) -> None:
    """Its next step is due, if it still is its next."""
    decision = turn.session.get(Decision, decision_id, with_for_update=True, populate_existing=True)
    if decision is None or decision.state != OPEN or decision.step_number != number:
        return
    match decision.next_step:
        case steps.REMIND if decision.closes_at > turn.now:  # else nobody was here to remind them in time
            _remind(turn, decision)
            steps.plan(turn.session, decision, steps.CLOSE, decision.closes_at)
        case steps.REMIND | steps.CLOSE if decision.mode == ONE:
            _ask_decider(turn, decision, steps.REMIND_DECIDER)
        case steps.REMIND | steps.CLOSE:
            deciding.do_close(turn, decision)
        case steps.REMIND_DECIDER:
            _ask_decider(turn, decision, steps.GIVE_UP)
        case _:
            deciding.do_leave_undecided(turn, decision, "silent")


@router.timer("decisions.begin")
def begin(turn: Turn, decision_id: int) -> None:
    """One that was begun, or decided, where nobody could be told is posted now."""
    decision = turn.session.get(Decision, decision_id, with_for_update=True, populate_existing=True)
    if decision is not None and decision.state == OPEN:
        turn.emit("decision.begun", decision, mode=decision.mode, anonymous=decision.anonymous)
        showing.begin(turn, decision)
    elif decision is not None and decision.state == DECIDED:
        deciding.do_tell(turn, decision)


def _remind(turn: Turn, decision: Decision) -> None:
    """Those who were asked by name in their own chats; where everybody decides, once for all."""
    state = showing.state_of(turn.session, decision)
    silent = voices.silent(turn.session, decision)
    if decision.mode != NAMED:
        if silent or state.counted.asked is None:
            showing.tell(turn, decision, notices.reminder_here(state), showing.end_about(decision))
            turn.emit("decision.reminded", decision)
        return
    here = [
        person for person in silent if (away_until(turn.session, person, turn.now) or turn.now) < decision.closes_at
    ]
    about = showing.end_about(decision)
    told = [person.id for person in here if turn.send(person, notices.reminder(state), about)]
    if told:
        turn.emit("decision.reminded", decision, people=told)


def _ask_decider(turn: Turn, decision: Decision, then: str) -> None:
    if decision.decider is None or not decision.decider.active:
        deciding.do_leave_undecided(turn, decision, "left")
        return
    turn.send(decision.decider, notices.asks_decider(showing.state_of(turn.session, decision, decision.decider)))
    steps.wait_for_decider(turn.session, decision, then)
