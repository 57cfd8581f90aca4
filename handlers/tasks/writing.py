"""The ways in which a task is written: the command, a message, its form; and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cards import Form, Reply, T, Text, User, simple
from bot.filled import Errors
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.tasks import agreeing, forms, misread, previewing, words
from models import access
from models.announcements.tables import Announcement
from models.base import Refusal
from models.decisions.tables import Decision
from models.people import by_account
from models.places import PRIVATE, Place
from models.questions import Question
from models.tasks import assignments, life
from models.tasks import forms as written
from models.tasks.forms import TaskForm
from models.tasks.tables import Task

router = Router()
misread.register(router)
_WRITTEN = ("title", "details", "checklist")


@router.command("task", T("/task: make a task; /task @mona fix the door by Friday 10: one in a sentence"), opens="bare")
def task(turn: Turn) -> Reply | None:
    """Without words the form; with words how they are understood."""
    said = turn.inbound.text.strip()
    if not said:
        return new(turn, 0)
    turn.require("make", "task")
    form = written.begin(turn.session, turn.actor, place=_place(turn), thread=turn.inbound.thread)
    values = words.fields_of(turn.session, turn.actor, said[: forms.ROOM])
    if not values["who"]:
        values["seen"] = forms.ALONE
    kept, meant, errors = _taken(turn, form, values)
    written.keep(form, kept, None if errors else meant)
    _show(turn, form, errors)
    return None if _is_private(turn) else Reply(notice=_LOOK)


@router.button("tasks.new")
def new(turn: Turn, id: int) -> Reply:
    """The form, empty."""
    turn.require("make", "task")
    place = _place(turn) if turn.inbound.kind == "command" else None
    return _open(turn, written.begin(turn.session, turn.actor, place=place, thread=turn.inbound.thread), {})


@router.shortcut("tasks.from_message", T("Make a task"), opens="form")
def from_message(turn: Turn) -> Reply:
    """Any message that one may read becomes a task: its first line is what is to be done, by whoever wrote it."""
    turn.require("make", "task")
    heard, place = turn.inbound, _place(turn)
    if place is not None:
        turn.require("read", place)
    shared = place is not None and not turn.private
    form = written.begin(
        turn.session, turn.actor, place=place, thread=(heard.thread or heard.message) if shared else None,
        message=heard.message,
    )  # fmt: skip
    said = heard.text.strip()[: life.DETAILS]
    values = {"title": words.title_of(said), "details": said if words.title_of(said) != said else "",
              "who": _author(turn)}  # fmt: skip
    notes = (
        () if place is not None
        else (Text(T("I am not in that conversation: only you and whom you ask will see the task.")),)
    )  # fmt: skip
    return _open(turn, form, values, notes)


@router.button("tasks.from_question")
def from_question(turn: Turn, question_id: int) -> Reply:
    """What a question leads to."""
    turn.require("make", "task")
    question = turn.fetch(Question, question_id, to="read")
    place = _shared(turn, question.place)
    form = written.begin(turn.session, turn.actor, place=place, thread=question.thread if place else None,
                         question_id=question.id)  # fmt: skip
    return _open(turn, form, {"title": words.title_of(question.text)})


@router.button("tasks.from_announcement")
def from_announcement(turn: Turn, announcement_id: int) -> Reply:
    """What an announcement leads to."""
    turn.require("make", "task")
    announcement = turn.fetch(Announcement, announcement_id, to="read")
    form = written.begin(turn.session, turn.actor, announcement_id=announcement.id)
    return _open(turn, form, {"title": words.title_of(announcement.title)})


@router.button("tasks.from_decision")
def from_decision(turn: Turn, decision_id: int) -> Reply:
    """What a decision leads to."""
    turn.require("make", "task")
    decision = turn.fetch(Decision, decision_id, to="read")
    place = _shared(turn, decision.place)
    form = written.begin(turn.session, turn.actor, place=place, thread=decision.thread if place else None,
                         decision_id=decision.id)  # fmt: skip
    return _open(turn, form, {"title": words.title_of(decision.title)})


@router.button("tasks.change")
def change(turn: Turn, task_id: int) -> Reply:
    """The form of one that is there, as it reads now."""
    found = turn.fetch(Task, task_id, to="edit")
    assignments.expect_open(found)
    form = written.begin(turn.session, turn.actor, task=found, place=found.place)
    return _open(turn, form, forms.values_of(turn.session, found, turn.actor))


@router.button("tasks.rewrite")
def rewrite(turn: Turn, form_id: int) -> Reply:
    """The form again, with what was filled in."""
    return _open(turn, written.find(turn.session, form_id, turn.actor), {})


@router.form("tasks.write")
def filled(turn: Turn, form_id: int, values: dict[str, Any]) -> Reply | None:
    """The form was sent: what cannot be taken is said at its field, and kept."""
    form = written.find(turn.session, form_id, turn.actor)
    before = _changed(turn, form)
    sent = {name: value for name, value in values.items() if isinstance(value, str)}
    kept, meant, errors = _taken(turn, form, sent)
    if not errors and before is not None and meant["due_at"] == (before.due_at and before.due_at.isoformat()):
        errors = agreeing.change(turn, form, before, meant)
        if not errors:
            return None
    written.keep(form, kept, None if errors else meant)
    if errors:
        return turn.errors(**{name: misread.said(each) for name, each in errors.items()})
    _show(turn, form, {})
    return None if _is_private(turn) else Reply(notice=_LOOK)


@router.button("tasks.confirm")
def confirm(turn: Turn, form_id: int) -> Reply | None:
    """It is right: now it counts."""
    form = written.find(turn.session, form_id, turn.actor)
    if form.meant is None:
        raise Refusal("task_form_open")
    before = _changed(turn, form)
    meant = form.meant
    errors = agreeing.change(turn, form, before, meant) if before is not None else agreeing.make(turn, form, meant)
    if errors:
        written.keep(form, form.filled or {})
        _show(turn, form, errors)
    else:
        turn.withdraw(previewing.about(form))
    return None


@router.button("tasks.discard")
def discard(turn: Turn, form_id: int) -> Reply | None:
    """It is not wanted."""
    form = written.find(turn.session, form_id, turn.actor)
    title = User((form.filled or {}).get("title", ""))
    written.end(turn.session, form)
    turn.edit(previewing.about(form), simple(T("Discarded: {title}", title=title)))
    return None


_LOOK = T("Have a look in our own chat: nothing counts before you say there that it is right.")


def _open(turn: Turn, form: TaskForm, values: Mapping[str, str], notes: tuple[Text, ...] = ()) -> Reply:
    """The form, with what was left in it."""
    left = form.filled or {}
    if left and form.meant is None:
        again = T("What you filled in last time could not be taken yet. It is here again.")
        notes = (*notes, Text(again, subtle=True))
    return turn.open(_form(turn, form, {**values, **left}, notes))


def _form(turn: Turn, form: TaskForm, values: Mapping[str, str], notes: tuple[Text, ...]) -> Form:
    place = turn.session.get(Place, form.place_id) if form.place_id else None
    return forms.write(form, values, place, _changed(turn, form), notes)


def _taken(turn: Turn, form: TaskForm, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any], Errors]:
    """What was filled in, without secrets; what it is understood as, and why some of it cannot be taken."""
    kept = {name: without_secrets(turn, value).text if name in _WRITTEN else value for name, value in values.items()}
    meant, errors = forms.read(turn.session, turn.actor, kept, _changed(turn, form))
    return kept, meant, errors


def _show(turn: Turn, form: TaskForm, errors: Errors) -> None:
    """How it is understood, or why it is not, in their own chat: one card for each form."""
    card = previewing.problem(form, errors) if errors else previewing.card(turn.session, form, turn.actor)
    about = previewing.about(form)
    if not turn.edit(about, card) and not turn.send(turn.actor, card, about):
        turn.whisper(card, about)


def _changed(turn: Turn, form: TaskForm) -> Task | None:
    """The task that a form changes; none where it makes one."""
    if form.task_id is None:
        return None
    found = turn.fetch(Task, form.task_id, to="edit")
    assignments.expect_open(found)
    return found


def _place(turn: Turn) -> Place | None:
    """Where this is; none where Agora does not know that place (any more)."""
    try:
        return turn.place
    except Refusal:
        return None


def _shared(turn: Turn, place: Place) -> Place | None:
    """Where a task of it may stand: where people talk, and whoever makes it may read."""
    reads = place.kind != PRIVATE and access.may(turn.session, turn.actor, "read", place)
    return place if reads else None


def _is_private(turn: Turn) -> bool:
    place = _place(turn)
    return place is not None and turn.private


def _author(turn: Turn) -> str:
    """Whoever wrote the message, if Agora knows them."""
    heard, said = turn.inbound, turn.inbound.values.get("author")
    if not isinstance(said, str):
        return ""
    try:
        person = by_account(turn.session, heard.platform, heard.installation, said)
    except Refusal:
        return ""
    return "" if person.id == turn.actor.id else f"@{person.handle}"
