"""What is said to people where something that they wrote of a task cannot be understood."""

from __future__ import annotations

from bot.cards import T
from bot.router import Router
from handlers.tasks import refusals
from models.base import Refusal

SENTENCES = {
    "no_rule": T("I cannot read how often. Write it as: every Monday, every 2 weeks, or monthly."),
    "name_unknown": T("I know nobody called “{part}”. Did you mean: {known}?", part="", known=""),
    "nobody_alike": T("I know nobody called “{part}”. Write the handle or the e-mail address of a colleague.", part=""),
    "name_of_several": T("Several people are called “{part}”. Write one of: {known}.", part="", known=""),
    "too_many_named": T("At most {most} people can be named. Name a group, or fewer.", most=0),
    "people_empty": T("Nobody is in that group. Name others."),
    "no_such_task": T("I find no open task called “{part}”. Write the number of one.", part=""),
    "which_task": T("Several tasks are called “{part}”. Write the number of one: {known}.", part="", known=""),
    "form_too_old": T("This form is too old. Copy your text, open the form again and put it in there."),
    "task_form_ended": T("This was sent, or discarded, already. Write a new one."),
    "task_form_open": T("Something of it cannot be taken yet. Press “Change…”."),
    "choose_one": T("Choose one of the list."),
}


def register(router: Router) -> None:
    """Let ``router`` say them."""
    router.refusal(**SENTENCES)


def said(refusal: Refusal) -> T:
    """What is said of one."""
    words = {**refusals.SENTENCES, **SENTENCES}.get(refusal.code, T("That did not work. Nothing was changed."))
    return T(words.text, words.many, **{**words.args, **refusal.facts})
