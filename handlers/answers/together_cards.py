"""What people see of questions that ask the same."""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Element, Form, Input, Link, Markdown, Moment, T, Text, User, Words, simple
from bot.mentions import named
from bot.shorten import shortened
from handlers.answers.cards import MOST
from models.repeated import Repeated

_QUOTED = 5


def lines(found: Repeated, label: Words) -> tuple[Element, ...]:
    """They in a list, with what may be done."""
    answer = Button(T("Answer all of them"), "answers.together", found.id, "primary", opens="form")
    sure = T("I will not show these questions together any more. Each stays as it is.")
    apart = Button(T("They ask different things"), "answers.apart", found.id, confirm=sure)
    read = Link(T("Read the questions"), f"/repeated/{found.id}")
    return (Text(label), Text(_waiting(found), subtle=True), read, Actions((answer, apart)))


def listed(found: Repeated) -> tuple[Element, ...]:
    """All of them in full, oldest first."""
    elements: list[Element] = [Text(_waiting(found))]
    for question in found.questions:
        asked = T("{name} asked on {day}", name=named(question.asker), day=Moment(question.created_at, True))
        elements += [Text(asked, subtle=True), Markdown(question.whole, question.language)]
        elements.append(Link(T("Open the thread"), f"/questions/{question.id}"))
    return tuple(elements)


def form(found: Repeated) -> Form:
    """The form in which all are answered."""
    text = Input("text", T("Your answer"), "text", limit=MOST,
                 hint=T("It appears in the thread of each of them, and each says whether it helped."))  # fmt: skip
    quoted: list[Element] = [Text(_waiting(found), subtle=True)]
    quoted += [Markdown(shortened(each.whole, 300), each.language) for each in found.questions[:_QUOTED]]
    if len(found.questions) > _QUOTED:
        more = len(found.questions) - _QUOTED
        quoted.append(Text(T("and {n} more", "and {n} more", n=more), subtle=True))
    return Form(T("Answer all of them"), "answers.together", found.id, (text,), T("Send the answer"), tuple(quoted))


def sent(label: Words, people: int) -> Card:
    """Told to whoever answered."""
    words = T("Your answer went to {n} person.", "Your answer went to {n} people.", n=people)
    more = T("To change it for all of them, edit it in the first message. What they asked:")
    return simple(words, Text(more, subtle=True), Text(label, subtle=True))


def default(found: Repeated) -> Words:
    """What they ask, in the words of the first."""
    return User(shortened(found.questions[0].text, 120))


def _waiting(found: Repeated) -> Words:
    return T("{n} person asked, and nobody has answered.", "{n} people asked, and nobody has answered.", n=found.people)
