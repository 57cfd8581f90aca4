"""The ways into announcements: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.announcements import (
    clusters,
    granting,
    knowing,
    polls,
    refusals,
    reminding,
    responses,
    sending,
    spreading,
)

PARTS: tuple[Router, ...] = (
    clusters.router,
    granting.router,
    knowing.router,
    polls.router,
    reminding.router,
    responses.router,
    sending.router,
    spreading.router,
)

router = Router()
refusals.register(router)
for part in PARTS:
    router.include(part)
