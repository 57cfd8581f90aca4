"""What Slack was told has arrived outlives a process that is killed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.slack.http import PATH
from tests.faults.acknowledged import Sender, nothing_is_lost
from tests.gateways.slack.sent import SECRET, encoded, payload, signed


class Slack(Sender):
    """Events and buttons."""

    def event(self, each: int) -> tuple[str, str, bytes, Mapping[str, str]]:
        key = f"17638{self.number}{each:04d}.000100"
        sent = payload("message_im", ts=key, event_ts=key)
        if each % 2 == 0:
            sent = {**payload("block_actions_message"), "trigger_id": key}
        kind, body = encoded(sent)
        return key, PATH, body, {**signed(body), "Content-Type": kind}


@pytest.mark.timeout(300)
def test_nothing_that_was_acknowledged_is_lost(database: str) -> None:
    nothing_is_lost(database, "slack", Slack, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET=SECRET,
                    SLACK_API_URL="http://127.0.0.1:9/api")  # fmt: skip
