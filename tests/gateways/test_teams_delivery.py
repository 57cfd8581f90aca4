"""Writing into Teams: where it goes, what comes of every answer, and of none."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.cards import Card, Link, Markdown, Mention, Passage, Picture, T, Text, User, simple
from bot.gateway import DELETE, EDIT, HOME, Undeliverable
from bot.teams.delivery import Deliverer
from bot.texts import Reader
from models import files
from models.base import reading, transaction
from models.people import Person
from models.sessions import Link as SessionLink
from tests.teams_cards import fits
from tests.teams_sending import (
    GENERAL,
    TENANT,
    channel,
    delivery,
    someone,
    words,
)
from tests.teams_server import TeamsServer


async def test_a_message_arrives_in_somebodys_own_chat_with_their_token_and_links(
    service: TeamsServer, deliverer: Deliverer
) -> None:
    mona = someone("mona", met=service.url)
    reference = await deliverer.deliver(delivery("aad-mona", person_id=mona))
    (message,) = service.standing("a:mona")
    assert message.id == reference and service.tokens == {"Bearer token1"}
    fits(message.card)
    assert "https://agora.example.com/open/" in words(message.card) and message.activity["summary"] == "Hello"
    with reading() as session:
        assert session.scalars(select(SessionLink.path)).all() == ["/entries/5"]


async def test_a_message_in_a_channel_stands_in_its_thread_and_its_links_open_for_nobody_in_particular(
    service: TeamsServer, deliverer: Deliverer
) -> None:
    channel(service.url)
    await deliverer.deliver(delivery(GENERAL, thread="170"))
    await deliverer.deliver(delivery(GENERAL))
    assert [message.conversation for message in service.messages.values()] == [f"{GENERAL};messageid=170", GENERAL]
    assert "https://agora.example.com/entries/5" in words(service.standing(GENERAL)[0].card)


async def test_edits_and_deletions_reach_the_message(service: TeamsServer, deliverer: Deliverer) -> None:
    channel(service.url)
    reference = await deliverer.deliver(delivery(GENERAL, thread="170"))
    changed = delivery(GENERAL, simple(T("Ask")), 2, operation=EDIT, reference=reference)
    assert await deliverer.deliver(changed) == reference
    assert '"Ask"' in words(service.messages[reference].card)
    gone = delivery(GENERAL, number=3, operation=DELETE, reference=reference)
    assert await deliverer.deliver(gone) == reference == await deliverer.deliver(gone)
    assert service.deleted == [reference] and not service.messages
    with pytest.raises(Undeliverable, match="ActivityNotFound"):
        await deliverer.deliver(changed)


async def test_what_one_alone_may_see_goes_to_their_own_chat_and_can_be_changed_there(
    service: TeamsServer, deliverer: Deliverer
) -> None:
    mona = someone("mona", met=service.url)
    channel(service.url, mona)
    whisper = delivery(GENERAL, thread="170", only_for="aad-mona", person_id=mona)
    reference = await deliverer.deliver(whisper)
    (message,) = service.standing("a:mona")
    assert "General" in words(message.card) and "/open/" in words(message.card) and not service.standing(GENERAL)
    await deliverer.deliver(delivery(GENERAL, simple(T("Ask")), 2, operation=EDIT, reference=reference, person_id=mona))
    assert '"Ask"' in words(message.card | service.messages[message.id].card)
    await deliverer.deliver(delivery(GENERAL, number=3, operation=DELETE, reference=reference))
    assert service.deleted == [message.id]


async def test_who_is_there_is_mentioned_and_who_reads_another_language_may_see_it_in_theirs(
    service: TeamsServer, deliverer: Deliverer
) -> None:
    people = {name: someone(name, locale, met=service.url) for name, locale in
              (("mona", "en"), ("omar", "ar"), ("noa", "he"), ("gino", "it"))}  # fmt: skip
    channel(service.url, people["mona"], people["omar"], people["noa"])
    card = simple(T("{name} answered.", name=Mention(people["mona"], "Mona")),
                  Text(T("{name} answered.", name=Mention(people["gino"], "Gino"))))  # fmt: skip
    await deliverer.deliver(delivery(GENERAL, card, 7))
    shown = fits(service.standing(GENERAL)[0].card)
    assert [each["mentioned"]["id"] for each in shown["msteams"]["entities"]] == ["aad-mona"]
    assert shown["refresh"]["userIds"] == ["29:omar", "29:noa"]


async def test_small_pictures_go_along_for_who_may_see_them(service: TeamsServer, deliverer: Deliverer) -> None:
    mona, omar = someone("mona", met=service.url), someone("omar", met=service.url)
    with transaction() as session:
        owner = session.get_one(Person, mona)
        small = files.keep(session, owner, "small.png", b"\x89PNG\r\n\x1a\n" + b"x" * 100).id
        large = files.keep(session, owner, "large.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50_000).id
    card = Card(T("Hello"), (Picture(small, User("small.png")), Picture(large, User("large.png"))))
    await deliverer.deliver(delivery("aad-mona", card, person_id=mona))
    await deliverer.deliver(delivery("aad-omar", card, person_id=omar))
    channel(service.url)
    await deliverer.deliver(delivery(GENERAL, card, person_id=mona))
    assert words(service.standing("a:mona")[0].card).count("data:image/png;base64,") == 1
    assert "data:image" not in words(service.standing("a:omar")[0].card)
    assert "data:image" not in words(service.standing(GENERAL)[0].card), "others see it there"


def found(count: int, by_model: bool = False) -> Card:
    """An answer with so many passages. What a model wrote bears the numbers of its sources itself."""
    intro = T("This is what the company knows:")
    passages = (Passage(User(f"[{n + 1}] " * by_model + f"Title {n} " + "x" * 200 * (n % 2)), "words " * 99, "en", (),
                        Link(T("Ask"), f"/entries/{n}")) for n in range(count))  # fmt: skip
    said = (Text(User("Park on level two. [1] [31] of 30")),) if by_model else ()
    return Card(intro, (Text(intro), *said, *passages), by_model)


async def test_what_is_shown_of_what_is_written_is_cited(service: TeamsServer, deliverer: Deliverer) -> None:
    mona = someone("mona", met=service.url)
    await deliverer.deliver(delivery("aad-mona", found(2), person_id=mona))
    (message,) = service.standing("a:mona")
    (entity,) = message.activity["entities"]
    assert "text" not in message.activity, "beside a card it would be a message of its own"
    assert [claim["position"] for claim in entity["citation"]] == [1, 2]
    assert all("agora.example.com/open/" in claim["appearance"]["url"] for claim in entity["citation"])
    assert "additionalType" not in entity and "channelData" not in message.activity, "no model wrote this"
    fits(message.card)
    assert "[1] Title 0" in words(message.card) and "[2] Title 1" in words(message.card)


async def test_what_a_model_wrote_is_labelled_cited_and_judged(service: TeamsServer, deliverer: Deliverer) -> None:
    channel(service.url)
    reference = await deliverer.deliver(delivery(GENERAL, found(30, by_model=True)))
    activity = service.standing(GENERAL)[0].activity
    (entity,) = activity["entities"]
    assert entity["additionalType"] == ["AIGeneratedContent"] and entity["@type"] == "Message"
    assert activity["channelData"]["feedbackLoop"] == {"type": "default"}
    shown = words(activity["attachments"])
    assert re.findall(r"\[(\d+)\] Title", shown) == [str(n) for n in range(1, 31)]
    said, first, missing = activity["attachments"][0]["content"]["body"][1]["inlines"]
    assert said["text"] == "Park on level two. " and missing["text"] == " [31] of 30"
    assert (first["text"], first["selectAction"]["url"]) == ("[1]", "https://agora.example.com/entries/0")
    claims = [claim["appearance"] for claim in entity["citation"]]
    assert (
        claims[0]["name"].startswith("Title 0")
        and len(claims) == 20
        and claims[3]["url"] == "https://agora.example.com/entries/3"
    )
    assert all(len(claim["name"]) <= 80 and len(claim["abstract"]) <= 160 for claim in claims)
    await deliverer.deliver(delivery(GENERAL, found(1, by_model=True), 2, operation=EDIT, reference=reference))
    changed = service.messages[reference].activity
    assert "[1] Title" in words(changed) and "[2] Title" not in words(changed) and "text" not in changed
    assert changed["entities"][0]["additionalType"] == ["AIGeneratedContent"] and changed["channelData"]


async def test_what_no_model_wrote_is_not_labelled(service: TeamsServer, deliverer: Deliverer) -> None:
    channel(service.url)
    await deliverer.deliver(delivery(GENERAL))
    assert {"entities", "channelData"}.isdisjoint(service.standing(GENERAL)[0].activity)


async def test_there_is_no_home_in_teams(deliverer: Deliverer) -> None:
    with pytest.raises(Undeliverable):
        await deliverer.deliver(replace(delivery("aad-mona"), operation=HOME))


async def test_somebodys_language_is_the_message_s(service: TeamsServer, deliverer: Deliverer) -> None:
    omar = someone("omar", "ar", met=service.url)
    await deliverer.deliver(delivery("aad-omar", person_id=omar, reader=Reader("ar")))
    (message,) = service.standing("a:omar")
    assert (message.card["lang"], message.card["rtl"], message.activity["locale"]) == ("ar", True, "ar")


async def test_threads_may_ask_teams(service: TeamsServer, deliverer: Deliverer) -> None:
    def ask(path: str) -> Any:
        return deliverer.ask(service.url, path)

    found = await asyncio.to_thread(ask, "v3/conversations/19%3Ax/members/29%3Amona")
    assert found == {"id": "29:mona", "name": "Mona"}
    assert await asyncio.to_thread(ask, "v3/conversations/19%3Ax/members/nobody") is None
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(SessionLink)) == 0


async def test_what_counts_against_which_limits(deliverer: Deliverer) -> None:
    conversation, tenant = deliverer.paces(delivery(GENERAL))
    assert (conversation.key, tenant.key) == (f"teams:{TENANT}:{GENERAL}", f"teams:{TENANT}")
    assert [tuple(window) for window in conversation.windows] == [(7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0)]
    assert [tuple(window) for window in tenant.windows] == [(50, 1.0)]
    alone, _ = deliverer.paces(delivery(GENERAL, only_for="aad-mona"))
    assert alone.key == f"teams:{TENANT}:aad-mona"


async def test_what_is_too_long_leads_to_the_whole(service: TeamsServer, deliverer: Deliverer) -> None:
    mona = someone("mona", met=service.url)
    card = Card(T("Hello"), (Markdown("a long story " * 9000),))
    await deliverer.deliver(delivery("aad-mona", card, 9, person_id=mona))
    shown = fits(service.standing("a:mona")[0].card)
    with reading() as session:
        (path,) = session.scalars(select(SessionLink.path))
    assert re.fullmatch(r"/messages/[0-9]+/9", path) and "/open/" in words(shown)
