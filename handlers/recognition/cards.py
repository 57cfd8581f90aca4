"""What people see of thanks, and of what they gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    Fields,
    Form,
    Heading,
    Input,
    Link,
    Moment,
    Option,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.mentions import mention, named
from bot.shorten import shortened
from models.knowledge import Entry
from models.people import MASK, Person
from models.questions import Question
from models.recognition import ACCEPTED, REUSED, THANKED, VERIFIED, Credit, Gave
from models.thanks import MOST, Recognition, Thanks

YES, NO = "yes", "no"
_IN_MESSAGE = 10  # thanks in one message
_KINDS = {
    ACCEPTED: T("Answers that solved it"),
    REUSED: T("Questions solved by entries"),
    VERIFIED: T("Entries that others verified"),
    THANKED: T("Words of thanks"),
}


def thank_form(question: Question, asker: Person, people: Sequence[Person]) -> Form:
    """The form that thanks."""
    who = tuple(Text(T("{name} hears of it in their own chat.", name=named(person)), subtle=True) for person in people)
    name = T("Your name is not said.") if asker.kind == MASK else T("They see your name.")
    words = Input("words", T("Your words"), "text", required=False, limit=MOST,
                  hint=T("Left empty: just that you say thanks."))  # fmt: skip
    return Form(T("Thank"), "recognition.thank", question.id, (words,), T("Thank"), (*who, Text(name, subtle=True)))


def thanks(waiting: Sequence[Thanks]) -> Card:
    """Told to whom it is for: who thanks them, for what, with what words."""
    shown = waiting[:_IN_MESSAGE]
    words = _for_what(shown[0]) if len(waiting) == 1 else T(
        "{n} person thanks you.", "{n} people thank you.", n=len({one.person_id for one in waiting})
    )  # fmt: skip
    elements: list[Element] = [Text(words)]
    for one in shown:
        if len(waiting) > 1:
            elements.append(Text(_for_what(one)))
        if one.words:
            elements.append(Text(T("“{words}”", words=User(one.words))))
    if len(waiting) > len(shown):
        elements.append(Text(T("and {n} more", "and {n} more", n=len(waiting) - len(shown)), subtle=True))
    return Card(words, (*elements, _no_more()))


def _for_what(one: Thanks) -> T:
    """Of a question that an entry solved nothing is said: who wrote the entry may not be meant to read it."""
    if one.entry is not None:
        title = User(one.entry.title)
        return T("{name} thanks you for the entry “{title}”.", name=mention(one.person), title=title)
    text = User(shortened(one.question.text))
    return T("{name} thanks you for your answer to “{text}”.", name=mention(one.person), text=text)


def again(found: Sequence[tuple[Entry, int]]) -> Card:
    """Told to whose entries solved questions again, once a week at most."""
    words = T("What you wrote has helped again. Thank you!")
    return Card(words, (Text(words), *_again(found), _no_more()))


def again_digest(found: Sequence[tuple[Entry, int]]) -> tuple[Element, ...]:
    """The same in a digest, where there is anything."""
    return (Heading(T("What you gave")), *_again(found)) if found else ()


def _again(found: Sequence[tuple[Entry, int]]) -> list[Element]:
    return [
        element
        for entry, people in found[:_IN_MESSAGE]
        for element in (
            Text(_solved_it_for(entry, people)),
            Link(T("Read the whole entry"), f"/entries/{entry.id}"),
        )
    ]


def _solved_it_for(entry: Entry, people: int) -> T:
    return T("“{title}” solved it for {n} person.", "“{title}” solved it for {n} people.", n=people,
             title=User(entry.title))  # fmt: skip


def _no_more() -> Actions:
    return Actions((Button(T("Send me no more of these"), "recognition.quiet", 0),))


def home(person: Person, often: Mapping[str, int] | None) -> tuple[Element, ...]:
    """A person's own section: what they gave in the last year, and how they want to be thanked."""
    if often is None or not often:
        return (Heading(T("What you gave")), _nothing(often is not None), _settings())
    link = Link(T("Your points, and for what"), f"/thanks/{person.id}")
    return (Heading(T("What you gave")), _kinds(often), link, _settings())


def own(person: Person, found: Gave | None) -> Card:
    """The same with the points, as a message."""
    words = T("What you gave")
    link = Link(T("See for what"), f"/thanks/{person.id}")
    more = (*totals(found), link) if found is not None and found.credits else (_nothing(found is not None),)
    return Card(words, (Heading(words), *more, _settings()))


