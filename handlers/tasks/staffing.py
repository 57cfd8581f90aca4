"""Whoever asked looks again at who does it: somebody else, one more, or one fewer."""

from __future__ import annotations

from typing import Any

from bot.cards import Form, Input, Option, Reply, T, Text, User
from bot.mentions import named
from bot.router import Router
from bot.turn import Turn
from handlers.tasks import answer_forms, finding
from handlers.tasks.answering import told
from models.base import Refusal
from models.tasks import assignments
from models.tasks.tables import LIVE, Assignment, Task

router = Router()
_NOBODY = "0"


@router.button("tasks.people")
def choosing(turn: Turn, task_id: int) -> Reply:
    """They want others, or fewer."""
    task = finding.whole(turn, task_id, to="edit")
    assignments.expect_open(task)
    return turn.open(_form(task, assignments.of(turn.session, task, *LIVE)))


@router.form("tasks.people")
def chosen(turn: Turn, task_id: int, values: dict[str, Any]) -> Reply | None:
    """They say who, and instead of whom."""
    task = finding.whole(turn, task_id, to="edit")
    assignments.expect_open(task)
    before = finding.text(values, "instead")
    found = {str(each.person_id): each for each in assignments.of(turn.session, task, *LIVE)}
    if before != _NOBODY and before not in found:
        raise Refusal("choose_whom", field="instead")
    if before != _NOBODY and not finding.text(values, "who"):
        _release(turn, found[before])
        return None
    person = finding.person(turn, values)
    if before == _NOBODY:
        told(turn, "task.handed_over", assignments.add(turn.session, task, person))
        return None
    asked = assignments.hand_over(turn.session, found[before], person, by=turn.actor)
    told(turn, "task.handed_over", asked, from_id=found[before].person_id)
    return None


def _release(turn: Turn, theirs: Assignment) -> None:
    over = assignments.release(turn.session, theirs)
    told(turn, "task.released", theirs)
    if over:
        turn.emit("task.done", theirs.task)


def _form(task: Task, live: list[Assignment]) -> Form:
    people = tuple(Option(str(each.person_id), named(each.person)) for each in live)
    first = people[0].value if len(people) == 1 else ""
    instead = Input("instead", T("Instead of whom?"), "select", first,
                    options=(*people, Option(_NOBODY, T("Nobody: one more is asked"))))  # fmt: skip
    hint = T("A name, @handle or e-mail address. Empty: they do not need to do it any more.")
    who = Input("who", T("Who is asked?"), limit=answer_forms.WHO, required=False, hint=hint)
    intro = (Text(User(task.title), subtle=True),)
    return Form(T("Who does it"), "tasks.people", task.id, (instead, who), T("Save"), intro)
