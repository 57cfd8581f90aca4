"""The short forms that the buttons of a task open."""

from __future__ import annotations

from bot.cards import Element, Form, Input, T, Text, User
from bot.mentions import named
from models.tasks import checklist, comments, life
from models.tasks.forms import TaskForm
from models.tasks.tables import Assignment, Task

WHEN, WHO, ROOM = 60, 200, 20_000  # characters; what is too long comes back whole
_PEOPLE = T("A name, @handle or e-mail address.")


def decline(task: Task) -> Form:
    """Why they do not do it."""
    hint = T("{name} reads this, and decides how it goes on.", name=named(task.asker))
    return _form(T("Decline the task"), "tasks.decline", task, T("Decline the task"), _reason(T("Why not?"), hint))


def propose(task: Task) -> Form:
    """Another date, or another person."""
    when = Input("when", T("Until when could you do it?"), limit=WHEN, required=False,
                 hint=T("For example: next Tuesday 10:00"))  # fmt: skip
    who = Input("who", T("Or who should do it?"), limit=WHO, required=False, hint=_PEOPLE)
    why = _reason(T("Why?"), T("{name} decides.", name=named(task.asker)), required=False)
    return _form(T("Propose something else"), "tasks.propose", task, T("Propose"), when, who, why)


def block(task: Task) -> Form:
    """What keeps them from it."""
    hint = T("{name} reads this. I do not remind you meanwhile.", name=named(task.asker))
    return _form(T("I cannot go on"), "tasks.block", task, T("Send"), _reason(T("What keeps you from it?"), hint))


def hand_over(task: Task) -> Form:
    """Who takes it instead."""
    hint = T("They are asked. Empty: it goes back to {name}.", name=named(task.asker))
    who = Input("who", T("Who takes it over?"), limit=WHO, required=False, hint=hint)
    why = _reason(T("Why?"), T("Needed where it goes back."), required=False)
    return _form(T("Hand over"), "tasks.hand_over", task, T("Hand over"), who, why)


def ask_else(assignment: Assignment) -> Form:
    """Who is asked instead."""
    who = Input("who", T("Who is to do it?"), limit=WHO, hint=_PEOPLE)
    intro = (Text(User(assignment.task.title), subtle=True),)
    return Form(T("Ask somebody else"), "tasks.ask_else", assignment.id, (who,), T("Ask"), intro)


def comment(task: Task) -> Form:
    """What they say about it."""
    hint = T("Whoever asked and whoever does it read this.")
    text = Input("text", T("Your comment"), "text", hint=hint, limit=comments.LONGEST)
    return _form(T("Comment"), "tasks.comment", task, T("Send"), text)


def items(form: TaskForm, task: Task, lines: str) -> Form:
    """The checklist, one item a line."""
    hint = T("One item a line, at most {most}. What is ticked off stays ticked off.", most=checklist.MOST)
    text = Input("checklist", T("Checklist"), "text", lines, hint, required=False, limit=ROOM)
    intro = (Text(User(task.title), subtle=True),)
    return Form(T("Checklist"), "tasks.checklist", form.id, (text,), T("Save"), intro)


def drop(task: Task) -> Form:
    """Why it is not wanted any more."""
    hint = T("Whoever does it reads this.")
    return _form(T("Drop"), "tasks.drop", task, T("Drop"), _reason(T("Why?"), hint, required=False))


def _reason(label: T, hint: T, required: bool = True) -> Input:
    return Input("reason", label, "text", hint=hint, required=required, limit=life.REASON)


def _form(title: T, route: str, task: Task, submit: T, *inputs: Input) -> Form:
    intro: tuple[Element, ...] = (Text(User(task.title), subtle=True),)
    return Form(title, route, task.id, inputs, submit, intro)
