"""The ways into tasks: one router of everything that can be done with them."""

from __future__ import annotations

from bot.router import Router

PARTS: tuple[Router, ...] = ()

router = Router()
for part in PARTS:
    router.include(part)
