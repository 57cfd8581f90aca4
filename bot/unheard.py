"""What becomes of a reply when nobody waits for it any more: a private message.

Whoever pressed is answered in-band while their request waits. Where the platform is acknowledged first, where a worker
took over from one that died, or where a trigger expired, the same is said in the chat.
"""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Form, Link, Reply, T, Text, simple
from bot.inbound import Inbound


def as_card(reply: Reply, heard: Inbound, form: Form | None = None) -> Card | None:
    """The reply to ``heard`` as a message; ``None`` where there is nothing to say. ``form`` is what they submitted, as
    it was filled in."""
    if reply.errors:
        first, *more = reply.errors.values()
        return simple(first, *(Text(words) for words in more), *(_again(form) if form else ()))
    if reply.form is not None:
        return _late(heard, reply.form.title)
    if reply.open is not None:
        return simple(reply.notice or T("Here is the page."), Link(T("Open the page"), reply.open))
    return simple(reply.notice) if reply.notice else None


def _again(form: Form) -> tuple[Text, Actions]:
    """Nothing that was typed is lost: a button that opens the form as it was."""
    button = Button(T("Open it again"), form.route, form.id, "primary", opens="form", form=form)
    return Text(T("Nothing was saved yet, and what you wrote is kept."), subtle=True), Actions((button,))


def _late(heard: Inbound, title: T) -> Card:
    """The form cannot be shown any more: a button that opens it."""
    route = f"/{heard.route}" if heard.kind == "command" else heard.route
    if heard.kind not in ("button", "command") or route is None:
        return simple(T("That took too long to open. Please try once more."))
    return simple(
        T("That took too long to open. It is ready now."),
        Actions((Button(title, route, heard.id, "primary", opens="form"),)),
    )
