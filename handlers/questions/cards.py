"""What people see of questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from bot.cards import (
    Actions,
    Button,
    Card,
    Divider,
    Element,
    Form,
    Input,
    Link,
    Markdown,
    Moment,
    Names,
    Passage,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.mentions import mention, named
from bot.shorten import shortened
from bot.translating import offered
from handlers.questions.announced_cards import anonymously_or_not, has_author
from handlers.questions.answering import Found
from handlers.questions.excerpts import LONG, SHORT, excerpt
from models.answers import Answer
from models.knowledge import Entry
from models.people import Person
from models.questions import ANSWERED, OPEN, SOLVED, Question
from models.search.find import Hit
from models.steps import ASK_ASKER, CLOSE
from models.written import Written


def answer(question: Question, found: Found, kept: Written | None = None) -> Card:
    """What everybody in the thread sees: what a model wrote if it did, and the passages; an earlier thread first; or
    plainly nothing. Where a model found nothing in the passages, they are shown with doubt."""
    if kept is not None and kept.sentences and found.openly:
        return written(question, found, kept)
    if kept is not None:
        found = replace(found, sure=False)
    elements: list[Element] = []
    if found.before is not None:
        elements += _before(question, found.before)
    if found.openly:
        intro = T("This is what the company knows:") if found.sure else T("I am not sure, but this may be it:")
        elements += [Text(intro), *passages(question, found.openly)]
    elif found.alone:
        intro = T("I have answered {name} privately.", name=mention(question.asker))
        elements.append(Text(intro))
    elif found.before is None:
        intro = T("I have found nothing that answers this.")
        hint = T("A person may know. Press “Ask an expert”, or say it in other words.")
        elements += [Text(intro), *(() if question.announcement_id else (Text(hint, subtle=True),))]
    else:
        intro = T("This was asked before.")
    elements += has_author(question)
    return Card(intro, (*elements, choices(question, bool(found.openly), found.sure)))


def written(question: Question, found: Found, kept: Written) -> Card:
    """A model's sentences, each with the numbers of its sources, which follow."""
    intro = T("This is what the company knows:") if found.sure else T("I am not sure, but this may be it:")
    said = " ".join(f"{each.text} {''.join(f'[{number}]' for number in each.sources)}" for each in kept.sentences)
    elements: list[Element] = [
        *(_before(question, found.before) if found.before is not None else ()),
        Text(intro),
        Text(User(said)),
        Text(T("Written by a model from the sources below. What counts is what they say."), subtle=True),
        *_sources(question, found.openly),
        choices(question, True, found.sure),
    ]
    return Card(intro, tuple(elements), by_model=True)


def _sources(question: Question, hits: Sequence[Hit]) -> list[Element]:
    """The passages, short and by their numbers."""
    numbers = count(1)
    return [
        replace(each, title=User(f"[{next(numbers)}] {each.title.text}")) if isinstance(each, Passage) else each
        for each in passages(question, hits, SHORT)
    ]


def alone(question: Question, found: Found) -> Card:
    """What only the asker sees, because not everybody in the thread may."""
    intro = T("Only you can see this: not everybody here may read it.")
    doubt = () if found.sure else (Text(T("I am not sure, but this may be it:")),)
    return Card(intro, (Text(intro), *doubt, *passages(question, found.alone), choices(question, True, found.sure)))


def choices(question: Question, answered: bool, sure: bool = True) -> Actions:
    """What the asker may say to it. Where Agora is not sure, the way to a person comes first."""
    buttons = []
    if answered:
        style = "primary" if sure else "default"
        buttons.append(Button(T("This solved it"), "questions.solved", question.id, style, feedback="positive"))
        buttons.append(Button(T("Not what I meant"), "questions.not_meant", question.id, feedback="negative"))
    if question.with_author:
        buttons.append(Button(T("Withdraw the question"), "experts.withdraw", question.id))
    elif question.state in (OPEN, ANSWERED):
        buttons.append(expert(question, "default" if answered and sure else "primary"))
    if question.place.kind != "private":
        buttons.append(Button(T("I can answer"), "answers.write", question.id, opens="form"))
        buttons.append(Button(T("Follow"), "threads.follow", question.id))
        buttons.append(task(question))
    return Actions(tuple(buttons))


