"""What the author of an announcement sees of the questions about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    Form,
    Heading,
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
from bot.mentions import named
from bot.shorten import shortened
from models.announcements.tables import Announcement
from models.base import Refusal
from models.learning import TITLE
from models.repeated import Repeated

MOST = 12_000  # characters of an answer
_QUOTED = 5


def check(values: dict[str, Any], field: str) -> str:
    """What was written in a field; refused where that is nothing, or too much."""
    text, most = str(values.get(field, "")).replace("\0", "").strip(), TITLE if field == "title" else MOST
    if not text:
        raise Refusal("empty_text", field=field)
    if len(text) > most:
        raise Refusal("too_long", field=field, most=most)
    return text


def shortly(found: Repeated) -> str:
    """What they ask, in the words of the first."""
    return shortened(found.questions[0].text, TITLE)


def lines(found: Repeated, label: Words) -> tuple[Element, ...]:
    """They in a list, with what may be done."""
    answer = Button(T("Answer"), "announcements.answer", found.id, "primary", opens="form")
    sort = Button(T("Sort"), "announcements.sort", found.id, opens="form")
    return (Text(label), Text(_waiting(found), subtle=True), Actions((answer, sort)))


def more(announcement: Announcement) -> tuple[Element, ...]:
    """The way to all of them."""
    return (Link(T("All that was asked and said"), f"/announcements/{announcement.id}/said"),)


def nothing() -> tuple[Element, ...]:
    """Said where nobody waits."""
    return (Text(T("Nothing waits for an answer.")),)


def listed(found: Repeated, label: Words) -> tuple[Element, ...]:
    """All of them in full, oldest first."""
    elements: list[Element] = [Heading(label), Text(_waiting(found), subtle=True)]
    for question in found.questions:
        asked = T("{name} asked on {day}", name=named(question.asker), day=Moment(question.created_at, True))
        elements += [Text(asked, subtle=True), Markdown(question.whole, question.language)]
    return tuple(elements)


def answer_form(announcement: Announcement, found: Repeated, label: str) -> Form:
    """The form in which all of them are answered at once."""
    hint = T("It stands with your answer under the announcement. Leave out whatever tells who asked.")
    title = Input("title", T("The question, as everybody reads it"), "line", shortened(label, TITLE), hint, limit=TITLE)
    hint = T("It appears in the thread of each of them, and each says whether it helped.")
    text = Input("text", T("Your answer"), "text", hint=hint, limit=MOST)
    everybody = Option("all", T("Everybody who got the announcement"))
    askers = Option("private", T("Only those who asked"))
    readers = Input("readers", T("Who may read it?"), "select", "all", required=False, options=(everybody, askers))
    intro: list[Element] = [Text(User(announcement.title), subtle=True), Text(_waiting(found), subtle=True)]
    intro += [Markdown(shortened(each.whole, 300), each.language) for each in found.questions[:_QUOTED]]
    return Form(
        T("Answer"), "announcements.answer", found.id, (text, title, readers), T("Send the answer"), tuple(intro)
    )


def sort_form(found: Repeated, others: Sequence[tuple[Repeated, Words]]) -> Form:
    """The form in which one of them is parted from the others, or all of them are joined with others."""
    inputs: list[Input] = []
    if len(found.questions) > 1:
        each = tuple(Option(str(one.id), User(shortened(one.text, 70))) for one in found.questions)
        inputs.append(Input("apart", T("This one asks something else"), "select", required=False, options=each))
    if others:
        known = tuple(Option(str(one.id), label) for one, label in others)
        hint = T("One answer will reach all of them.")
        inputs.append(Input("other", T("They ask the same as"), "select", required=False, options=known, hint=hint))
    intro = (*(Markdown(shortened(one.whole, 300), one.language) for one in found.questions[:_QUOTED]),)
    return Form(T("Sort"), "announcements.sort", found.id, tuple(inputs), T("Save"), intro)


def sent(people: int, private: bool) -> Card:
    """Told to whoever answered."""
    words = T("Your answer went to {n} person.", "Your answer went to {n} people.", n=people)
    if private:
        return simple(words)
    return simple(words, Text(T("It stands under the announcement, too, and whoever asks the same finds it."), True))


def reminder(announcement: Announcement, people: int, elements: Sequence[Element]) -> Card:
    """The author has not answered for a day: reminded once for all of them."""
    words = T("{n} person waits for your answer about “{title}”.", "{n} people wait for your answer about “{title}”.",
              n=people, title=User(announcement.title))  # fmt: skip
    more = T("What you do not answer in the next two working days goes to others who may know.")
    return Card(words, (Text(words), Text(more, subtle=True), *elements))


def settled(announcement: Announcement) -> Card:
    """What is left of the reminder once nobody waits."""
    return simple(T("Thank you. Nobody waits for an answer about “{title}”.", title=User(announcement.title)))


def _waiting(found: Repeated) -> Words:
    return T("{n} person asked, and nobody has answered.", "{n} people asked, and nobody has answered.", n=found.people)
