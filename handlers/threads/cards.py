"""What people see of what becomes of a question."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    Form,
    Input,
    Link,
    Markdown,
    Moment,
    Option,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.mentions import mention
from bot.shorten import shortened
from bot.translating import offered
from models.people import Person
from models.questions import Question


def link(question: Question) -> Link:
    """The way to a question's page, by its words."""
    return Link(User(shortened(question.text)), f"/questions/{question.id}")


def following(question: Question, follows: bool) -> Card:
    """In the own chat of somebody who follows, or no longer does."""
    if follows:
        words = T("You follow this question. New answers come to you here.")
        button = Button(T("Unfollow"), "threads.unfollow", question.id)
    else:
        words = T("You no longer follow this question.")
        button = Button(T("Follow"), "threads.follow", question.id)
    return simple(words, link(question), Actions((button,)))


def followed(questions: Sequence[Question]) -> tuple[Element, ...]:
    """What somebody follows, in their home."""
    return tuple(part for question in questions for part in _line(question))


def reopen_form(question: Question) -> Form:
    """Why is it not solved after all?"""
    field = Input("why", T("What is still missing?"), "text", limit=2000,
                  hint=T("Whoever answered is told, and it is looked for together with your question."))  # fmt: skip
    quoted = (Markdown(shortened(question.whole, 600), question.language),)
    return Form(T("Reopen the question"), "threads.reopen", question.id, (field,), T("Reopen"), quoted)


def reopened(question: Question, why: str) -> Card:
    """In the thread: it is open again, and why."""
    words = T("{name} has reopened this:", name=mention(question.asker))
    return Card(words, (Text(words), Markdown(why, question.language)))


def told_reopened(question: Question, why: str, reader: Person) -> Card:
    """Told to ``reader``, who answered."""
    words = T("{name} has reopened a question that you answered:", name=mention(question.asker))
    answer = Button(T("Add another answer"), "answers.write", question.id, "primary", opens="form")
    said: tuple[Element, ...] = (Markdown(why, question.language),)
    said += offered("question", question.id, question.language, reader)
    return Card(words, (Text(words), link(question), *said, Actions((answer,))))


def duplicate_form(question: Question, candidates: Sequence[Question], words: str = "") -> Form:
    """Of which question is this one a duplicate? The likeliest are offered; any other by its number or its words."""
    inputs: list[Input] = []
    if candidates:
        options = tuple(Option(str(each.id), User(shortened(each.text, 70))) for each in candidates)
        inputs.append(Input("chosen", T("The question that stays"), "select", required=False, options=options))
    hint = T("Leave it empty if it is in the list. With words, the form comes back with what was found.")
    inputs.append(Input("number", T("Its number, or words of it"), value=words, required=not candidates, limit=300,
                        hint=hint if candidates else None))  # fmt: skip
    intro = (Text(T("Whoever follows this question will follow the other one instead.")), _quoted(question))
    return Form(T("Close as a duplicate"), "threads.duplicate", question.id, tuple(inputs), T("Close"), intro)


def merged(question: Question, into: Question, openly: bool) -> Card:
    """The thread's card of a duplicate. ``openly``: everybody there may read the other question."""
    words = T("This was closed as a duplicate. What is answered there comes to whoever asked or follows here.")
    other = link(into) if openly else Link(T("Open the other question"), f"/questions/{into.id}")
    undo = Button(T("Undo"), "threads.unmerge", question.id)
    return simple(words, other, Actions((undo,)))


def took_in(question: Question, openly: bool) -> Card:
    """In the thread of the question that stays: who else wants to know."""
    words = T("Another question was closed as a duplicate of this one. Whoever asked it hears what is answered here.")
    return simple(words, *((link(question),) if openly else ()))


def parted(question: Question, openly: bool) -> Card:
    """In the thread of the question that stayed, when that was taken back."""
    words = T("A question that was closed as a duplicate of this one stands for itself again.")
    return simple(words, *((link(question),) if openly else ()))


def told_merged(question: Question, into: Question, by: Person) -> Card:
    """Told to the asker, when somebody else did it."""
    words = T("{name} closed your question as a duplicate of another one. You follow that one now.", name=mention(by))
    undo = Button(T("Undo"), "threads.unmerge", question.id)
    return simple(words, _quoted(question), link(into), Actions((undo,)))


def told_parted(question: Question) -> Card:
    """The same message when that was taken back."""
    return simple(T("Your question stands for itself again."), link(question))


def withdraw(question: Question) -> Card:
    """The message of a question was deleted: is the question still there?"""
    words = T("You deleted the message in which you asked this. Shall I withdraw the question too?")
    sure = Button(T("Withdraw it"), "experts.withdraw", question.id, "danger")
    keep = Button(T("Keep it"), "threads.keep", question.id)
    return simple(words, _quoted(question), Actions((sure, keep)))


def kept(question: Question) -> Card:
    """It stays."""
    return simple(T("The question stays open."), link(question))


def withdrawn(question: Question) -> Card:
    """It is gone, and can be brought back."""
    again = Button(T("Reopen"), "threads.reopen", question.id, opens="form")
    return simple(T("Your question is closed."), link(question), Actions((again,)))


def _quoted(question: Question) -> Markdown:
    return Markdown(shortened(question.text, 600), question.language)


def _line(question: Question) -> tuple[Element, ...]:
    asked: Words = T("asked by {name} on {day}", name=mention(question.asker), day=Moment(question.created_at, True))
    unfollow = Button(T("Unfollow"), "threads.unfollow", question.id)
    return (link(question), Text(asked, subtle=True), Actions((unfollow,)))
