"""What can be pressed on the cards of a task."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Element, T, Text, User
from bot.shorten import shortened
from handlers.tasks import saying
from models.people import Person
from models.tasks.tables import (
    ACCEPTED,
    ASKED,
    DECLINED,
    DONE,
    DROPPED,
    FINISHED,
    LIVE,
    OPEN,
    PROPOSED,
    UNSETTLED,
    Assignment,
    ChecklistItem,
    Task,
)

_LABEL = 40  # characters of an item on a button
_TICKS = 6


def own(task: Task, reader: Person, mine: Assignment | None) -> tuple[Button, ...]:
    """What somebody may do with a task, the likeliest first."""
    asker = task.asker_id == reader.id
    if task.state != OPEN:
        again = (asker or (mine is not None and mine.state == FINISHED)) and task.state in (DONE, DROPPED)
        label = T("Not done after all") if task.state == DONE else T("It is wanted after all")
        return (Button(label, "tasks.reopen", task.id), comment(task)) if again else ()
    shown = _assignee(task, mine) if mine is not None else ()
    return (*shown, *(_asker(task, mine) if asker else ()), comment(task))


def public(task: Task, found: Sequence[Assignment]) -> tuple[Button, ...]:
    """What stands in the thread: each looks whether whoever presses may."""
    shown = []
    if any(each.state in UNSETTLED for each in found):
        shown.append(accept(task))
        shown.append(Button(T("Decline…"), "tasks.decline", task.id, opens="form"))
    if any(each.state == ACCEPTED for each in found):
        shown.append(done(task, main=not shown))
    return (*shown, show(task))


def proposals(task: Task, reader: Person, found: Sequence[Assignment]) -> list[Element]:
    """What whoever asked decides: of each who proposed something else, or declined."""
    if task.asker_id != reader.id or task.state != OPEN:
        return []
    elements: list[Element] = []
    for each in found:
        if each.state == PROPOSED:
            agree = Button(T("Agree"), "tasks.agree", each.id, "primary")
            insist = Button(T("Keep it as it was"), "tasks.insist", each.id)
            elements += [Text(saying.proposal(each)), Actions((agree, insist, ask_else(each)))]
    declined = [each for each in found if each.state == DECLINED]
    if declined and not any(each.state in LIVE for each in found):
        elements.append(Actions((ask_else(declined[-1]),)))
    return elements


def ticks(items: Sequence[ChecklistItem]) -> tuple[Button, ...]:
    """The next items to be ticked off; the last one that was, to take the tick away; and the way to all of them."""
    ticked = [each for each in items if each.done_at is not None]
    last = max(ticked, key=lambda each: (each.done_at is not None and each.done_at, each.id), default=None)
    shown = [Button(T("☐ {item}", item=User(shortened(each.words, _LABEL))), "tasks.tick", each.id)
             for each in _next(items)]  # fmt: skip
    if last is not None:
        words = User(shortened(last.words, _LABEL))
        shown.append(Button(T("Not yet: {item}", item=words), "tasks.tick", last.id))
    return (*shown, Button(T("Change the checklist…"), "tasks.checklist", items[0].task_id, opens="form"))


def whole(items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    """Those that can be read in full on their buttons."""
    return [each for each in _next(items) if len(each.words) <= _LABEL]


def _next(items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    return [each for each in items if each.done_at is None][:_TICKS]


def accept(task: Task) -> Button:
    """They do it."""
    return Button(T("I will do it"), "tasks.accept", task.id, "primary")


def done(task: Task, main: bool = True) -> Button:
    """They have done it."""
    return Button(T("Done"), "tasks.done", task.id, "primary" if main else "default")


def show(task: Task) -> Button:
    """The whole task, for whoever presses."""
    return Button(T("Open"), "tasks.show", task.id)


def comment(task: Task) -> Button:
    """They say something about it."""
    return Button(T("Comment…"), "tasks.comment", task.id, opens="form")


def ask_else(assignment: Assignment) -> Button:
    """Somebody else is asked."""
    return Button(T("Ask somebody else…"), "tasks.ask_else", assignment.id, opens="form")


def _assignee(task: Task, mine: Assignment) -> tuple[Button, ...]:
    decline = Button(T("Decline…"), "tasks.decline", task.id, opens="form")
    hand_over = Button(T("Hand over…"), "tasks.hand_over", task.id, opens="form")
    other = Button(T("Propose something else…"), "tasks.propose", task.id, opens="form")
    if mine.state == ASKED:
        return (accept(task), decline, other)
    if mine.state == PROPOSED:
        return (Button(T("Accept as it was"), "tasks.accept", task.id), decline)
    if mine.state == FINISHED:
        return (Button(T("Not done after all"), "tasks.undone", task.id),)
    if mine.state != ACCEPTED:
        return ()
    if mine.blocked_because:
        stuck = Button(T("I can go on"), "tasks.unblock", task.id)
    else:
        stuck = Button(T("I cannot go on…"), "tasks.block", task.id, opens="form")
    proposing = () if task.asker_id == mine.person_id else (other,)
    return (done(task), stuck, *proposing, hand_over)


def _asker(task: Task, mine: Assignment | None) -> tuple[Button, ...]:
    change = Button(T("Change…"), "tasks.change", task.id, opens="form")
    drop = Button(T("Drop…"), "tasks.drop", task.id, "danger", opens="form")
    finished = () if mine is not None and mine.state in LIVE else (Button(T("It is done"), "tasks.over", task.id),)
    people = Button(T("Who does it…"), "tasks.people", task.id, opens="form")
    return (*finished, change, people, drop)
