"""The whole of Agora between a Teams that sends and a Teams that is written to: asked, answered, pressed, changed."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.homes import Refresher
from bot.runtime import Runtime
from bot.serve import application
from models import base
from models.base import reading, transaction
from models.mail import Outbox, PostedCard
from models.people import Account, Person
from models.places import PRIVATE, Membership, Place
from tests.gateways.conftest import until
from tests.teams_cards import fits
from tests.teams_server import Message, TeamsServer
from tests.town import populate, settle, working

TENANT = "t1"
Json = dict[str, Any]


@dataclass
class Client:
    """Somebody's Teams: it sends what they do, and shows what Agora wrote to them."""

    service: TeamsServer
    agora: TestClient[Any, Any]
    runtime: Runtime
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def send(self, kind: str, **about: Any) -> Json:
        """An activity of Mona's, in her own chat; the answer."""
        activity = {
            "type": kind, "id": str(next(self._numbers)), "channelId": "msteams", "serviceUrl": self.service.url,
            "from": {"id": "29:mona", "aadObjectId": "aad-mona"}, "recipient": {"id": "28:agora"},
            "conversation": {"id": "a:mona", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}}, **about,
        }  # fmt: skip
        response = await self.agora.post("/api/messages", json=activity)
        assert response.status == 200, await response.text()
        return await response.json() if await response.read() else {}

    async def sees(self, words: str) -> Message:
        """The message of Agora's with these words, once it is there; as Teams and its schema would take it."""
        found: Message = await until(lambda: self._with(words))
        fits(found.card)
        return found

    def _with(self, words: str) -> Message | None:
        return next((each for each in self.service.standing("a:mona") if words in str(each.card)), None)

    async def presses(self, label: str, message: Message) -> Json:
        """Press a button; the answer."""
        (action,) = buttons(message, label)
        return await self.send("invoke", name="adaptiveCard/action", replyToId=message.id, value={"action": action})


def buttons(message: Message, label: str) -> list[Json]:
    """The buttons with this label."""
    return [each for row in message.card["body"] for each in row.get("actions", ()) if each["title"] == label]


@pytest.fixture
async def mona(database: str) -> AsyncIterator[Client]:
    base.connect(database)
    populate()
    settle_in()
    async with TeamsServer() as service, working(settle(teams_local=True), database) as runtime:
        agora = TestClient(TestServer(application(runtime)))
        await agora.start_server()
        yield Client(service, agora, runtime)
        await agora.close()
        await runtime.gateways["teams"].close()


def settle_in() -> None:
    """Mona has Teams."""
    with transaction() as session:
        mona = session.scalars(select(Person).where(Person.handle == "mona")).one()
        own = Place(platform="teams", installation=TENANT, key="aad-mona", kind=PRIVATE, name=mona.name, closed=True)
        session.add(own)
        session.add(
            Account(person_id=mona.id, platform="teams", installation=TENANT, external="aad-mona", private="aad-mona")
        )
        session.flush()
        session.add(Membership(place_id=own.id, person_id=mona.id))


async def test_a_question_is_answered_and_solved(mona: Client) -> None:
    await mona.send("message", text="How do I reset the VPN?")
    answer = await mona.sees("Resetting the VPN")
    reply = await mona.presses("This solved it", answer)
    assert reply["statusCode"] == 200 and "Solved" in str(reply["value"])
    assert await mona.sees("✓ Solved") is answer and len(mona.service.standing("a:mona")) == 1


async def test_a_message_without_an_answer_is_settled_by_a_press_and_changed(mona: Client) -> None:
    mona.service.faults["a:mona"] = ["lost"]
    await mona.send("message", text="How do I reset the VPN?")
    answer = await mona.sees("Resetting the VPN")
    await until(lambda: _states() == ["uncertain"])
    await mona.presses("This solved it", answer)
    assert await mona.sees("✓ Solved") is answer
    await until(lambda: _states() == ["sent", "sent"])
    with reading() as session:
        assert set(session.scalars(select(PostedCard.reference))) == {answer.id}


async def test_a_form_opens_and_what_it_says_is_done(mona: Client) -> None:
    await mona.send("message", text="What is for lunch on the moon?")
    asked = await mona.sees("nothing that answers")
    (action,) = buttons(asked, "Ask an expert")
    assert action["data"]["msteams"] == {"type": "task/fetch"}
    opened = await mona.send("invoke", name="task/fetch", replyToId=asked.id, value={"data": action["data"]})
    card = fits(opened["task"]["value"]["card"]["content"])
    (field_,) = [each for each in card["body"] if each["type"] == "Input.ChoiceSet"]
    filled = {**card["actions"][0]["data"], field_["id"]: field_["choices"][0]["value"]}
    done = await mona.send("invoke", name="task/submit", replyToId=asked.id, value={"data": filled})
    assert done == {} or done["task"]["type"] == "message", done


def _states() -> list[str]:
    with reading() as session:
        return [
            row.state for row in session.scalars(select(Outbox).where(Outbox.platform == "teams").order_by(Outbox.id))
        ]


async def test_who_sends_files_that_do_not_arrive_is_told_and_answered(mona: Client) -> None:
    html = {"contentType": "text/html", "content": '<p>How do I reset the VPN?</p><attachment id="7"></attachment>'}
    await mona.send("message", text="How do I reset the VPN?", attachments=[html])
    await mona.sees("did not reach me")
    await mona.sees("VPN")


async def test_who_sends_a_file_alone_is_asked_what_it_is_about(mona: Client) -> None:
    picture = {"contentType": "image/png", "contentUrl": f"{mona.service.url}v3/attachments/1"}
    await mona.send("message", text="", attachments=[picture])
    await mona.sees("what is it about")


async def test_the_pages_of_an_answer_open_as_its_reader_in_their_own_chat(mona: Client) -> None:
    await mona.send("message", text="How do I reset the VPN?")
    answer = await mona.sees("Read the whole entry")
    assert "/open/" in str(answer.card)


async def test_home_is_a_message_that_says_what_is_true_now(mona: Client) -> None:
    await mona.send("message", text="Home")
    home = await mona.sees("You have no open question")
    reply = await mona.presses("Follow", home)
    assert "You follow this topic" in reply["value"], reply
    assert await mona.sees("Unfollow") is home

    refresher = Refresher(mona.runtime.router, "teams", in_chat=True)
    await mona.send("message", text="What is for lunch on the moon?")
    asked = await mona.sees("nothing that answers")
    await until(lambda: refresher.refresh())
    assert await mona.sees("for lunch on the moon") is home and asked is not home
    assert refresher.refresh() == 0

    await mona.send("message", text="/home")
    again = await until(lambda: next((each for each in mona.service.standing("a:mona")[2:]), None))
    await mona.presses("Unfollow", again)
    await until(lambda: buttons(again, "Follow"))
    assert buttons(home, "Unfollow"), "the one above stays as it was"


async def test_what_a_form_of_a_home_did_stands_there(mona: Client) -> None:
    await mona.send("message", text="home")
    home = await mona.sees("You are there.")
    (action,) = buttons(home, "My settings")
    opened = await mona.send("invoke", name="task/fetch", replyToId=home.id, value={"data": action["data"]})
    card = fits(opened["task"]["value"]["card"]["content"])
    given = {each["id"]: each.get("value", "") for each in card["body"] if each["type"].startswith("Input.")}
    filled = {**card["actions"][0]["data"], **given, "locale": "it"}
    await mona.send("invoke", name="task/submit", replyToId=home.id, value={"data": filled})
    await until(lambda: home.card["lang"] == "it")
