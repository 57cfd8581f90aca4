"""What Teams was told has arrived outlives a process that is killed; what it waits for is done once."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.faults.acknowledged import Sender, nothing_is_lost
from tests.teams_service import activity, execute


class Teams(Sender):
    """Messages and presses."""

    def event(self, each: int) -> tuple[str, str, bytes, Mapping[str, str]]:
        who = f"person{self.number}"
        sent = activity(text="hello", by=who) if each % 2 else execute("nothing.such", each, by=who)
        sent["id"] = f"17638{self.number}{each:06d}"
        return sent["id"], "/api/messages", json.dumps(sent).encode(), {"Content-Type": "application/json"}


@pytest.mark.timeout(300)
def test_nothing_that_was_acknowledged_is_lost(database: str) -> None:
    nothing_is_lost(database, "teams", Teams, TEAMS_LOCAL="1")
