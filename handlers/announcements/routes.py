"""The ways into announcements: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.announcements import (
    briefing,
    clusters,
    desk,
    going,
    granting,
    knowing,
    languages,
    looking,
    lookup,
    missed,
    page,
    picturing,
    polling,
    polls,
    refusals,
    reminding,
    report,
    responses,
    seen,
    sending,
    spreading,
    writing,
)

PARTS: tuple[Router, ...] = (
    briefing.router,
    clusters.router,
    desk.router,
    going.router,
    granting.router,
    knowing.router,
    languages.router,
    looking.router,
    lookup.router,
    missed.router,
    page.router,
    picturing.router,
    polling.router,
    polls.router,
    reminding.router,
    report.router,
    responses.router,
    seen.router,
    sending.router,
    spreading.router,
    writing.router,
)

router = Router()
refusals.register(router)
for part in PARTS:
    router.include(part)
