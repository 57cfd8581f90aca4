"""What becomes of a reply when nobody waits for it any more: a private message.

Whoever pressed is answered in-band while their request waits. Where the platform is acknowledged first, where a worker
took over from one that died, or where a trigger expired, the same is said in the chat.
"""

from __future__ import annotations

from bot.cards import Actions, Button, Card, Link, Reply, T, Text, simple
from bot.inbound import Inbound


def as_card(reply: Reply, heard: Inbound) -> Card | None:
    """The reply to ``heard`` as a message; ``None`` where there is nothing to say."""
    if reply.errors:
        first, *more = reply.errors.values()
        return simple(first, *(Text(words) for words in more))
    if reply.form is not None:
        return _late(heard, reply.form.title)
    if reply.open is not None:
        return simple(reply.notice or T("Here is the page."), Link(T("Open the page"), reply.open))
    return simple(reply.notice) if reply.notice else None


def _late(heard: Inbound, title: T) -> Card:
    """The form cannot be shown any more: a button that opens it."""
    route = f"/{heard.route}" if heard.kind == "command" else heard.route
    if heard.kind not in ("button", "command") or route is None:
        return simple(T("That took too long to open. Please try once more."))
    return simple(
        T("That took too long to open. It is ready now."),
        Actions((Button(title, route, heard.id, "primary", opens="form"),)),
    )
