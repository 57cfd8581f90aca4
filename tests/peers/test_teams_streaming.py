"""An answer of a model grows in Microsoft's own client for Teams: in the card that stands, sentence by sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from models.base import transaction
from models.knowledge import Entry, Part, store_parts
from tests.modelled import reply
from tests.peers.company import in_teams
from tests.peers.playground import OWN, Playground

PARKING = "Bicycles stand in the yard. Cars stand below the hall. Guests ask the front desk for a place."
FIRST, LAST = '"Bicycles stand in the yard. "', '" Guests ask the front desk for a place. "'
"""As the model says them: what stands in the passage has other sentences around it."""


@pytest.fixture
async def teams(database: str, tmp_path: Path, llmock: Any) -> AsyncIterator[Playground]:
    """The client, and a real Agora behind it, with a model that writes slowly."""
    llmock.pace(250).reply(reply(*((f"{said}.", [1]) for said in PARKING.rstrip(".").split(". "))))
    settings = {"OPENAI_API_KEY": "k", "OPENAI_MODEL": "gpt-4o", "OPENAI_BASE_URL": llmock.base_url()}
    async with in_teams(database, tmp_path, settle_in, **settings) as found:
        yield found


def settle_in() -> None:
    """What is known of parking."""
    with transaction() as session:
        entry = Entry(title="Parking", body=PARKING, language="en", audience=["everyone"])
        session.add(entry)
        session.flush()
        store_parts(session, entry, [Part("", "", PARKING)])


@pytest.mark.needs("teams playground")
@pytest.mark.timeout(240)
async def test_an_answer_grows_in_its_card(teams: Playground) -> None:
    await teams.writes("Where do bicycles and cars and guests stand?")
    growing = await teams.until(
        lambda: next((each for each in teams.messages.values() if FIRST in each.text and LAST not in each.text), None)
    )
    whole = await teams.sees(LAST, OWN, edits=2)
    assert whole.id == growing.id and FIRST in whole.text and whole.action("Not what I meant") is not None
    assert sum(FIRST in each.text for each in teams.messages.values()) == 1
    (about,) = whole.activity["entities"]
    assert about["additionalType"] == ["AIGeneratedContent"] and whole.activity["channelData"]["feedbackLoop"]
    (source,) = about["citation"]
    assert (source["position"], source["appearance"]["name"]) == (1, "Parking")
