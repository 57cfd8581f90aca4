"""The whole loop in Microsoft's own client for Teams, as several people: asked, offered, accepted, answered, accepted,
verified, asked again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.base import reading
from models.people import Account, Person
from tests.peers.company import ANSWER, KEYS, in_teams, settle_in, topic
from tests.peers.playground import BOT, CHANNEL, GROUP, OWN, Playground


@pytest.fixture
async def teams(database: str, tmp_path: Path) -> AsyncIterator[Playground]:
    """The client, and a real Agora behind it."""
    async with in_teams(database, tmp_path, partial(settle_in, "noa"), COMPANY_DOMAINS="acme.example") as found:
        yield found


@pytest.mark.needs("teams playground")
@pytest.mark.timeout(240)
async def test_the_whole_loop(teams: Playground) -> None:
    thread = await teams.writes(KEYS, CHANNEL)
    asked = await teams.sees("Ask an expert", thread)
    dialog = await teams.opens("mona", asked, "Ask an expert")
    await teams.submits("mona", dialog, asked, topic=topic())

    offer = await teams.gets("omar", KEYS)  # Agora has begun his own chat
    await teams.presses("omar", offer, "Accept")
    await teams.sees("has your question and answers by", thread)
    dialog = await teams.opens("omar", offer, "Answer")
    await teams.submits("omar", dialog, offer, text=ANSWER)
    answer = await teams.sees(ANSWER, thread)

    await teams.presses("noa", answer, "Helpful")
    answer = await teams.sees("Helpful (1)", thread)
    await teams.presses("gino", answer, "Helpful (1)")
    answer = await teams.sees("Helpful (2)", thread)
    told = await teams.presses("noa", answer, "This solved it")  # it is not hers to say
    assert told["type"] == "application/vnd.microsoft.activity.message" and told["value"]

    mine = await teams.gets("omar", "You answered")
    dialog = await teams.opens("omar", mine, "Edit")
    await teams.submits("omar", dialog, mine, text=f"{ANSWER} It takes a minute.")
    answer = await teams.sees("It takes a minute.", thread)
    await teams.presses("mona", answer, "This solved it")
    await teams.sees("has what they needed", thread)

    draft = await teams.gets("omar", "A draft waits for you")
    await teams.presses("omar", draft, "Verify")
    await teams.gets("omar", "Who asks from now on gets it.")
    again = await teams.writes("How can I rotate the signing keys?", CHANNEL)
    await teams.sees("It takes a minute.", again)
    found = await teams.looks_up("noa", "knowledge", "rotate signing keys", CHANNEL)
    assert KEYS in str(found) and ANSWER not in str(found)  # only the channel may read it: others get the title
    assert _accounts() == {"omar": 1, "noa": 1}  # they are those of the list of people


@pytest.mark.needs("teams playground")
@pytest.mark.timeout(240)
async def test_surfaces(teams: Playground) -> None:
    await teams.happens("mona", OWN, "installationUpdate", action="add")
    await teams.happens("mona", OWN, "conversationUpdate", membersAdded=[{"id": BOT}])
    await teams.sees("How to ask", OWN)
    await teams.happens("mona", CHANNEL, "conversationUpdate", membersAdded=[{"id": BOT}])
    await teams.sees("I answer questions from what the company has written down", CHANNEL)
    await teams.writes("status", GROUP)
    await teams.sees("You have 0 open questions.", OWN)  # for her alone
    await teams.writes("/agora settings")
    await teams.sees("What would you like to change?", OWN)
    await teams.writes("Home")
    home = await teams.sees("My availability", OWN)
    told = await teams.presses("mona", home, "Follow")
    assert "You follow this topic" in told["value"]
    changed = await teams.sees("Unfollow", OWN, edits=1)
    assert changed.id == home.id
    welcomes = [each for each in teams.messages.values() if "How to ask" in each.text]
    assert len(welcomes) == 1


def _accounts() -> dict[str, int]:
    """How many accounts each of the list has."""
    with reading() as session:
        listed = select(Person.handle, func.count(Account.id)).join(Account).where(Person.handle.in_(("omar", "noa")))
        return {row.handle: row[1] for row in session.execute(listed.group_by(Person.handle))}
