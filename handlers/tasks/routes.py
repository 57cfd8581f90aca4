"""The ways into tasks: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.tasks import (
    answering,
    calendar,
    deputies,
    exporting,
    home,
    leaving,
    lists,
    page,
    refusals,
    reminding,
    repeating,
    showing,
    working,
    writing,
)

PARTS: tuple[Router, ...] = (
    answering.router,
    calendar.router,
    deputies.router,
    exporting.router,
    home.router,
    leaving.router,
    lists.router,
    page.router,
    reminding.router,
    repeating.router,
    showing.router,
    working.router,
    writing.router,
)

router = Router()
refusals.register(router)
for part in PARTS:
    router.include(part)
