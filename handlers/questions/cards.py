"""What people see of questions."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import (
    Actions,
    Button,
    Card,
    Divider,
    Element,
    Fields,
    Form,
    Heading,
    Input,
    Link,
    Markdown,
    Mention,
    Moment,
    Names,
    Option,
    Passage,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.shorten import shortened
from handlers.questions.answering import Found
from handlers.questions.excerpts import LONG, SHORT, excerpt
from models.answers import Answer
from models.base import now
from models.knowledge import Entry, Topic
from models.people import Person
from models.questions import SOLVED, Question
from models.search.find import Hit


def answer(question: Question, found: Found) -> Card:
    """What everybody in the thread sees: passages, an earlier thread first, or plainly nothing."""
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
        elements += [Text(intro), Text(T("A person may know. Press “Ask an expert”, or say it in other words."), True)]
    else:
        intro = T("This was asked before.")
    return Card(intro, (*elements, choices(question, bool(found.openly), found.sure)))


def alone(question: Question, found: Found) -> Card:
    """What only the asker sees, because not everybody in the thread may."""
    intro = T("Only you can see this: not everybody here may read it.")
    doubt = () if found.sure else (Text(T("I am not sure, but this may be it:")),)
    return Card(intro, (Text(intro), *doubt, *passages(question, found.alone), choices(question, True, found.sure)))


def choices(question: Question, answered: bool, sure: bool = True) -> Actions:
    """What the asker may say to it. Where Agora is not sure, the way to a person comes first."""
    buttons = []
    if answered:
        buttons.append(Button(T("This solved it"), "questions.solved", question.id, "primary" if sure else "default"))
        buttons.append(Button(T("Not what I meant"), "questions.not_meant", question.id))
    if question.asked_of_id is None:
        buttons.append(expert(question, "default" if answered and sure else "primary"))
    return Actions(tuple(buttons))


def expert(question: Question, style: str = "default") -> Button:
    """The way to a person; a form asks for the topic where Agora cannot tell."""
    if question.topic_id is None:
        return Button(T("Ask an expert"), "questions.choose_topic", question.id, style, opens="form")
    return Button(T("Ask an expert"), "questions.ask_expert", question.id, style)


def passages(question: Question, hits: Sequence[Hit]) -> list[Element]:
    """Each passage with its title, its source and the way to the whole entry; the first one at more length."""
    return [
        Passage(
            title=User(hit.entry.title),
            text=excerpt(hit.passage.text, question.whole, LONG if hit is hits[0] else SHORT),
            language=hit.entry.language,
            source=source(hit.entry),
            link=Link(T("Read the whole entry"), f"/entries/{hit.entry.id}"),
        )
        for hit in hits
    ]


def source(entry: Entry) -> tuple[Words, ...]:
    """Who wrote an entry, who verified it and when, and what it is about."""
    words: list[Words] = []
    author = entry.author.name if entry.author else entry.author_name
    if author:
        words.append(T("by {name}", name=User(author)))
    if entry.verified_by and entry.verified_at:
        day = Moment(entry.verified_at, date_only=True)
        words.append(T("verified by {name} on {day}", name=User(entry.verified_by.name), day=day))
    else:
        words.append(T("not verified yet"))
    if entry.topic:
        words.append(Names(dict(entry.topic.names)))
    return tuple(words)


def mention(person: Person) -> Mention:
    """A person, mentioned."""
    return Mention(person.id, person.name)


def solved(question: Question, entry: Entry | None) -> Card:
    """The thread's card when the asker has what they wanted."""
    words = T("✓ Solved. {name} has what they needed.", name=mention(question.asker))
    elements: list[Element] = [Text(words)]
    if entry is not None:
        elements.append(Link(User(entry.title), f"/entries/{entry.id}"))
    undo = Button(T("Undo"), "questions.reopen", question.id)
    return Card(words, (*elements, Actions((undo,))))


def asked(question: Question, person: Person) -> Card:
    """The thread's card when a person was asked."""
    words = T("I have asked {name}. The answer will appear here.", name=mention(person))
    now_there = T("Their local time is {time}.", time=User(_local_time(person)))
    return Card(words, (Text(words), Text(now_there, subtle=True), choices(question, False)))


def joined(question: Question, earlier: Question) -> Card:
    """The thread's card when the asker follows an earlier question instead."""
    words = T("{name} joined the earlier thread and will hear what is answered there.", name=mention(question.asker))
    return Card(words, (Text(words), Link(T("Open the earlier thread"), f"/questions/{earlier.id}")))


def following(earlier: Question, answers: Sequence[Answer]) -> Card:
    """Told to somebody who joined: what was answered so far."""
    words = T("You follow “{text}”.", text=User(shortened(earlier.text)))
    more = [Text(T("New answers will come to you here."), subtle=True)] if earlier.state not in (SOLVED,) else []
    link = Link(T("Open the earlier thread"), f"/questions/{earlier.id}")
    return Card(words, (Text(words), *_answers(answers), *more, link))


def for_expert(question: Question) -> Card:
    """Asked of a person, in their own chat."""
    words = T("{name} has a question for you.", name=mention(question.asker))
    about = [(T("Topic"), Names(dict(question.topic.names)))] if question.topic else []
    pairs: tuple[tuple[Words, Words], ...] = (*about, (T("Asked in"), _where(question)))
    why = T("You are asked because you look after this topic and nothing written answers it.")
    answer = Button(T("Answer"), "questions.write_answer", question.id, "primary", opens="form")
    quoted = [Markdown(shortened(text, 1500), question.language) for text in (question.text, *question.more)]
    return Card(words, (Text(words), *quoted, Fields(pairs), Text(why, subtle=True), Actions((answer,))))


