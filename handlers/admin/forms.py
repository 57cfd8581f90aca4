"""The forms in which an admin changes the company."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Form, Input, Language, Names, Option, T, User, Words
from bot.mentions import named
from models.company import Audience
from models.knowledge import Topic
from models.people import EMPLOYEE, GUEST, LOCALES, OUTSIDER, Person
from models.places import Place
from models.strategies import GROUP, ONE, ROBIN, TWO

YES, NO = "yes", "no"
SAVE = T("Save")
ROLE_LABELS = {
    "admin": T("Administrator: changes the company in Agora"),
    "manager": T("Manager: announces and assigns"),
    "expert": T("Expert: is asked first on their topics"),
}
KIND_LABELS = {EMPLOYEE: T("Employee"), GUEST: T("Guest"), OUTSIDER: T("Outsider")}
ANSWER_LABELS = {
    "always": T("Whenever I know the answer"),
    "mentioned": T("Only when mentioned"),
    "off": T("Never"),
}
STRATEGY_LABELS = {
    ONE: T("to one person after another"),
    TWO: T("to two people at once: who accepts first has it"),
    GROUP: T("to all who know it at once"),
    ROBIN: T("in turn to all who know it, one after another"),
}


def who() -> Form:
    """Whom is it about?"""
    field = Input("who", T("Handle, e-mail address or full name"), limit=200)
    return Form(T("People and roles"), "admin.who", 0, (field,), T("Next"))


def person(someone: Person) -> Form:
    """A person's place in the company."""
    roles = tuple(_yes_no(f"role_{role}", label, role in someone.roles) for role, label in ROLE_LABELS.items())
    fields = (
        _select("kind", T("Kind"), someone.kind, KIND_LABELS),
        *roles,
        Input("department", T("Department"), value=someone.department or "", required=False, limit=100),
        Input("location", T("Location"), value=someone.location or "", required=False, limit=100),
        Input("quota", T("Questions at once, at most"), value=str(someone.quota), limit=3),
        _yes_no("active", T("Works here"), someone.active),
    )
    return Form(T("{name}: place and roles", name=named(someone)), "admin.person", someone.id, fields, SAVE)


def choose_topic(topics: Sequence[Topic]) -> Form:
    """Which topic is to be changed, or a new one."""
    options = tuple(Option(str(topic.id), Names(dict(topic.names))) for topic in topics)
    field = Input("topic", T("Topic"), "select", value="0", options=(Option("0", T("A new topic")), *options))
    return Form(T("Topics"), "admin.choose_topic", 0, (field,), T("Next"))


def topic(found: Topic | None, owner: str, deputy: str) -> Form:
    """A topic and who looks after it."""
    names = found.names if found else {}
    title = T("A new topic") if found is None else T("Change a topic")
    key = () if found else (Input("key", T("Short name"), limit=40, hint=T("Small letters, digits and dashes.")),)
    fields = (
        *key,
        *(_name(locale, str(names.get(locale, ""))) for locale in LOCALES),
        Input("owner", T("Looked after by"), value=owner, limit=200, hint=T("Handle, e-mail address or full name")),
        Input("deputy", T("Deputy"), value=deputy, required=False, limit=200),
        _select("strategy", T("Questions are offered"), found.strategy if found else ONE, STRATEGY_LABELS),
    )
    return Form(title, "admin.topic", found.id if found else 0, fields, SAVE)


def choose_audience(known: Sequence[Audience]) -> Form:
    """Which named audience is to be changed, or a new one."""
    options = tuple(Option(str(audience.id), User(audience.name)) for audience in known)
    field = Input("audience", T("Audience"), "select", value="0", options=(Option("0", T("A new audience")), *options))
    return Form(T("Audiences"), "admin.choose_audience", 0, (field,), T("Next"))


def audience(found: Audience | None, members: Sequence[Person]) -> Form:
    """A named audience and who is in it."""
    title = T("A new audience") if found is None else T("Change an audience")
    handles = ", ".join(person.handle for person in members)
    fields = (
        Input("name", T("Name"), value=found.name if found else "", limit=80),
        Input("members", T("Who is in it"), "text", value=handles, required=False, limit=20000,
              hint=T("Handles or e-mail addresses, separated by commas.")),
    )  # fmt: skip
    return Form(title, "admin.audience", found.id if found else 0, fields, SAVE)


def choose_place(places: Sequence[Place]) -> Form:
    """Which channel is to be set."""
    options = tuple(Option(str(place.id), User(f"#{place.name} ({place.installation})")) for place in places)
    return Form(T("Channels"), "admin.choose_place", 0, (Input("place", T("Channel"), "select", options=options),),
                T("Next"))  # fmt: skip


def place(found: Place, topics: Sequence[Topic]) -> Form:
    """When Agora speaks in a channel, in what language, and about what."""
    options = (Option("0", T("None")), *(Option(str(topic.id), Names(dict(topic.names))) for topic in topics))
    fields = (
        _select("answers", T("I answer"), found.answers, ANSWER_LABELS),
        _select("locale", T("Language"), found.locale, {locale: Language(locale) for locale in LOCALES}),
        Input("topic", T("Topic"), "select", value=str(found.topic_id or 0), options=options),
    )
    return Form(T("Channel {name}", name=User(found.name)), "admin.place", found.id, fields, SAVE)


def company(name: str, anonymous: bool, reactions: bool) -> Form:
    """What holds for everybody."""
    fields = (
        Input("name", T("The company's name"), value=name, required=False, limit=80),
        _yes_no("anonymous", T("People may ask anonymously"), anonymous),
        _yes_no("reactions", T("A 👍 on an answer says that it was helpful"), reactions),
    )
    return Form(T("Company"), "admin.company", 0, fields, SAVE)


def _name(locale: str, value: str) -> Input:
    return Input(f"name_{locale}", T("Name in {language}", language=Language(locale)), value=value,
                 required=locale == "en", limit=80)  # fmt: skip


def _select(name: str, label: T, value: str, labels: dict[str, T] | dict[str, Language]) -> Input:
    options = tuple(Option(key, words) for key, words in labels.items())
    return Input(name, label, "select", value=value, options=options)


def _yes_no(name: str, label: T, value: bool) -> Input:
    words: dict[str, Words] = {YES: T("Yes"), NO: T("No")}
    options = tuple(Option(key, label) for key, label in words.items())
    return Input(name, label, "select", value=YES if value else NO, options=options)
