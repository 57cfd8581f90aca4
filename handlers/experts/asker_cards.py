"""What the asker sees of the search for a person: who has it, until when, and what they can do."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Card, Element, Link, Markdown, Moment, T, Text, User, Words, simple
from bot.mentions import mention
from bot.shorten import shortened
from handlers.experts import reasons
from handlers.experts.cards import asker_of
from models import questions, steps
from models.base import now
from models.experts import Offer
from models.people import Person
from models.places import PRIVATE
from models.questions import Question

_NAMED = 3


def status(question: Question, live: Sequence[Offer]) -> Card:
    """The card in the thread while people have the question, or are looked for: who, until when, what one can do."""
    words, more = _with_whom(question, live)
    elements: list[Element] = [Text(words), *(Text(line, subtle=True) for line in more)]
    return Card(words, (*elements, Actions(_choices(question))))


def _with_whom(question: Question, live: Sequence[Offer]) -> tuple[T, list[T]]:
    if not live:
        at = _moment(question, question.next_at or now())
        if question.next_step == steps.SEEK and not question.tries:
            return T("Whoever may know this has quiet hours now. I ask them on {at}.", at=at), []
        return T("Nobody who may know this is free now. I try again on {at}.", at=at), []
    first = live[0]
    name, until = mention(first.person), _moment(question, first.until)
    sees = _who_sees(question)
    match question.state:
        case questions.ACCEPTED:
            words = T("{name} has your question and answers by {until}.", name=name, until=until)
            return words, [*_why(live), *sees]
        case questions.WAITING:
            return T("{name} asks back. Reply in this thread, and they go on.", name=name), sees
    local = T("Their local time is {time}.", time=User(_local_time(first.person)))
    ahead = T("If nobody accepts by {until}, I ask further.", until=until)
    more = [*_why(live), ahead, *([local] if len(live) == 1 else []), *sees]
    if len(live) == 1:
        return T("I have asked {name}. The answer will appear here.", name=name), more
    names = ", ".join(offer.person.name for offer in live[:_NAMED])
    words = T("I have asked {n} person who may know, {names} among them.",
              "I have asked {n} people who may know, {names} among them.", n=len(live), names=User(names))  # fmt: skip
    return words, more


def _why(live: Sequence[Offer]) -> list[T]:
    """The strongest reason for each, as far as it can be said where this stands."""
    said = [[words for one in offer.reasons if (words := reasons.to_asker(one, offer))] for offer in live[:_NAMED]]
    return [words[0] for words in said if words]


def _who_sees(question: Question) -> list[T]:
    """Offering shows a question of a closed place to somebody who is not there: its asker is told."""
    if question.place.kind == PRIVATE:
        return [T("They see your question; nobody else does.")]
    return [T("Besides those who are here, they see your question.")] if question.place.closed else []


def _choices(question: Question) -> tuple[Button, ...]:
    withdraw = Button(T("Withdraw the question"), "experts.withdraw", question.id)
    return (Button(T("This solved it"), "questions.solved", question.id), withdraw)


def answered(question: Question, person: Person | None) -> Card:
    """The thread's card when a person has answered."""
    words = T("{name} has answered.", name=mention(person)) if person else T("There is an answer.")
    return Card(words, (Text(words), Actions(_settling(question))))


def _settling(question: Question) -> tuple[Button, ...]:
    solved = Button(T("This solved it"), "questions.solved", question.id, "primary")
    return (solved, Button(T("Ask somebody else"), "experts.ask", question.id))


def asked_back(question: Question, expert: Person, text: str) -> Card:
    """What the expert wants to know, in the asker's thread."""
    words = T("{expert} asks {asker}:", expert=mention(expert), asker=asker_of(question))
    hint = T("Reply in this thread, or press “Reply”.")
    reply = Button(T("Reply"), "experts.reply", question.id, "primary", opens="form")
    body = Markdown(text, question.language)
    return Card(words, (Text(words), body, Text(hint, subtle=True), Actions((reply,))))


def was_asked_back(question: Question, expert: Person, text: str) -> Card:
    """The same when the asker has replied, or nobody waits for it any more."""
    words = T("{expert} asked {asker}:", expert=mention(expert), asker=asker_of(question))
    return Card(words, (Text(words), Markdown(text, question.language)))


def passed_on(expert: Person) -> Card:
    """Said to the asker when what they added went to the expert."""
    return simple(T("I have told {name}.", name=mention(expert)))


def reply_reminder(question: Question, expert: Person, text: str) -> Card:
    """The asker has not replied."""
    words = T("{name} needs to know more to answer your question:", name=mention(expert))
    reply = Button(T("Reply"), "experts.reply", question.id, "primary", opens="form")
    withdraw = Button(T("Withdraw the question"), "experts.withdraw", question.id)
    mine = Text(User(shortened(question.text)), subtle=True)
    return Card(words, (Text(words), Markdown(text, question.language), mine, Actions((reply, withdraw))))


def still_open(question: Question) -> Card:
    """Asked of the asker after some days without anybody."""
    words = T("Is this question still open?")
    buttons = [Button(T("This solved it"), "questions.solved", question.id), still_button(question)]
    keep = Button(T("Still open"), "experts.still_open", question.id)
    withdraw = Button(T("Withdraw the question"), "experts.withdraw", question.id)
    return Card(words, (Text(words), *_mine(question), Actions((*buttons, keep, withdraw))))


def still_button(question: Question) -> Button:
    """The way to a person; a form asks for the topic where Agora cannot tell."""
    if question.topic_id is None:
        return Button(T("Ask an expert"), "experts.choose_topic", question.id, "primary", opens="form")
    return Button(T("Ask an expert"), "experts.ask", question.id, "primary")


def solved_by_that(question: Question) -> Card:
    """Asked of the asker some days after an answer."""
    words = T("Did the answer solve it?")
    return Card(words, (Text(words), *_mine(question), Actions(_settling(question))))


def closed(question: Question) -> Card:
    """The thread's card when nobody waits for it any more."""
    match question.closed_because:
        case "withdrawn":
            words = T("{name} has withdrawn the question.", name=asker_of(question))
        case "answered":
            words = T("Closed: it was answered, and nobody said otherwise.")
        case _:
            words = T("Closed: nobody came back to it. It can be opened again at any time.")
    reopen = Button(T("Reopen"), "questions.reopen", question.id)
    return Card(words, (Text(words), Text(User(shortened(question.text)), subtle=True), Actions((reopen,))))


def settled(question: Question) -> Card:
    """What is left of a reminder when the question went on."""
    return simple(T("Thank you. This is taken care of."), Text(User(shortened(question.text)), subtle=True))


def _mine(question: Question) -> tuple[Element, ...]:
    link = Link(T("Open the question"), f"/questions/{question.id}")
    return (Markdown(shortened(question.text, 600), question.language), link)


def _moment(question: Question, at: Words | object) -> Moment:
    """In the asker's own time, also where others read it."""
    return Moment(at, zone=question.asker.timezone)  # type: ignore[arg-type]


def _local_time(person: Person) -> str:
    return now().astimezone(person.zone).strftime("%H:%M")