def mine(
    found: Gave | None, questions: Mapping[int, Question], entries: Mapping[int, Entry], most: int
) -> tuple[Element, ...]:
    """The same on a page, and for what: the newest, as far as one may read it."""
    if found is None or not found.credits:
        return (_nothing(found is not None), _settings())
    return (*totals(found), _settings(), *_list(found.credits[:most], questions, entries))


def _nothing(wanted: bool) -> Text:
    if not wanted:
        return Text(T("You chose that nothing is added up."), subtle=True)
    empty = T("Nothing yet. When an answer or an entry of yours solves somebody's question, you see it here.")
    return Text(empty, subtle=True)


def _settings() -> Actions:
    return Actions((Button(T("Points and thanks"), "recognition.settings", 0, opens="form"),))


def totals(found: Gave) -> tuple[Element, ...]:
    """How many points, and what for."""
    points = T("{n} point in the last twelve months", "{n} points in the last twelve months", n=found.points)
    return (Text(points), _kinds(found.often))


def _kinds(often: Mapping[str, int]) -> Fields:
    return Fields(tuple((words, User(str(often[kind]))) for kind, words in _KINDS.items() if often.get(kind)))


def profile(person: Person, found: Gave, helped: Sequence[tuple[Entry, int]]) -> tuple[Element, ...]:
    """What somebody gave, for everybody: how much, and what they wrote that the reader may read."""
    written = _again(helped)
    heading = (Heading(T("Entries that helped")),) if written else ()
    if not found.credits:
        return (Text(T("Nothing yet."), subtle=True),)
    return (Text(T("What {name} gave:", name=mention(person))), *totals(found), *heading, *written)


def shown(person: Person, found: Gave) -> Card:
    """The same in short, as a message."""
    words = T("What {name} gave:", name=mention(person))
    if not found.credits:
        return simple(words, Text(T("Nothing yet."), subtle=True))
    return Card(words, (Text(words), *totals(found), Link(T("See for what"), f"/thanks/{person.id}")))


def _list(
    credits: Sequence[Credit], questions: Mapping[int, Question], entries: Mapping[int, Entry]
) -> tuple[Element, ...]:
    elements: list[Element] = [Heading(T("For what"))]
    for credit in credits:
        day = Moment(credit.at, date_only=True)
        elements.append(Text(T("{what} · {day}", what=_what(credit), day=day)))
        entry = entries.get(credit.entry_id or 0)
        question = questions.get(credit.question_id or 0)
        if entry is not None:
            elements.append(Link(User(entry.title), f"/entries/{entry.id}"))
        elif question is not None:
            elements.append(Link(User(shortened(question.text)), f"/questions/{question.id}"))
    return tuple(elements)


def _what(credit: Credit) -> Words:
    match credit.kind:
        case "accepted":
            return T("Your answer solved it")
        case "reused":
            return T("What you wrote solved it for somebody")
        case "verified":
            return T("Somebody verified what you wrote")
    return T("Somebody thanked you")


def settings_form(chosen: Recognition) -> Form:
    """How somebody wants to be thanked."""
    points = T("Others see it too. Nobody is compared, unless your company says so.")
    inputs = (
        _yes_no("counted", T("Add up what I gave, and show it"), chosen.counted, points),
        _yes_no("told", T("Send me messages of thanks"), chosen.told, T("Once a day at most, in our own chat.")),
    )
    return Form(T("Points and thanks"), "recognition.settings", 0, inputs, T("Save"))


def chosen(counted: bool, told: bool) -> Card:
    """What somebody chose."""
    points = T("What you gave is added up and shown.") if counted else T("Nothing is added up or shown.")
    messages = T("You get messages of thanks.") if told else T("You get no messages of thanks.")
    return simple(points, Text(messages))


def quiet() -> Card:
    """What becomes of the message on which somebody pressed "no more", with the way back."""
    undo = Actions((Button(T("Undo"), "recognition.undo", 0),))
    return simple(T("I send you no more of these. Your home still shows what you gave."), undo)


def ranking(people: Sequence[tuple[Person, int]]) -> tuple[Element, ...]:
    """Who gave most, for administrators of a company that wants that."""
    left_out = Text(T("Whoever chose that nothing is added up is not in it."), subtle=True)
    if not people:
        return (Text(T("Nobody has points yet."), subtle=True), left_out)
    lines = tuple(
        Text(T("{name}: {n} point", "{name}: {n} points", n=points, name=mention(person))) for person, points in people
    )
    return (*lines, left_out)


def _yes_no(name: str, label: T, value: bool, hint: T) -> Input:
    options = (Option(YES, T("Yes")), Option(NO, T("No")))
    return Input(name, label, "select", YES if value else NO, options=options, hint=hint)
