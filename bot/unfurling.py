"""Links to Agora's own pages, shown where somebody posts them: only what everybody there may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import access

if TYPE_CHECKING:
    from bot.router import Router
    from bot.turn import Turn

MOST = 5


def show(router: Router, turn: Turn) -> None:
    """Show the links of a message: ``values["links"]`` are pairs of the link as posted and the path of its page."""
    keys: list[str] | None = None
    for link, path in turn.inbound.values.get("links", ())[:MOST]:
        found = router.unfurl_at(path)
        if found is None:
            continue
        keys = access.keys_in(turn.session, turn.place) if keys is None else keys
        card = found[0](turn.session, keys, **found[1])
        if card is not None:
            turn.unfurl(link, card)
