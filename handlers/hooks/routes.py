"""The ways into webhooks: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router
from handlers.hooks import admin, given_up, page, refusals, taking, telling

PARTS: tuple[Router, ...] = (admin.router, given_up.router, page.router, taking.router, telling.router)

router = Router()
refusals.register(router)
for part in PARTS:
    router.include(part)
