"""The ways into announcements: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.announcements import clusters, knowing, polls, reminding, responses, spreading

PARTS: tuple[Router, ...] = (
    clusters.router,
    knowing.router,
    polls.router,
    reminding.router,
    responses.router,
    spreading.router,
)

router = Router()
for part in PARTS:
    router.include(part)
