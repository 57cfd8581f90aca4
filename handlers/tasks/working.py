"""Doing it: done or not, what keeps somebody from it, handing it over, ticking off, saying something, dropping it."""

from __future__ import annotations

from typing import Any

from bot.cards import Reply
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.tasks import answer_forms, cards, finding, misread
from handlers.tasks.answering import reason, told
from models.base import Refusal
from models.tasks import assignments, checklist, comments, forms, life
from models.tasks.reading import locked
from models.tasks.tables import DECLINED, DONE, RELEASED, ChecklistItem

router = Router()


@router.button("tasks.done")
def done(turn: Turn, task_id: int) -> Reply | None:
    """They have done their part; whoever asked, and has no part in it, says so of the whole."""
    task = locked(turn.session, task_id)
    mine = assignments.own(turn.session, task, turn.actor) if task is not None else None
    if task is not None and task.asker_id == turn.actor.id and (mine is None or mine.state in (RELEASED, DECLINED)):
        return over(turn, task_id)
    mine = finding.live_part(turn, task_id)
    whole = assignments.finish(turn.session, mine)
    told(turn, "task.finished", mine)
    if whole:
        turn.emit("task.done", mine.task)
    return None


@router.button("tasks.over")
def over(turn: Turn, task_id: int) -> Reply | None:
    """Whoever asked says that all of it is done, also the parts of others."""
    task = finding.whole(turn, task_id, to="edit")
    life.finish(turn.session, task)
    turn.emit("task.done", task)
    return None


@router.button("tasks.undone")
def undone(turn: Turn, task_id: int) -> Reply | None:
    """They have not done their part after all."""
    mine = finding.part(turn, task_id)
    was_over = mine.task.state == DONE
    assignments.unfinish(turn.session, mine)
    told(turn, "task.unfinished", mine)
    if was_over:
        turn.emit("task.reopened", mine.task)
    return None


@router.button("tasks.reopen")
def reopen(turn: Turn, task_id: int) -> Reply | None:
    """It is not done, or wanted, after all."""
    task = finding.whole(turn, task_id, to="work")
    if task.state == DONE and task.asker_id != turn.actor.id:
        return undone(turn, task_id)
    turn.require("edit", task)
    life.reopen(turn.session, task)
    turn.emit("task.reopened", task)
    return None


@router.button("tasks.block")
def blocking(turn: Turn, task_id: int) -> Reply:
    """Something keeps them from it."""
    return turn.open(answer_forms.block(finding.live_part(turn, task_id).task))


@router.form("tasks.block")
def block(turn: Turn, task_id: int, values: dict[str, Any]) -> Reply | None:
    """They say what."""
    mine = finding.live_part(turn, task_id)
    assignments.block(turn.session, mine, reason(turn, values))
    told(turn, "task.blocked", mine)
    return None


@router.button("tasks.unblock")
def unblock(turn: Turn, task_id: int) -> Reply | None:
    """They can go on."""
    mine = finding.live_part(turn, task_id)
    assignments.unblock(turn.session, mine)
    told(turn, "task.unblocked", mine)
    return None


@router.button("tasks.hand_over")
def handing_over(turn: Turn, task_id: int) -> Reply:
    """Somebody else should do it."""
    return turn.open(answer_forms.hand_over(finding.live_part(turn, task_id).task))


@router.form("tasks.hand_over")
def hand_over(turn: Turn, task_id: int, values: dict[str, Any]) -> Reply | None:
    """They say who; or, with a reason, that it goes back to whoever asked."""
    mine = finding.live_part(turn, task_id)
    why = reason(turn, values)
    if not finding.text(values, "who"):
        assignments.decline(turn.session, mine, why)
        told(turn, "task.declined", mine)
        return None
    asked = assignments.hand_over(turn.session, mine, finding.person(turn, values), reason=why)
    told(turn, "task.handed_over", asked, from_id=mine.person_id)
    return None


@router.button("tasks.comment")
def commenting(turn: Turn, task_id: int) -> Reply:
    """They want to say something."""
    return turn.open(answer_forms.comment(finding.whole(turn, task_id, to="comment")))


@router.form("tasks.comment")
def comment(turn: Turn, task_id: int, values: dict[str, Any]) -> Reply | None:
    """They say it: whoever asked and whoever does it read it once."""
    task = finding.whole(turn, task_id, to="comment")
    said = without_secrets(turn, finding.text(values, "text")).text
    turn.emit("task.commented", task, comment_id=comments.add(turn.session, task, turn.actor, said).id)
    return None


@router.button("tasks.tick")
def tick(turn: Turn, item_id: int) -> Reply | None:
    """Tick an item off, or take the tick away."""
    item = turn.session.get(ChecklistItem, item_id)
    if item is None:
        raise Refusal("not_found")
    task = finding.whole(turn, item.task_id, to="work")
    assignments.expect_open(task)
    item = turn.session.get(ChecklistItem, item_id, populate_existing=True)
    if item is None:  # the list was written anew while the task was waited for
        raise Refusal("not_found")
    if item.done_at is None:
        checklist.tick(item, turn.actor)
    else:
        checklist.untick(item)
    turn.session.flush()
    turn.emit("task.ticked", task, position=item.position, done=item.done_at is not None)
    return None


@router.button("tasks.checklist")
def listing(turn: Turn, task_id: int) -> Reply:
    """The checklist is to be another one: the form shows how it stands now, or what of it could not be taken."""
    task = finding.whole(turn, task_id, to="work")
    form = forms.begin(turn.session, turn.actor, task=task, place=task.place)
    stands = "\n".join(item.words for item in checklist.items(turn.session, task))
    return turn.open(answer_forms.items(form, task, (form.filled or {}).get("checklist", stands)))


@router.form("tasks.checklist")
def listed(turn: Turn, form_id: int, values: dict[str, Any]) -> Reply | None:
    """Its items, one a line. What somebody else made of it meanwhile stays; where both changed it, that is said, and
    the next time the form is sent it counts."""
    form = forms.find(turn.session, form_id, turn.actor)
    task = finding.whole(turn, form.task_id or 0, to="work")
    said = finding.text(values, "checklist")
    try:
        before = life.change(turn.session, task, form.version, checklist=checklist.lines_of(said))
    except Refusal as refusal:
        if refusal.field != "checklist":
            raise
        form.version = refusal.facts.get("version", form.version)
        forms.keep(form, {**(form.filled or {}), "checklist": said})
        return turn.errors(checklist=misread.said(refusal))
    forms.end(turn.session, form)
    if before:
        turn.emit("task.listed", task, version=task.version, before=before)
    return None


@router.button("tasks.drop")
def dropping(turn: Turn, task_id: int) -> Reply:
    """It is not wanted any more."""
    task = finding.whole(turn, task_id, to="edit")
    assignments.expect_open(task)
    return turn.open(answer_forms.drop(task))


@router.form("tasks.drop")
def drop(turn: Turn, task_id: int, values: dict[str, Any]) -> Reply | None:
    """They may say why."""
    task = finding.whole(turn, task_id, to="edit")
    life.drop(turn.session, task, reason(turn, values))
    turn.emit("task.dropped", task)
    return None


@router.button("tasks.show")
def show(turn: Turn, task_id: int) -> Reply | None:
    """The whole task, for whoever presses."""
    task = finding.whole(turn, task_id, to="read")
    turn.whisper(cards.task(turn.session, task, turn.actor), about=task.about_for(turn.actor.id))
    return None
