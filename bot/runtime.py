"""The parts of a running Agora, wired together once by ``app.py`` and handed to gateways and workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.gateway import Gateway
from bot.pacing import Pacing
from bot.router import Router

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.dispatcher import Dispatcher
    from bot.inbox import InboxWriter


@dataclass
class Runtime:
    """What is shared by everything in one process. ``holder`` names this process in leases."""

    settings: Settings
    router: Router
    holder: str
    inbox: InboxWriter = field(init=False)
    dispatcher: Dispatcher = field(init=False)
    gateways: dict[str, Gateway] = field(default_factory=dict)
    pacing: Pacing = field(default_factory=Pacing)
