"""What an expert sees of a question that is offered to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    Fields,
    FileLink,
    Heading,
    Language,
    Link,
    Markdown,
    Moment,
    Names,
    Picture,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.mentions import mention
from bot.shorten import shortened
from bot.translating import offered
from handlers.experts import reasons
from models import experts
from models.experts import Offer
from models.files import File
from models.interests import NEVER
from models.knowledge import Entry
from models.people import Person
from models.questions import Question

_LONG = 1500
_MOST_REASONS = 3
LASTING = ("topic", "moved")
"""Reasons to decline that will hold for the next question of the topic, too."""


@dataclass(frozen=True)
class Context:
    """What goes with an offer: entries that the asker was shown (``dismissed``: and did not want), who has the question
    now if not this person, what is attached to the question, what they wish for of its topic, and, where it is about an
    announcement, how many people ask the same."""

    shown: Sequence[Entry] = ()
    dismissed: Sequence[Entry] = ()
    other: Person | None = None
    files: Sequence[File] = ()
    wish: str | None = None
    people: int = 0


def offer(offer: Offer, context: Context) -> Card:
    """The card in the expert's own chat, as the offer stands."""
    words = _headline(offer, context)
    if not offer.live:
        return ended(offer, words, context.wish)
    buttons = _buttons(offer)
    asked = (*quoted(offer.question), *_translation(offer), *_files(context))
    elements = (Text(words), *asked, *_together(context), *_about(offer), *_seen(context), *_why(offer), *_hint(offer))
    return Card(words, (*elements, Actions(buttons)))


def _together(context: Context) -> tuple[Element, ...]:
    """Of what was asked about an announcement: an answer reaches all who ask the same."""
    if context.people < 2:
        return ()
    words = T("{n} person asked this about an announcement. Unless it is for the asker alone, your answer goes to all.",
              "{n} people asked this about an announcement. Unless it is for the asker alone, your answer goes to all.",
              n=context.people)  # fmt: skip
    return (Text(words, subtle=True),)


def ended(offer: Offer, words: Words, wish: str | None = None) -> Card:
    """What is left of the card when it is no longer theirs. Who said that it is not their topic can make that last."""
    question = offer.question
    text = Text(User(shortened(question.text)), subtle=True)
    topic = question.topic
    if topic is None or offer.state != experts.DECLINED or offer.reason not in LASTING or wish == NEVER:
        return simple(words, text)
    last = T("Shall I ask you no more about {topic}?", topic=Names(dict(topic.names)))
    return simple(words, text, Text(last), Actions((Button(T("I no longer do this"), "experts.no_more", topic.id),)))


def _headline(offer: Offer, context: Context) -> Words:
    asker, until = asker_of(offer.question), Moment(offer.until)
    standing = {
        experts.OFFERED: T("{name} has a question for you.", name=asker),
        experts.ACCEPTED: T("You have the question of {name}. Please answer by {until}.", name=asker, until=until),
        experts.WAITING: T("You asked {name} back. Your time stands still until they reply.", name=asker),
        experts.DECLINED: T("You declined this question. Somebody else is asked."),
        experts.PASSED: T("You passed this question on. Thank you!"),
        experts.EXPIRED: T("The time to accept this is over, and it went on. Nothing is wrong with that."),
        experts.UNREACHED: T("I could not reach you, so somebody else was asked."),
        experts.HANDED_BACK: T("You handed this question back. Somebody else is asked."),
        experts.OVERDUE: T("The time to answer is over, so somebody else is asked. Thank you for having tried."),
    }
    if offer.state in standing:
        return standing[offer.state]
    if context.other is not None and offer.state == experts.WITHDRAWN:
        return T("{name} has answered it. Thank you for being there.", name=mention(context.other))
    if context.other is not None:
        return T("{name} has it. Thank you for being there.", name=mention(context.other))
    return T("This question is settled. Nothing is left to do.")


def _buttons(offer: Offer) -> tuple[Button, ...]:
    accepted = offer.state != experts.OFFERED
    answer = Button(T("Answer"), "answers.write", offer.question_id, "primary" if accepted else "default",
                    opens="form")  # fmt: skip
    back = Button(T("Ask back"), "experts.ask_back", offer.id, opens="form")
    on = Button(T("Pass on to…"), "experts.pass", offer.id, opens="form")
    if offer.state == experts.OFFERED:
        decline = Button(T("Decline"), "experts.decline", offer.id, opens="form")
        return (Button(T("Accept"), "experts.accept", offer.id, "primary"), answer, decline, on, back)
    hand_back = Button(T("Hand back"), "experts.hand_back", offer.id)
    return (answer, hand_back) if offer.state == experts.WAITING else (answer, back, on, hand_back)


