"""Decisions of those who leave: whoever decides looks after them, else their manager; and their manager decides in
their place."""

from __future__ import annotations

from bot.router import Router
from bot.turn import Turn
from handlers.decisions import notices, showing
from models import deputies
from models.decisions import life, steps
from models.decisions.log import looked_after
from models.decisions.tables import ONE, OPEN, Decision
from models.facts import Fact
from models.people import Person

router = Router()


@router.fact("person.left")
def left(turn: Turn, fact: Fact) -> None:
    """What they asked or were to decide is somebody else's now; where there is nobody it ends when its time is over."""
    person = turn.session.get_one(Person, fact.entity_id)
    for decision in looked_after(turn.session, person):
        _hand_over(turn, decision, person)


def _hand_over(turn: Turn, decision: Decision, person: Person) -> None:
    manager = deputies.decider(turn.session, person)
    heirs = [each for each in (decision.decider, manager, decision.asker) if each and each.active and each != person]
    if not heirs:
        return
    if decision.decider_id == person.id and decision.mode == ONE:
        decider = next((each for each in (manager, *heirs) if each in heirs), heirs[0])
        decision.decider, decision.decider_id = decider, decider.id
    if decision.asker_id == person.id:
        life.hand_over(decision, heirs[0])
    turn.emit("decision.handed_over", decision, decider_id=decision.decider_id, asker_id=decision.asker_id)
    state = showing.again(turn, decision)
    turn.send(decision.asker, notices.looks_after(state, person))
    asked = decision.state == OPEN and decision.next_step in (steps.REMIND_DECIDER, steps.GIVE_UP)
    if asked and decision.decider is not None:
        turn.send(decision.decider, notices.asks_decider(state))
