"""Whoever is asked answers: they accept, decline, or propose something else; whoever asked decides."""

from __future__ import annotations

from typing import Any

from bot.cards import Reply
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.tasks import answer_forms, finding
from models.base import Refusal
from models.tasks import assignments, life
from models.tasks.tables import LIVE, PROPOSED, RELEASED, Assignment

router = Router()


@router.button("tasks.accept")
def accept(turn: Turn, task_id: int) -> Reply | None:
    """They do it."""
    mine = finding.part(turn, task_id)
    assignments.accept(turn.session, mine)
    told(turn, "task.accepted", mine)
    return None


@router.button("tasks.decline")
def declining(turn: Turn, task_id: int) -> Reply:
    """They do not want to."""
    return turn.open(answer_forms.decline(finding.live_part(turn, task_id).task))


@router.form("tasks.decline")
def decline(turn: Turn, task_id: int, values: dict[str, Any]) -> Reply | None:
    """They say why not."""
    mine = finding.live_part(turn, task_id)
    assignments.decline(turn.session, mine, reason(turn, values))
    told(turn, "task.declined", mine)
    return None


@router.button("tasks.propose")
def proposing(turn: Turn, task_id: int) -> Reply:
    """They would do it otherwise, or know who should."""
    return turn.open(answer_forms.propose(finding.live_part(turn, task_id).task))


@router.form("tasks.propose")
def propose(turn: Turn, task_id: int, values: dict[str, Any]) -> Reply | None:
    """They say until when, or who."""
    mine = finding.live_part(turn, task_id)
    when, who = finding.text(values, "when"), finding.text(values, "who")
    if not when and not who:
        raise Refusal("propose_something", field="when")
    if when and who:
        raise Refusal("propose_one", field="who")
    why = reason(turn, values)
    if when:
        assignments.propose_date(turn.session, mine, finding.moment(turn, values), why)
    else:
        assignments.propose_person(turn.session, mine, finding.person(turn, values), why)
    told(turn, "task.proposed", mine)
    return None


@router.button("tasks.agree")
def agree(turn: Turn, assignment_id: int) -> Reply | None:
    """Whoever asked agrees to what was proposed."""
    theirs = _proposed(turn, assignment_id)
    task, before = theirs.task, theirs.task.due_at
    now_with = assignments.agree(turn.session, theirs)
    if now_with is theirs:
        stood = {"due_at": before.isoformat() if before else None}
        told(turn, "task.agreed", theirs, version=task.version, before=stood)
    else:
        told(turn, "task.agreed", theirs)
        told(turn, "task.handed_over", now_with, from_id=theirs.person_id)
    return None


@router.button("tasks.insist")
def insist(turn: Turn, assignment_id: int) -> Reply | None:
    """Whoever asked keeps it as it was."""
    theirs = _proposed(turn, assignment_id)
    assignments.insist(turn.session, theirs)
    told(turn, "task.insisted", theirs)
    return None


@router.button("tasks.ask_else")
def asking_else(turn: Turn, assignment_id: int) -> Reply:
    """Whoever asked wants somebody else."""
    theirs = finding.asked_of(turn, assignment_id)
    assignments.expect_open(theirs.task)
    return turn.open(answer_forms.ask_else(theirs))


@router.form("tasks.ask_else")
def ask_else(turn: Turn, assignment_id: int, values: dict[str, Any]) -> Reply | None:
    """They say whom."""
    theirs = finding.asked_of(turn, assignment_id)
    person = finding.person(turn, values)
    if theirs.state in LIVE:
        asked = assignments.hand_over(turn.session, theirs, person, by=turn.actor)
    else:
        asked = assignments.add(turn.session, theirs.task, person)
    told(turn, "task.handed_over", asked, from_id=theirs.person_id)
    return None


def reason(turn: Turn, values: dict[str, Any]) -> str:
    """What was written in a form's ``reason``, without the secrets in it."""
    said = finding.text(values, "reason")
    if len(said) > life.REASON:
        raise Refusal("text_too_long", field="reason", n=len(said) - life.REASON, most=life.REASON)
    return without_secrets(turn, said).text


def told(turn: Turn, verb: str, assignment: Assignment, **data: Any) -> None:
    """Record what became of the part of somebody."""
    turn.session.flush()
    turn.emit(verb, assignment.task, assignment_id=assignment.id, person_id=assignment.person_id, **data)


def _proposed(turn: Turn, assignment_id: int) -> Assignment:
    theirs = finding.asked_of(turn, assignment_id)
    assignments.expect_open(theirs.task)
    if theirs.state != PROPOSED:
        raise Refusal("nothing_proposed" if theirs.state == RELEASED else "task_decided")
    return theirs
