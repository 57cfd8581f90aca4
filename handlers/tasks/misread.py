"""What is said to people where something that they wrote of a task cannot be understood."""

from __future__ import annotations

from bot import filled
from bot.cards import T
from bot.router import Router
from handlers.tasks import refusals
from models.base import Refusal

SENTENCES = {
    **filled.NAMED,
    "no_rule": T("I cannot read how often. Write it as: every Monday, every 2 weeks, or monthly."),
    "no_such_task": T("I find no open task called “{part}”. Write the number of one.", part=""),
    "which_task": T("Several tasks are called “{part}”. Write the number of one: {known}.", part="", known=""),
    "task_form_ended": T("This was sent, or discarded, already. Write a new one."),
    "task_form_open": T("Something of it cannot be taken yet. Press “Change…”."),
}


def register(router: Router) -> None:
    """Let ``router`` say them."""
    router.refusal(**SENTENCES)


def said(refusal: Refusal) -> T:
    """What is said of one."""
    return filled.said(refusal, {**refusals.SENTENCES, **SENTENCES})
