"""The ways into announcements: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.announcements import (
    briefing,
    clusters,
    desk,
    granting,
    knowing,
    lookup,
    missed,
    page,
    polls,
    refusals,
    reminding,
    report,
    responses,
    sending,
    spreading,
)

PARTS: tuple[Router, ...] = (
    briefing.router,
    clusters.router,
    desk.router,
    granting.router,
    knowing.router,
    lookup.router,
    missed.router,
    page.router,
    polls.router,
    reminding.router,
    report.router,
    responses.router,
    sending.router,
    spreading.router,
)

router = Router()
refusals.register(router)
for part in PARTS:
    router.include(part)
