"""Who takes the place of a process that sent what many get knows what that one had used up of the limits."""

from __future__ import annotations

import pytest

from bot.gateway import EDIT, POST
from bot.masses import Masses
from bot.pacing import Pace, Pacing, Window
from models.base import transaction
from models.mail import BULK, Outbox
from tests.bot.posting import Faulty
from tests.bot.queues import run_sql
from tests.bot.test_pacing import Hand

UNTOLD = Pace("slack/here/chat.postMessage", (Window(600, 60.0),), told=False)


class Limited(Faulty):
    """A platform that does not tell how much it takes."""

    def allows(self, installation: str, operation: str) -> Pace:
        return UNTOLD


@pytest.fixture
def waits(db: str) -> None:
    """What many get waits, in two kinds that count under one limit."""
    with transaction() as session:
        where = {"platform": "slack", "installation": "here", "conversation": "c"}
        for operation in (POST, EDIT):
            session.add(Outbox(lane=1, operation=operation, urgency=BULK, correlation="c", **where))


async def test_who_takes_the_place_of_another_knows_what_that_one_had_used_up(waits: None) -> None:
    hand = Hand()
    first, second = Pacing(hand), Pacing(hand)
    one, other = Masses({"slack": Limited()}, "one", first), Masses({"slack": Limited()}, "other", second)
    await one.look()
    for _ in range(200):
        hand.at += 0.1
        assert first.slot([UNTOLD]).given
    await one.look()
    await other.look()
    assert sum(second.used([UNTOLD.key]).get(UNTOLD.key, [])) == 0, "the first is still there"
    run_sql("update sender set until = now() - interval '1 second'")
    await other.look()
    assert 200 <= sum(second.used([UNTOLD.key])[UNTOLD.key]) <= 300, "and a little that it may have sent since"
    assert second.slot([UNTOLD]).count is None, "nothing is learned from what was only assumed"
    hand.at += 61
    assert second.slot([UNTOLD]).count == 0
