"""The ways into tasks: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.tasks import (
    answered,
    answering,
    calendar,
    deputies,
    exporting,
    happened,
    home,
    leaving,
    lists,
    lookup,
    page,
    refusals,
    reminding,
    repeating,
    staffing,
    suggesting,
    working,
    writing,
)

PARTS: tuple[Router, ...] = (
    answered.router,
    answering.router,
    calendar.router,
    deputies.router,
    exporting.router,
    happened.router,
    home.router,
    leaving.router,
    lists.router,
    lookup.router,
    page.router,
    reminding.router,
    repeating.router,
    staffing.router,
    suggesting.router,
    working.router,
    writing.router,
)

router = Router()
refusals.register(router)
for part in PARTS:
    router.include(part)
