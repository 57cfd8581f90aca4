"""The whole loop on Slack's Web API as somebody else wrote it, with scopes enforced, as several people: asked, offered,
accepted, answered, solved, verified, asked again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from models import base
from models.base import reading
from models.people import Account, Person
from models.places import Place
from tests.gateways.slack.sent import SECRET
from tests.homes import new_home
from tests.peers.company import ANSWER, KEYS, settle_in
from tests.peers.emulated import Emulated, emulated
from tests.peers.process import agora, free_port


@pytest.fixture
async def slack(database: str, tmp_path: Path) -> AsyncIterator[Emulated]:
    """The workspace, and a real Agora that is called by it."""
    base.connect(database, pool=2)
    settle_in()
    port = free_port()
    with new_home() as home:
        async with emulated(tmp_path) as found:
            settings = {"SLACK_BOT_TOKEN": "xoxb-agora", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": found.api,
                        "COMPANY_DOMAINS": "acme.example"}  # fmt: skip
            found.agora = f"http://127.0.0.1:{port}"
            async with agora(database, port, home, **settings):
                yield found
    base.disconnect()


@pytest.mark.needs("emulate")
@pytest.mark.timeout(240)
async def test_the_whole_loop(slack: Emulated) -> None:
    thread = await slack.mentions("mona", KEYS)
    asked = await slack.sees("mona", "Ask an expert", thread)
    await slack.presses("mona", asked, "Ask an expert")
    await slack.submits("mona", await slack.form("Ask an expert"), topic="Security")

    offer = await slack.sees("omar", KEYS)  # Agora has begun his own chat
    await slack.presses("omar", offer, "Accept")
    await slack.sees("mona", "has your question and answers by", thread)
    await slack.presses("omar", await slack.sees("omar", "Answer"), "Answer")
    await slack.submits("omar", await slack.form("Answer"), text=ANSWER)

    answer = await slack.sees("mona", ANSWER, thread)
    await slack.presses("mona", answer, "This solved it")
    draft = await slack.sees("omar", "A draft waits for you")
    await slack.presses("omar", draft, "Verify")
    await slack.sees("omar", "verified")

    again = await slack.mentions("noa", KEYS)
    await slack.sees("noa", "restart the gateway", again)
    assert slack.failed() == []


@pytest.mark.needs("emulate")
@pytest.mark.timeout(240)
async def test_one_is_known_by_their_address_and_greeted_and_has_a_home(slack: Emulated) -> None:
    await slack.writes("omar", "help")
    await slack.sees("omar", "How to ask")
    await slack.opens_home("omar")
    await slack.until(lambda: [each for each in slack.calls if each[0] == "views.publish"])
    await slack.mentions("mona", "help")
    await slack.until(lambda: [each for each in slack.calls if each[0] == "chat.postEphemeral"])
    with reading() as session:
        omar = session.scalars(select(Person).join(Account).where(Account.external == slack.ids["omar"])).one()
        assert (omar.handle, omar.department) == ("omar", "IT")
        known = session.scalars(select(Account.external)).all()
        assert slack.ids["agora"] not in known
        assert session.scalars(select(Place).where(Place.key == slack.channel)).one().members_known
    assert slack.failed() == []