def task(question: Question) -> Button:
    """What it leads to becomes somebody's task."""
    return Button(T("Make a task"), "tasks.from_question", question.id, opens="form")


def expert(question: Question, style: str = "default") -> Button:
    """The way to a person: who announced what it is about, as long as nobody was asked; a form asks for the topic where
    Agora cannot tell."""
    if question.announcement_id is not None and question.state == OPEN and question.next_step in (ASK_ASKER, CLOSE):
        return Button(T("Ask the author"), "announcements.author", question.id, style)
    if question.topic_id is None:
        return Button(T("Ask an expert"), "experts.choose_topic", question.id, style, opens="form")
    return Button(T("Ask an expert"), "experts.ask", question.id, style)


def passages(question: Question, hits: Sequence[Hit], most: int = LONG) -> list[Element]:
    """Each passage with its title, its source and the way to the whole entry; the first one at more length: ``most``
    characters."""
    shown: list[Element] = []
    for hit in hits:
        text = excerpt(hit.passage.text, question.whole, most if hit is hits[0] else SHORT)
        link = Link(T("Read the whole entry"), f"/entries/{hit.entry.id}")
        shown.append(Passage(User(hit.entry.title), text, hit.entry.language, source(hit.entry), link))
        if hit.entry.language != question.language:
            shown += offered("passage", hit.passage.id, hit.entry.language)
    return shown


def source(entry: Entry) -> tuple[Words, ...]:
    """Who wrote an entry, who verified it and when, and what it is about."""
    words: list[Words] = []
    author = named(entry.author) if entry.author else User(entry.author_name or "")
    if entry.author or entry.author_name:
        words.append(T("by {name}", name=author))
    if entry.unconfirmed and entry.verified_at:
        words.append(T("needs review: last confirmed on {day}", day=Moment(entry.verified_at, date_only=True)))
    elif entry.verified_by and entry.verified_at:
        day = Moment(entry.verified_at, date_only=True)
        words.append(T("verified by {name} on {day}", name=named(entry.verified_by), day=day))
    else:
        words.append(T("not verified yet"))
    if entry.topic:
        words.append(Names(dict(entry.topic.names)))
    return tuple(words)


def solved(question: Question, entry: Entry | None, answered: bool = False, thank: bool = False) -> Card:
    """The thread's card when the asker has what they wanted. Where a person ``answered``, they are told why that was
    not it; of an entry it is simply taken back. ``thank``: there is somebody to thank."""
    words = T("✓ Solved. {name} has what they needed.", name=mention(question.asker))
    elements: list[Element] = [Text(words)]
    if entry is not None:
        elements.append(Link(User(entry.title), f"/entries/{entry.id}"))
    undo = Button(T("Undo"), "questions.reopen", question.id)
    reopen = Button(T("Not solved after all"), "threads.reopen", question.id, opens="form")
    thanks = (Button(T("Thank"), "recognition.thank", question.id, opens="form"),) if thank else ()
    return Card(words, (*elements, Actions((*thanks, *((reopen, task(question)) if answered else (undo,))))))


def joined(question: Question, earlier: Question) -> Card:
    """The thread's card when the asker follows an earlier question instead."""
    words = T("{name} joined the earlier thread and will hear what is answered there.", name=mention(question.asker))
    return Card(words, (Text(words), Link(T("Open the earlier thread"), f"/questions/{earlier.id}")))


