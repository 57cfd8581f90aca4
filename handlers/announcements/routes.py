"""The ways into announcements: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.announcements import (
    clusters,
    going,
    granting,
    knowing,
    languages,
    looking,
    picturing,
    polling,
    polls,
    refusals,
    reminding,
    responses,
    sending,
    spreading,
    writing,
)

PARTS: tuple[Router, ...] = (
    clusters.router,
    going.router,
    granting.router,
    knowing.router,
    languages.router,
    looking.router,
    picturing.router,
    polling.router,
    polls.router,
    reminding.router,
    responses.router,
    sending.router,
    spreading.router,
    writing.router,
)

router = Router()
refusals.register(router)
for part in PARTS:
    router.include(part)
