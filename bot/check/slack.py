"""Whether Slack can be reached, and lets Agora do what it does."""

from __future__ import annotations

from bot.check.found import Check
from bot.config import Settings


def check_slack(settings: Settings) -> list[Check]:
    """What there is to say of Slack. Its libraries are loaded where it is configured."""
    if not settings.slack:
        return [Check("Slack", True, "off")]
    from bot.slack.checking import look

    return list(look(settings))