def expert_answered(question: Question, given: Answer) -> Card:
    """What stands in the expert's chat when they have answered."""
    words = T("You answered {name}. Thank you!", name=mention(question.asker))
    again = Button(T("Add to my answer"), "questions.write_answer", question.id, opens="form")
    quoted = Markdown(shortened(given.text, 1500), question.language)
    return Card(words, (Text(words), quoted, Actions((again,))))


def human_answer(question: Question, given: Answer) -> Card:
    """A person's answer, in the asker's thread."""
    words = T("{expert} answers {asker}:", expert=mention(given.author), asker=mention(question.asker))
    done = Button(T("This solved it"), "questions.solved", question.id, "primary")
    return Card(words, (Text(words), Markdown(given.text, question.language), Actions((done,))))


def told_follower(question: Question, given: Answer) -> Card:
    """A person's answer, told to those who follow."""
    words = T("{name} answered “{text}”", name=mention(given.author), text=User(shortened(question.text)))
    return Card(words, (Text(words), Markdown(given.text, question.language), _thread_link(question)))


def nothing_more(question: Question) -> Card:
    """After "Not what I meant", when there is nothing else."""
    words = T("I have nothing else on this. A person may know.")
    buttons = (expert(question, "primary"),) if question.asked_of_id is None else ()
    return Card(words, (Text(words), *((Actions(buttons),) if buttons else ())))


def ask_form(text: str = "") -> Form:
    """The form that asks."""
    what = Input("text", T("Your question"), "text", value=text, limit=3000,
                 hint=T("One question, in your own language, in the words you would use to a colleague."))  # fmt: skip
    return Form(T("Ask"), "questions.ask", 0, (what,), T("Ask"))


def topic_form(question: Question, topics: Sequence[Topic]) -> Form:
    """Which topic is it? Asked only where Agora cannot tell."""
    options = tuple(Option(str(topic.id), Names(dict(topic.names))) for topic in topics)
    field = Input("topic", T("What is it about?"), "select", options=options,
                  hint=T("The person who looks after the topic is asked."))  # fmt: skip
    return Form(T("Ask an expert"), "questions.choose_topic", question.id, (field,), T("Ask"))


def answer_form(question: Question) -> Form:
    """The form in which a person answers."""
    field = Input("text", T("Your answer"), "text", limit=12000, hint=T("It appears in the thread where it was asked."))
    quoted = (Markdown(shortened(question.whole, 1500), question.language),)
    return Form(T("Answer"), "questions.write_answer", question.id, (field,), T("Send the answer"), quoted)


def asked_by_form(question: Question) -> Card:
    """The question itself, in the asker's own chat, when it was asked elsewhere."""
    words = T("You asked:")
    return Card(words, (Text(words), Markdown(shortened(question.text, 1500), question.language)))


def elsewhere() -> Card:
    """Said where a command or form was used, when the answer is in the person's own chat."""
    return simple(T("I have answered in our own chat."))


def state(question: Question) -> Words:
    """Where a question stands, in a few words."""
    match question.state:
        case "asked":
            asked_of = question.asked_of.name if question.asked_of else ""
            return T("waiting for {name}", name=User(asked_of))
        case "answered":
            return T("answered, not yet confirmed")
        case "solved":
            return T("solved")
        case "joined":
            return T("joined to an earlier question")
    return T("open")


def page(question: Question, entries: Sequence[Entry], given: Sequence[Answer]) -> tuple[Element, ...]:
    """A question's own page."""
    asked_on = T("{name} asked on {day}", name=User(question.asker.name), day=Moment(question.created_at, True))
    elements: list[Element] = [Text(asked_on, subtle=True), Markdown(question.whole, question.language)]
    elements.append(Text(state(question), subtle=True))
    if given:
        elements += [Divider(), Heading(T("Answers")), *_answers(given)]
    if entries:
        elements += [Divider(), Heading(T("What was shown"))]
        elements += [Link(User(entry.title), f"/entries/{entry.id}") for entry in entries]
    return tuple(elements)


def line(question: Question) -> tuple[Element, ...]:
    """A question in a list."""
    return (
        Link(User(shortened(question.text)), f"/questions/{question.id}"),
        Text(T("{state} · {day}", state=state(question), day=Moment(question.created_at, True)), subtle=True),
    )


def _before(question: Question, earlier: Question) -> list[Element]:
    words = T("{name} asked this before, on {day}:", name=User(earlier.asker.name),
              day=Moment(earlier.created_at, True))  # fmt: skip
    join = Button(T("Join that thread"), "questions.join", question.id, "primary")
    link = Link(User(shortened(earlier.text)), f"/questions/{earlier.id}")
    return [Text(words), link, Text(state(earlier), subtle=True), Actions((join,)), Divider()]


def _answers(given: Sequence[Answer]) -> list[Element]:
    elements: list[Element] = []
    for one in given:
        elements.append(Text(T("{name} answered:", name=User(one.author.name)), subtle=True))
        elements.append(Markdown(one.text))
    return elements


def _thread_link(question: Question) -> Link:
    return Link(T("Open the thread"), f"/questions/{question.id}")


def _where(question: Question) -> Words:
    if question.place.kind == "private":
        return T("their own chat with me")
    return User(question.place.name)


def _local_time(person: Person) -> str:
    return now().astimezone(person.zone).strftime("%H:%M")
