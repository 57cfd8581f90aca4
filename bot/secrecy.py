"""What somebody wrote, without the secrets in it: from here on nothing keeps them, not even the event itself."""

from __future__ import annotations

from bot.turn import Turn
from models.secrets import Masked, masked


def without_secrets(turn: Turn, text: str) -> Masked:
    """``text`` as it may be kept. Where it held a secret, the payload of the event, which holds it too, is blanked."""
    kept = masked(text)
    if kept.found:
        turn.unlinked = True
    return kept
