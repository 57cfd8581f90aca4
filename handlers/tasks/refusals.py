"""What is said to people where a task cannot be made, answered or changed as they want it."""

from __future__ import annotations

from bot import filled
from bot.cards import T
from bot.router import Router

SENTENCES = {
    **filled.SENTENCES,
    "nobody_asked": T("Say who is to do it, for example: @mona, or me."),
    "too_many_asked": T("At most {most} people can be asked to do one task. Announce it instead.", most=0),
    "cannot_be_asked": T("{name} cannot be asked to do tasks. Choose somebody else.", name=""),
    "task_theirs_already": T("{name} was asked to do this already.", name=""),
    "task_not_yours": T("You were not asked to do this. {name} may ask you.", name=""),
    "task_with_other": T("{name} has it now. Thank you for being there.", name=""),
    "task_asked_of_other": T("{name} is asked instead of you.", name=""),
    "task_done": T("This is done already."),
    "task_dropped": T("This is not wanted any more, so there is nothing left to do."),
    "task_not_done": T("This is not done yet."),
    "task_was_asked": T("You have not accepted this yet. Press “I will do it” first."),
    "task_was_proposed": T("You proposed something else, and that is still being decided."),
    "task_was_accepted": T("You have accepted this already."),
    "task_was_declined": T("You declined this. Whoever asked can ask you again."),
    "task_was_finished": T("You have done your part already."),
    "task_was_released": T("You do not need to do this any more."),
    "task_decided": T("This has been decided already."),
    "nothing_proposed": T("Nothing else is proposed any more."),
    "propose_something": T("Say until when you can do it, or who should do it."),
    "propose_one": T("Propose another date or another person, not both."),
    "choose_whom": T("Choose from the list instead of whom."),
    "one_person": T("Name one person: the task is theirs then."),
    "say_why_task": T("Write a few words: whoever asked needs to know why."),
    "say_why_blocked": T("Write a few words: whoever asked needs to know what keeps you from it."),
    "not_blocked": T("You can go on with this already."),
    "ticked_already": T("This was ticked off already."),
    "too_many_items": T(
        "That is {n} item, and at most {most} fit. What you wrote is still here: put the rest into another task.",
        "Those are {n} items, and at most {most} fit. What you wrote is still here: put the rest into another task.",
        n=0, most=0),
    "task_circle": T("“{title}” waits for this one itself, so none of them could ever begin.", title=""),
    "too_many_needs": T("A task can wait for at most {most} others.", most=0),
    "task_needs": T("“{title}” must be done first.", title=""),
    "task_needs_other": T("Another task, which you may not see, must be done first."),
    "unknown_task": T("I know no task {number}, or you may not see it.", number=0),
    "repeat_needs_date": T("Say until when the first is to be done: the others count from there."),
    "unknown_repeat": T("I cannot read how often. Choose from the list, or write: every Monday."),
    "task_changed": T(
        "Somebody changed this while you wrote. What you wrote is still here: look at the task, and save again."),
}  # fmt: skip


def register(router: Router) -> None:
    """Let ``router`` say them."""
    router.refusal(**SENTENCES)