def _about(offer: Offer) -> list[Element]:
    question = offer.question
    pairs: list[tuple[Words, Words]] = []
    if question.topic is not None:
        pairs.append((T("Topic"), Names(dict(question.topic.names))))
    pairs.append((T("Asked in"), where(question)))
    if question.language != offer.person.locale:
        pairs.append((T("Language"), Language(question.language)))
    if offer.state == experts.OFFERED:
        pairs.append((T("Please accept by"), Moment(offer.until)))
    if offer.state == experts.WAITING and offer.words:
        pairs.append((T("You asked"), User(shortened(offer.words, _LONG))))
    return [Fields(tuple(pairs))]


def _translation(offer: Offer) -> tuple[Actions, ...]:
    return offered("question", offer.question_id, offer.question.language, offer.person)


def _files(context: Context) -> list[Element]:
    return [
        Picture(file.id, User(file.name)) if file.is_picture else FileLink(file.id, User(file.name), file.size)
        for file in context.files
    ]


def _seen(context: Context) -> list[Element]:
    elements: list[Element] = []
    for words, entries in (
        (T("The asker has seen this already:"), context.shown),
        (T("The asker has seen this, and it is not what they meant:"), context.dismissed),
    ):
        if entries:
            elements.append(Text(words, subtle=True))
            elements += [Link(User(entry.title), f"/entries/{entry.id}") for entry in entries]
    return elements


def _why(offer: Offer) -> list[Element]:
    if offer.state != experts.OFFERED:
        return []
    said = [words for one in offer.reasons if (words := reasons.to_expert(one, offer)) is not None]
    note = [Text(User(offer.words), subtle=True)] if offer.words else []
    return [*(Text(T("Why you: {reason}", reason=one), subtle=True) for one in said[:_MOST_REASONS]), *note]


def _hint(offer: Offer) -> list[Element]:
    hint = T("You may also reply below this message: that is your answer.")
    return [Text(hint, subtle=True)] if offer.held else []


def replied(offer: Offer, text: str) -> Card:
    """Told to the expert: the asker said more."""
    words = T("{name} says more about their question:", name=asker_of(offer.question))
    until = T("Please answer by {until}.", until=Moment(offer.until))
    deadline = (Text(until, subtle=True),) if offer.state == experts.ACCEPTED else ()
    body = Markdown(shortened(text, _LONG), offer.question.language)
    return Card(words, (Text(words), body, *_translation(offer), *deadline, Actions(_buttons(offer)[:1])))


def due_soon(offer: Offer) -> Card:
    """The one reminder before the deadline."""
    words = T("{name} is waiting for your answer. You said that you know.", name=asker_of(offer.question))
    until = T("Please answer by {until}, or hand it back: then somebody else is asked.", until=Moment(offer.until))
    asked: tuple[Element, ...] = (*quoted(offer.question), *_translation(offer))
    return Card(words, (Text(words), *asked, Text(until), Actions(_buttons(offer))))


def overdue(offer: Offer) -> Card:
    """Told politely that it went on."""
    words = T("The time to answer is over, so somebody else is asked. Thank you for having tried.")
    return simple(words, Text(User(shortened(offer.question.text)), subtle=True))


def nudge(offer: Offer) -> Card:
    """The last resort is reminded."""
    words = T("{name} is still waiting, and nobody else could be found.", name=asker_of(offer.question))
    return Card(words, (Text(words), *quoted(offer.question), *_translation(offer), Actions(_buttons(offer))))


def section(title: T, found: Sequence[Offer]) -> tuple[Element, ...]:
    """A list of offers on the home; nothing where there is none."""
    elements: list[Element] = []
    for one in found:
        held = T("answer by {until}", until=Moment(one.until))
        until = held if one.held else T("accept by {until}", until=Moment(one.until))
        line: Words = T("waiting for the asker") if one.state == experts.WAITING else until
        elements.append(Link(User(shortened(one.question.text)), f"/questions/{one.question_id}"))
        elements += [Text(line, subtle=True), Actions(_buttons(one))]
    return (Heading(title), *elements) if elements else ()


def quoted(question: Question) -> tuple[Markdown, ...]:
    """The question with what was added to it."""
    return tuple(Markdown(shortened(text, _LONG), question.language) for text in (question.text, *question.more))


def asker_of(question: Question) -> Words:
    """Whom an expert is told has asked."""
    return mention(question.asker)


def where(question: Question) -> Words:
    """Where it was asked."""
    if question.place.kind == "private":
        return T("their own chat with me")
    return User(question.place.name)
