"""What many get, claimed as the outbox's worker does it in its own time."""

from __future__ import annotations

from bot.outbox import OutboxWorker
from bot.sending import Sending

_INSTALLATIONS = 3  # one more at each look


def of_many(outbox: OutboxWorker) -> list[Sending]:
    """Rows of what many get that can be sent now."""
    for _ in range(_INSTALLATIONS):
        outbox.masses._look({}, {})
    wanted = outbox.masses.wanted()
    return outbox._claim_masses(wanted) if wanted else []
