"""Who waits longer than people expect sees that Agora is at it; nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text as sql

from bot.inbox import Captured, Event, insert_events
from bot.teams import patience
from bot.teams.delivery import Deliverer
from models.base import transaction
from tests.teams_sending import GENERAL, TENANT, until_called
from tests.teams_server import TeamsServer


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "AFTER", 0.05)


def heard(url: str, key: str) -> tuple[dict[str, Any], Captured]:
    """A message in a thread, which is kept."""
    conversation = {"id": f"{GENERAL};messageid=170", "conversationType": "channel", "tenantId": TENANT}
    with transaction() as session:
        event = Event("teams", TENANT, GENERAL, "message", key, {})
        return {"serviceUrl": url, "conversation": conversation}, insert_events(session, [event], "test")[0]


async def test_who_still_waits_sees_that_agora_is_at_it(service: TeamsServer, deliverer: Deliverer) -> None:
    deliverer.patience.ask(*heard(service.url, "1"))
    await until_called(lambda: service.requests)
    ((method, path, body),) = service.requests
    assert (method, body) == ("POST", {"type": "typing"}) and f"{GENERAL};messageid=170" in path


async def test_who_was_answered_does_not(service: TeamsServer, deliverer: Deliverer) -> None:
    activity, captured = heard(service.url, "1")
    with transaction() as session:
        session.execute(sql("update inbox set state = 'done'"))
    deliverer.patience.ask(activity, captured)
    await until_called(lambda: deliverer.patience._task is not None and deliverer.patience._task.done())
    assert service.requests == []


async def test_where_it_cannot_be_shown_nothing_happens(service: TeamsServer, deliverer: Deliverer) -> None:
    service.faults["*"] = ["403 Other"]
    deliverer.patience.ask(*heard(service.url, "1"))
    await until_called(lambda: deliverer.patience._task is not None and deliverer.patience._task.done())
    assert deliverer.patience._task is not None and deliverer.patience._task.exception() is None
    deliverer.patience.ask(*heard(service.url, "2"))
    await until_called(lambda: len(service.requests) == 2)
