"""What people see of what is held of them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards import Actions, Button, Card, Heading, Link, T, Text, simple
from bot.mentions import mention, named
from models.people import Person
from models.privacy import KEPT

STAYS = {
    "entry": T("knowledge shared with the company"),
    "revision": T("how that knowledge read before"),
    "answer": T("answers that others rely on"),
    "comment": T("comments in others' threads"),
    "announcement": T("what was announced to others"),
    "task": T("what others were asked to do"),
    "decision": T("what was decided together, and why"),
    "file": T("files attached to what stays"),
    "fact": T("the audit log: that something was done, by a number"),
}
ALSO_STAYS = (
    T("what was asked without a name: nothing leads to who asked any more"),
    T("messages that already stand in chats of Slack and Teams, as far as I cannot change them"),
)
assert set(STAYS) <= set(KEPT)


def overview() -> Card:
    """What is held, why, and what a person can do about it."""
    intro = T(
        "This is what I hold of you: your name, address and working hours; what you asked and answered; which entries "
        "were shown to you."
    )
    queues = T("What went through my queues is forgotten after 30 days, unless your company chose otherwise.")
    export = Button(T("Give me all of it"), "privacy.export", 0, "primary")
    warning = T("An administrator will be asked to erase you. Nothing happens until they agree.")
    stays = T("Erased means: your questions, messages, accounts and settings go. This stays, without your name:")
    lines = tuple(Text(words, subtle=True) for words in (*STAYS.values(), *ALSO_STAYS))
    ask = Button(T("Ask to be erased"), "privacy.ask", 0, "danger", confirm=warning)
    return Card(
        intro, (Heading(T("Your data")), Text(intro), Text(queues), Text(stays), *lines, Actions((export, ask)))
    )


def exported(path: str) -> Card:
    """The file is ready."""
    words = T("Here is everything about you, as a file. Only you can open it.")
    return Card(words, (Text(words), Link(T("Open the file"), path)))


def asked(person: Person) -> Card:
    """An admin is asked to erase somebody."""
    words = T("{name} asks to be erased.", name=mention(person))
    stays = T("Their questions, messages, accounts and settings go. This stays, without their name:")
    lines = tuple(Text(words, subtle=True) for words in (*STAYS.values(), *ALSO_STAYS))
    confirm = T("This cannot be undone.")
    erase = Button(T("Erase {name}", name=named(person)), "privacy.erase", person.id, "danger", confirm=confirm)
    keep = Button(T("Do not erase"), "privacy.keep", person.id)
    return Card(words, (Text(words), Text(stays), *lines, Actions((erase, keep))))


def erased(kept: Mapping[str, int]) -> Card:
    """It is done; what stayed, and how much of it."""
    words = T("Erased. What stays no longer leads to a name.")
    lines = tuple(
        Text(T("{what}: {count}", what=STAYS[name], count=count), subtle=True)
        for name, count in kept.items()
        if name in STAYS
    )
    return Card(words, (Text(words), *lines, *(Text(also, subtle=True) for also in ALSO_STAYS)))


def refused() -> Card:
    """An admin did not agree."""
    return simple(T("An administrator did not erase your data. Talk to them; nothing was changed."))