def following(earlier: Question, answers: Sequence[Answer], reader: Person) -> Card:
    """Told to ``reader``, who joined: what was answered so far."""
    words = T("You follow “{text}”.", text=User(shortened(earlier.text)))
    more = [Text(T("New answers will come to you here."), subtle=True)] if earlier.state not in (SOLVED,) else []
    link = Link(T("Open the earlier thread"), f"/questions/{earlier.id}")
    return Card(words, (Text(words), *_answers(answers, reader), *more, link))


def nothing_more(question: Question) -> Card:
    """After "Not what I meant", when there is nothing else."""
    words = T("I have nothing else on this. A person may know.")
    buttons = (expert(question, "primary"),) if question.state in (OPEN, ANSWERED) else ()
    return Card(words, (Text(words), *((Actions(buttons),) if buttons else ())))


def ask_form(anonymously: bool = False) -> Form:
    """The form that asks; ``anonymously`` where the company lets people choose to."""
    hint = T("One question, in your own language, in the words you would use to a colleague.")
    what = Input("text", T("Your question"), "text", limit=3000, hint=hint)
    return Form(T("Ask"), "questions.ask", 0, (what, anonymously_or_not()) if anonymously else (what,), T("Ask"))


def asked_elsewhere(text: str, language: str, anonymously: bool) -> Card:
    """The question itself, in the asker's own chat, when it was asked by a form or a command."""
    words = T("You asked without your name:") if anonymously else T("You asked:")
    return Card(words, (Text(words), Markdown(shortened(text, 1500), language)))


def elsewhere() -> Card:
    """Said where a command or form was used, when the answer is in the person's own chat."""
    return simple(T("I have answered in our own chat."))


def state(question: Question) -> Words:
    """Where a question stands, in a few words."""
    match question.state:
        case "offered" | "accepted" if question.asked_of:
            return T("waiting for {name}", name=named(question.asked_of))
        case "offered":
            return T("several people were asked")
        case "waiting":
            return T("waiting for the asker")
        case "answered":
            return T("answered, not yet confirmed")
        case "solved":
            return T("solved")
        case "joined":
            return T("joined to an earlier question")
        case "merged":
            return T("closed as a duplicate")
        case "closed":
            return T("closed")
    return T("open")


def shared(question: Question, given: Sequence[Answer]) -> Card:
    """A question among what people say to each other: what was asked, and the answer that solved it, or how many."""
    asked = T("{name} asked on {day}", name=mention(question.asker), day=Moment(question.created_at, True))
    elements: list[Element] = [Markdown(shortened(question.text, 300), question.language), Text(asked, subtle=True)]
    best = [answer for answer in given if answer.accepted]
    if best:
        elements += [Text(T("✓ This solved it.")), Markdown(shortened(best[0].text, 300), best[0].language)]
    elif given:
        elements.append(Text(T("{n} person answered.", "{n} people answered.", n=len(given)), subtle=True))
    return Card(User(shortened(question.text)), (*elements, Text(state(question), subtle=True)))


def line(question: Question) -> tuple[Element, ...]:
    """A question in a list."""
    return (
        Link(User(shortened(question.text)), f"/questions/{question.id}"),
        Text(T("{state} · {day}", state=state(question), day=Moment(question.created_at, True)), subtle=True),
    )


def _before(question: Question, earlier: Question) -> list[Element]:
    words = T("{name} asked this before, on {day}:", name=mention(earlier.asker),
              day=Moment(earlier.created_at, True))  # fmt: skip
    join = Button(T("Join that thread"), "questions.join", question.id, "primary")
    link = Link(User(shortened(earlier.text)), f"/questions/{earlier.id}")
    return [Text(words), link, Text(state(earlier), subtle=True), Actions((join,)), Divider()]


def _answers(given: Sequence[Answer], reader: Person) -> list[Element]:
    elements: list[Element] = []
    for one in given:
        elements.append(Text(T("{name} answered:", name=named(one.author)), subtle=True))
        elements.append(Markdown(one.text, one.language))
        elements += offered("answer", one.id, one.language, reader)
    return elements
