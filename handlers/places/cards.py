"""What people see of how Agora behaves in a channel."""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Form, Heading, Input, Language, Option, T, Text, User, simple
from models.people import LOCALES
from models.places import Place

YES, NO = "yes", "no"
_ANSWERS = {
    "always": T("Whenever I know the answer"),
    "mentioned": T("Only when mentioned"),
    "off": T("Never"),
}
_BEHAVES = {
    "always": T("When a message here asks something I know, I answer in its thread. Mention me, and I always do."),
    "mentioned": T("Mention me with your question, and I answer in its thread. Otherwise I say nothing here."),
    "off": T("I do not answer in this channel. Write to me in our own chat, or write /ask and your question."),
}


def welcome(place: Place) -> Card:
    """Said once to a channel that Agora was added to."""
    intro = T("Hello! I answer questions from what the company has written down, with its source.")
    lines = (
        _BEHAVES[place.answers],
        T("What nobody has written down, I take to somebody who knows: press “Ask an expert”."),
        T("The menu of any message has “Ask the experts about this” and “Save as knowledge”."),
        T("When I speak here, and in what language, can be changed by whoever is in this channel:"),
    )
    return Card(intro, (Heading(intro), *(Text(line) for line in lines), Actions((settings(place), ask()))))


def off(place: Place) -> Card:
    """Said to who mentions Agora where it is to be silent."""
    return simple(_BEHAVES["off"], Actions((ask(), settings(place))))


def ask() -> Button:
    """The way to ask."""
    return Button(T("Ask a question"), "questions.new", 0, "primary", opens="form")


def settings(place: Place) -> Button:
    """The way to change it."""
    return Button(T("When I answer here"), "places.settings", place.id, opens="form")


def learns(place: Place) -> Card:
    """Said openly when what people reply here begins, or ceases, to count."""
    if not place.learns:
        return simple(T("Replies in this channel do not count any more when I look for who knows. I forgot who did."))
    words = T("From now on I remember who replies in threads here, and on which topic, to know whom to ask about it.")
    note = T("I keep no word of it, and nothing older than a year. Anybody here can switch that off.")
    return simple(words, Text(note), Actions((settings(place),)))


def form(place: Place) -> Form:
    """When Agora speaks in a channel, and in what language."""
    answers = tuple(Option(key, label) for key, label in _ANSWERS.items())
    languages = tuple(Option(locale, Language(locale)) for locale in LOCALES)
    fields = (
        Input("answers", T("I answer"), "select", value=place.answers, options=answers),
        Input("locale", T("Language"), "select", value=place.locale, options=languages),
        Input(
            "learns",
            T("Replies here say who knows"),
            "select",
            value=YES if place.learns else NO,
            options=(Option(YES, T("Yes")), Option(NO, T("No"))),
            hint=T("Who replied in which thread is remembered for a year, and no word of it. All here are told."),
        ),
        Input(
            "suggests",
            T("Suggest tasks"),
            "select",
            value=YES if place.suggests else NO,
            options=(Option(YES, T("Yes")), Option(NO, T("No"))),
            hint=T("Who writes here that they will do something by some time is asked, alone, if it is to be a task."),
        ),
    )
    return Form(T("Channel {name}", name=User(place.name)), "places.settings", place.id, fields, T("Save"))
