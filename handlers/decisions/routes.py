"""The ways into decisions: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.decisions import asking, beginning, deciding, leaving, lookup, refusals, timing, voting

PARTS: tuple[Router, ...] = (
    refusals.router,
    beginning.router,
    voting.router,
    deciding.router,
    timing.router,
    leaving.router,
    lookup.router,
    asking.router,
)

router = Router()
for part in PARTS:
    router.include(part)
