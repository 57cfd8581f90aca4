"""Who and what there is in a workspace."""

from __future__ import annotations

from bot.inbound import Inbound
from bot.slack.clients import Clients
from bot.turn import Turn


class Directory:
    """People, channels and groups, as Slack knows them."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def introduce(self, inbound: Inbound) -> bool:
        """Ask Slack who did this, and where; whether that may have helped."""
        return False

    def absorb(self, turn: Turn) -> None:
        """Write down what an event of kind ``directory`` says."""
