"""Who and what there is in Teams: taken in when Agora meets them, and when Teams tells of changes."""

from __future__ import annotations

from bot.inbound import Inbound
from bot.runtime import Runtime
from bot.teams.delivery import Deliverer
from bot.turn import Turn


class Directory:
    """People and places of Teams."""

    def __init__(self, runtime: Runtime, deliverer: Deliverer) -> None:
        self._runtime = runtime
        self._deliverer = deliverer

    def introduce(self, inbound: Inbound) -> bool:
        """See ``Gateway.introduce``."""
        return False

    def absorb(self, turn: Turn) -> None:
        """See ``Gateway.absorb``: ``turn.inbound.values`` is what ``bot.teams.parse`` made of the change."""
