"""The web as a platform: what people write, press and fill in, and what is delivered to them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.cards import Actions, Button, Card, T, Text, User, simple
from bot.gateway import DELETE, EDIT, POST, Delivery, Undeliverable
from bot.inbound import Inbound
from bot.texts import Reader
from bot.web.store import WebMessage
from models.base import reading
from models.mail import Inbox
from tests.gateways.conftest import Site, until


def delivery(outbox_id: int, card: Card | None, operation: str = POST, **about: Any) -> Delivery:
    return Delivery(outbox_id, "slack", about.pop("place", "general"), operation, card, Reader(), **about)


def count(table: Any) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_question_in_a_channel_is_answered_in_its_thread(site: Site) -> None:
    mona = site.tab("mona")
    said = await mona.says("@agora how do I reset the VPN?", "general")
    assert said["working"] is True
    root = str(said["changes"][0]["id"])
    answer = (await mona.sees(2, "general", root))[1]
    assert answer.author_id is None
    assert answer.thread == root
    assert "Connect" in await mona.page(f"/in/general?thread={root}")


async def test_what_is_sent_twice_stands_once_and_is_heard_once(site: Site) -> None:
    mona = site.tab("mona")
    answers = await asyncio.gather(*(mona.says("hello all", "general", key="the-same-key") for _ in range(4)))
    assert len({answer["changes"][0]["id"] for answer in answers}) == 1
    assert (count(WebMessage), count(Inbox)) == (1, 1)


async def test_the_mention_is_taken_out_and_a_plain_message_is_not_meant_for_agora(site: Site) -> None:
    mona = site.tab("mona")
    await mona.says("@Agora, what is the time?", "general")
    assert (await mona.says("mail agora@agora.example or @agoraphobia", "general"))["working"] is False
    with reading() as session:
        asked, beside = session.scalars(select(Inbox.payload).order_by(Inbox.id))
    heard = Inbound.from_json(asked or {})
    assert (heard.text, heard.mentioned) == ("what is the time?", True)
    if beside is not None:  # nothing is kept of what did not concern Agora, once it was looked at
        assert Inbound.from_json(beside).mentioned is False


async def test_what_cannot_stand_is_refused_with_a_reason(site: Site) -> None:
    mona = site.tab("mona")
    for text, refused in (
        ("  \n\x00 ", "Write something first."),
        ("x" * 40_001, "at most"),
        ("/nonsense now", "/nonsense"),
    ):
        assert refused in (await mona.says(text, "general"))["refused"]
    assert (count(WebMessage), count(Inbox)) == (0, 0)


async def test_forty_thousand_characters_and_strange_ones_are_kept(site: Site) -> None:
    mona = site.tab("mona")
    await mona.says("🙂" * 40_000, "general")
    await mona.says("a\x00b\u202ec\ud800d\r\ne", "general")
    long, strange = mona.messages("general")
    assert len(long.text) == 40_000
    assert strange.text == "abc?d\ne"


async def test_nobody_writes_or_reads_where_they_are_not(site: Site) -> None:
    mona = site.tab("mona")
    assert "not for you to see" in (await mona.says("hi", "secret"))["refused"]
    assert "not a member" in (await mona.says("hi", "lunch"))["refused"]
    assert "refused" in await mona.says("hi", "dm:omar")
    assert (await site.client.get("/as/mona/slack/in/secret")).status == 404
    assert "You can read this channel" in await mona.page("/in/lunch")
    assert (await site.client.get("/as/gino/slack/in/lunch")).status == 404
    assert count(WebMessage) == 0


async def test_a_command_opens_a_form_whose_errors_stand_at_their_fields(site: Site) -> None:
    mona = site.tab("mona")
    form = (await mona.says("/ask", "general"))["form"]
    assert 'data-route="questions.ask"' in form
    where = {"route": "questions.ask", "id": 0, "place": "general"}
    wrong = await (await mona.post("submit", **where, values={"text": "  "})).json()
    assert wrong["errors"]["text"]
    right = await (await mona.post("submit", **where, values={"text": "How do I reset the VPN?"})).json()
    assert right["errors"] == {}
    assert "Connect" in str([message.card for message in await mona.sees(2)])  # "You asked", and the answer
    assert mona.messages("general") == []


async def test_a_press_counts_once_and_everybody_sees_what_it_changed(site: Site) -> None:
    mona, omar = site.tab("mona"), site.tab("omar")
    root = (await mona.says("@agora how do I reset the VPN?", "general"))["changes"][0]["id"]
    answer = (await mona.sees(2, "general", str(root)))[1]
    question = next(b for e in answer.card["elements"] if e["_"] == "Actions" for b in e["buttons"])["id"]
    theirs = await omar.presses("questions.solved", question, answer)
    assert theirs["notice"]
    ours = [await mona.presses("questions.solved", question, answer, key="one-press") for _ in range(2)]
    assert ours[0] == ours[1]
    edited = await until(lambda: next((m for m in omar.messages("general", str(root)) if m.edited_at), None))
    assert edited.id == answer.id


async def test_a_message_becomes_a_question_by_its_menu(site: Site) -> None:
    mona, omar = site.tab("mona"), site.tab("omar")
    id = str((await mona.says("resetting the VPN is beyond me", "general"))["changes"][0]["id"])
    answer = await omar.post("shortcut", route="questions.from_message", place="general", message=id)
    assert answer.status == 200
    assert (await omar.sees(2, "general", id))[1].author_id is None


async def test_a_refusal_is_private_and_says_what_to_do(site: Site) -> None:
    mona = site.tab("mona")
    message = WebMessage(id=1, conversation="general")
    answer = await mona.presses("questions.solved", 1, message)
    assert answer["refused"]
    response = await mona.post("press", route="questions.solved", id="1", place="general")
    assert response.status == 200
    assert "out of date" in (await response.json())["refused"]


async def test_a_delivery_stands_once_however_often_it_is_made(site: Site) -> None:
    gateway = site.runtime.gateways["web"]
    post = delivery(7, simple(T("Your home shows them.")))
    assert await gateway.reconcile(post) is None
    ids = await asyncio.gather(*(gateway.deliver(post) for _ in range(5)))
    assert len(set(ids)) == 1
    assert await gateway.reconcile(post) == ids[0]
    assert count(WebMessage) == 1


async def test_an_edit_and_a_removal_reach_the_message_and_may_be_repeated(site: Site) -> None:
    gateway, mona = site.runtime.gateways["web"], site.tab("mona")
    id = await gateway.deliver(delivery(1, simple(User("before"))))
    edit = delivery(2, simple(User("after")), EDIT, reference=id)
    assert [await gateway.deliver(edit) for _ in range(2)] == [id, id]
    assert "after" in str(mona.messages("general")[0].card)
    remove = delivery(3, None, DELETE, reference=id)
    assert [await gateway.deliver(remove) for _ in range(2)] == [id, id]
    assert mona.messages("general") == []
    with pytest.raises(Undeliverable):
        await gateway.deliver(edit)


async def test_what_can_never_arrive_says_so(site: Site) -> None:
    for impossible in (
        delivery(1, simple(User("x")), place="nowhere"),
        delivery(1, simple(User("x")), only_for="nobody"),
        delivery(1, None),
        delivery(1, simple(User("x")), EDIT, reference="999"),
        delivery(1, simple(User("x")), EDIT, reference="²"),
    ):
        with pytest.raises(Undeliverable):
            await site.runtime.gateways["web"].deliver(impossible)


async def test_agora_edits_no_message_of_a_person(site: Site) -> None:
    mona = site.tab("mona")
    id = (await mona.says("mine", "general"))["changes"][0]["id"]
    with pytest.raises(Undeliverable):
        await site.runtime.gateways["web"].deliver(delivery(1, simple(User("x")), EDIT, reference=str(id)))


async def test_what_is_for_one_is_seen_by_one(site: Site) -> None:
    gateway = site.runtime.gateways["web"]
    await gateway.deliver(delivery(1, simple(User("for mona alone")), only_for="mona"))
    assert "for mona alone" in await site.tab("mona").page("/in/general")
    assert "Only you see this" in await site.tab("mona").page("/in/general")
    assert "for mona alone" not in await site.tab("omar").page("/in/general")


async def test_text_of_people_is_text(site: Site) -> None:
    mona = site.tab("mona")
    nasty = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) **bold** https://a.example/?q=1&r=2"
    await mona.says(nasty, "general")
    card = Card(User(nasty), (Text(User(nasty)), Actions((Button(T("{x}", x=User(nasty)), "a.b", 1),))))
    await site.runtime.gateways["web"].deliver(delivery(1, card))
    html = await site.tab("omar").page("/in/general")
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert '<a href="https://a.example/?q=1&amp;r=2"' in html
    assert "<strong>bold</strong>" in html


async def test_only_what_the_playground_captured_is_parsed(site: Site) -> None:
    gateway = site.runtime.gateways["web"]
    for payload in ({}, {"platform": "web"}, {"surprise": 1}, Inbound("slack", "T1", "C1", "message").to_json()):
        with pytest.raises(ValueError, match="not an event of the playground"):
            gateway.parse(payload)
    heard = Inbound("web", "slack", "general", "message", "mona", text="hi")
    assert gateway.parse(heard.to_json()) == heard


async def test_unread_messages_are_counted_until_they_are_read(site: Site) -> None:
    mona, omar = site.tab("mona"), site.tab("omar")
    for text in ("one", "two"):
        said = await mona.says(text, "general")
    assert "<span data-count>2</span>" in await omar.page("/home")
    await omar.post("read", place="general", upto=said["changes"][0]["id"])
    await omar.post("read", place="general", upto=1)
    assert "<span data-count>0</span>" in await omar.page("/home")
    assert "<span data-count>2</span>" not in await mona.page("/home")


async def test_earlier_messages_come_by_the_page(site: Site) -> None:
    gateway, mona = site.runtime.gateways["web"], site.tab("mona")
    for number in range(1, 64):
        await gateway.deliver(delivery(number, simple(User(f"number {number}."))))
    newest = await mona.page("/in/general")
    assert "number 3." not in newest
    assert "number 63." in newest
    before = newest.partition("?before=")[2].partition('"')[0]
    earlier = await mona.page(f"/in/general?before={before}")
    assert all(f"number {number}." in earlier for number in (1, 2, 3))
    assert "?before=" not in earlier


async def test_home_shows_what_features_contribute(site: Site) -> None:
    html = await site.tab("mona").page("/home")
    assert 'data-press="questions.new"' in html
    assert 'href="/topics/1?as=mona"' in html


async def test_names_inside_sentences_stay_isolated_and_turn_nothing(site: Site) -> None:
    sentence = T("I have answered {name} privately.", name=User("\u202eנועה"))
    await site.runtime.gateways["web"].deliver(delivery(1, Card(sentence, (Text(sentence), Text(User("\u202ewrong"))))))
    html = await site.tab("mona").page("/in/general")
    assert '<p class="text">I have answered \u2068נועה\u2069 privately.</p>' in html
    assert '<p class="text" dir="auto">wrong</p>' in html
