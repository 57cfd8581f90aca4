"""The forms of offering: decline, pass on, ask back, reply, and which topic it is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Form, Input, Names, Option, T, User
from handlers.experts.cards import quoted
from models.experts import REASONS, Offer
from models.knowledge import Topic
from models.people import Person
from models.questions import Question

MOST_PEOPLE = 90  # Slack shows at most 100 options
WORDS = 1000

_LABELS = {
    "topic": T("It is not my topic"),
    "time": T("I have no time"),
    "moved": T("I have moved on to other work"),
    "other_person": T("Somebody else knows"),
    "other": T("Something else"),
}


def decline(offer: Offer, people: Sequence[Person]) -> Form:
    """Why not? The answer decides who is asked next."""
    why = Input("reason", T("Why?"), "select", options=tuple(Option(code, _LABELS[code]) for code in REASONS))
    who = _who(people, required=False)
    words = Input("words", T("In your own words"), "text", required=False, limit=WORDS,
                  hint=T("Whoever is asked next sees this; the asker does not."))  # fmt: skip
    return Form(T("Decline"), "experts.decline", offer.id, (why, *who, words), T("Decline"), quoted(offer.question))


def pass_on(offer: Offer, people: Sequence[Person]) -> Form:
    """Who knows?"""
    who = _who(people, required=True)
    words = Input("words", T("A word for them"), "text", required=False, limit=WORDS)
    return Form(T("Pass on"), "experts.pass", offer.id, (*who, words), T("Pass on"), quoted(offer.question))


def ask_back(offer: Offer) -> Form:
    """What does the expert need to know?"""
    hint = T("It appears in the asker's thread. Your time stands still until they reply.")
    what = Input("text", T("Your question to the asker"), "text", hint=hint)
    return Form(T("Ask back"), "experts.ask_back", offer.id, (what,), T("Ask"), quoted(offer.question))


def reply(question: Question) -> Form:
    """The asker replies to what was asked back."""
    what = Input("text", T("Your reply"), "text", limit=12000)
    return Form(T("Reply"), "experts.reply", question.id, (what,), T("Send"), quoted(question))


def topic(question: Question, topics: Sequence[Topic]) -> Form:
    """Which topic is it? Asked only where Agora cannot tell."""
    options = tuple(Option(str(one.id), Names(dict(one.names))) for one in topics)
    field = Input("topic", T("What is it about?"), "select", options=options,
                  hint=T("Those who know most about the topic are asked."))  # fmt: skip
    return Form(T("Ask an expert"), "experts.choose_topic", question.id, (field,), T("Ask"))


def _who(people: Sequence[Person], required: bool) -> tuple[Input, ...]:
    """One of those who are likely to know; where they are not all, also anybody by name."""
    many = len(people) >= MOST_PEOPLE
    chosen = Input("person", T("Who knows?"), "select", options=_people(people), required=required and not many)
    named = Input("name", T("Or somebody else"), required=False, limit=200, hint=T("Their handle or e-mail address."))
    return (chosen, named) if many else (chosen,)


def _people(people: Sequence[Person]) -> tuple[Option, ...]:
    return tuple(Option(str(one.id), User(f"{one.name} · {one.title}" if one.title else one.name)) for one in people)
