"""What administrators see of webhooks. Their secrets are shown on their pages alone, which are kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Card, Divider, Element, Heading, Link, T, Text, User, simple
from bot.mentions import named
from handlers.hooks import words
from models.hooks.tables import OUTGOING, Hook
from models.people import Person

_ADD = Actions((
    Button(T("Tell a program"), "hooks.add_outgoing", 0, opens="form"),
    Button(T("Let a program bring in tasks"), "hooks.add_incoming", 0, opens="form"),
))  # fmt: skip


def overview(hooks: Sequence[Hook]) -> Card:
    """Every webhook, and how to add one."""
    intro = T("Programs that are told of tasks and decisions, or bring tasks in.")
    if not hooks:
        intro = T("No program is connected yet. One can be told of tasks and decisions, or bring tasks in.")
    elements: list[Element] = [Heading(T("Webhooks")), Text(intro)]
    for hook in hooks:
        open = Button(T("Open"), "hooks.show", hook.id)
        elements += [Text(words.what(hook)), Actions((open,))]
    return Card(intro, (*elements, Divider(), _ADD))


def one(hook: Hook) -> Card:
    """A webhook, and what can be done with it."""
    what = words.what(hook)
    page = Link(T("Address, secret and failures"), f"/webhooks/{hook.id}")
    return Card(what, (Text(what), Text(words.state(hook), subtle=True), page, Actions(tuple(_buttons(hook)))))


def _buttons(hook: Hook) -> Sequence[Button]:
    change = Button(T("Change"), "hooks.change", hook.id, opens="form")
    renew = Button(T("New secret"), "hooks.renew", hook.id,
                   confirm=T("The secret that it has is good for one more day."))  # fmt: skip
    if not hook.active:
        remove = Button(T("Remove"), "hooks.remove", hook.id, "danger",
                        confirm=T("It is forgotten for good. The tasks that it brought in stay."))  # fmt: skip
        return Button(T("Turn on"), "hooks.turn_on", hook.id, "primary"), change, renew, remove
    off = Button(T("Turn off"), "hooks.turn_off", hook.id, "danger")
    test = (Button(T("Try it"), "hooks.test", hook.id),) if hook.direction == OUTGOING else ()
    return *test, change, renew, off


def removed(hook: Hook) -> Card:
    """It is forgotten."""
    return simple(T("{name} was removed.", name=User(hook.name)))


def gave_up(hook: Hook) -> Card:
    """It does not work any more: nobody took anything for long, or nothing can be signed."""
    why = words.failure(hook.last_error or "")
    return _off(hook, T("I turned the webhook {name} off, since it does not work any more. {reason}",
                        name=User(hook.name), reason=why))  # fmt: skip


def maker_left(hook: Hook, person: Person) -> Card:
    """Nobody is there any more in whose name it asks."""
    return _off(hook, T("{person} has left, in whose name the webhook {name} asks for tasks. I turned it off. Turn it"
                        " on, and it asks in your name.", person=named(person), name=User(hook.name)))  # fmt: skip


def _off(hook: Hook, said: T) -> Card:
    return simple(said, Actions((Button(T("Open"), "hooks.show", hook.id),)))
