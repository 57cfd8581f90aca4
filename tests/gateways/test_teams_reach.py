"""What comes of every answer of Teams, and of none; and who can be reached at all."""

from __future__ import annotations

import pytest

from bot.gateway import Throttled, Uncertain, Undeliverable
from bot.teams import store
from bot.teams.connector import retry_after
from bot.teams.delivery import Deliverer
from models import erasing
from models.base import transaction
from models.people import Person
from tests.teams_sending import BOT, GENERAL, TENANT, channel, delivery, sending, someone, unreachable
from tests.teams_server import TeamsServer


async def test_who_never_wrote_is_written_to_and_the_chat_is_remembered(
    service: TeamsServer, deliverer: Deliverer
) -> None:
    channel(service.url)  # from which the tenant's service is known
    someone("omar")
    await deliverer.deliver(delivery("aad-omar"))
    await deliverer.deliver(delivery("aad-omar", number=2))
    created = [body for _, path, body in service.requests if path == "/v3/conversations"]
    assert created == [{"bot": {"id": BOT}, "members": [{"id": "aad-omar"}], "tenantId": TENANT, "isGroup": False,
                        "channelData": {"tenant": {"id": TENANT}}}]  # fmt: skip
    assert len(service.standing("a:aad-omar")) == 2


async def test_a_chat_that_is_begun_twice_is_one(service: TeamsServer, deliverer: Deliverer) -> None:
    someone("omar", met=service.url, spoken=False)
    service.faults["29:omar"] = ["cut", "502"]
    for _ in range(2):
        with pytest.raises(Throttled):
            await deliverer.deliver(delivery("aad-omar"))
    assert await deliverer.deliver(delivery("aad-omar")) == service.standing("a:29:omar")[0].id


async def test_who_has_not_installed_agora_is_unreachable_and_says_why(
    service: TeamsServer, deliverer: Deliverer
) -> None:
    someone("omar", met=service.url, spoken=False)
    service.without_app.add("29:omar")
    with pytest.raises(Undeliverable, match=r"not installed .*BotNotInConversationRoster"):
        await deliverer.deliver(delivery("aad-omar"))
    before = len(service.requests)
    with pytest.raises(Undeliverable, match="not installed"):
        await deliverer.deliver(delivery("aad-omar", number=2))
    assert len(service.requests) == before and "not installed" in str(unreachable("aad-omar"))


async def test_agora_installs_itself_where_that_is_allowed(service: TeamsServer) -> None:
    channel(service.url)
    someone("omar")
    service.without_app.add("aad-omar")
    async with sending(service, teams_catalog_app="catalog-1") as deliverer:
        with pytest.raises(Throttled):
            await deliverer.deliver(delivery("aad-omar"))
        await deliverer.deliver(delivery("aad-omar"))
    (body,) = service.installs
    assert body["teamsApp@odata.bind"].endswith("/v1.0/appCatalogs/teamsApps/catalog-1")
    assert len(service.standing("a:aad-omar")) == 1 and unreachable("aad-omar") is None


async def test_agora_installs_itself_where_only_its_message_says_that_it_is_missing(service: TeamsServer) -> None:
    someone("omar", met=service.url)
    service.faults["a:omar"] = ["403 BotNotInConversationRoster"] * 2
    async with sending(service, teams_catalog_app="catalog-1") as deliverer:
        with pytest.raises(Throttled):
            await deliverer.deliver(delivery("aad-omar"))
        with pytest.raises(Undeliverable, match="blocked or removed"):
            await deliverer.deliver(delivery("aad-omar"))
    assert len(service.installs) == 1, "once"


async def test_who_blocked_agora_or_is_gone_has_it_not_installed(service: TeamsServer) -> None:
    for name, fault in (("omar", "403 MessageWritesBlocked"), ("mona", "404 ConversationNotFound")):
        someone(name, met=service.url)
        service.faults[f"a:{name}"] = [fault]
        async with sending(service, teams_catalog_app="catalog-1") as deliverer:
            with pytest.raises(Undeliverable):
                await deliverer.deliver(delivery(f"aad-{name}"))
        assert fault in str(unreachable(f"aad-{name}"))
    assert service.installs == []


async def test_where_installing_is_refused_the_reason_is_kept(service: TeamsServer) -> None:
    channel(service.url)
    someone("omar")
    service.without_app.add("aad-omar")
    service.may_install = False
    async with sending(service, teams_catalog_app="catalog-1") as deliverer:
        with pytest.raises(Undeliverable, match="could not be: 403 Forbidden"):
            await deliverer.deliver(delivery("aad-omar"))
    assert "could not be" in str(unreachable("aad-omar"))


async def test_a_conversation_without_agora_is_not_begun(service: TeamsServer, deliverer: Deliverer) -> None:
    with pytest.raises(Undeliverable, match="never added"):
        await deliverer.deliver(delivery("19:other@thread.tacv2"))
    assert service.requests == []


@pytest.mark.parametrize("code", ["ConversationBlockedByUser", "MessageWritesBlocked", "BotNotInConversationRoster"])
async def test_who_blocked_agora_is_unreachable_until_they_are_back(
    service: TeamsServer, deliverer: Deliverer, code: str
) -> None:
    mona = someone("mona", met=service.url)
    service.faults["a:mona"] = [f"403 {code}"]
    with pytest.raises(Undeliverable, match=code):
        await deliverer.deliver(delivery("aad-mona"))
    asked = len(service.requests)
    with pytest.raises(Undeliverable, match="blocked or removed"):
        await deliverer.deliver(delivery("aad-mona", number=2))
    assert len(service.requests) == asked and mona
    _come_back(service, "mona")
    await deliverer.deliver(delivery("aad-mona", number=3))
    assert len(service.standing("a:mona")) == 1


@pytest.mark.parametrize("fault", ["403 BotNotInConversationRoster", "404 ConversationNotFound"])
async def test_of_a_channel_that_is_closed_to_agora_the_outbox_hears_so(
    service: TeamsServer, deliverer: Deliverer, fault: str
) -> None:
    mona = someone("mona", met=service.url)
    channel(service.url, mona)
    service.faults[GENERAL] = [fault]
    with pytest.raises(Undeliverable) as refused:
        await deliverer.deliver(delivery(GENERAL))
    assert refused.value.closed
    service.faults["a:mona"] = ["403 ConversationBlockedByUser"]
    with pytest.raises(Undeliverable) as refused:
        await deliverer.deliver(delivery(GENERAL, number=2, only_for="aad-mona", person_id=mona))
    assert not refused.value.closed, "there is no other way to whom it is for"


def _come_back(service: TeamsServer, handle: str) -> None:
    """Something is heard from their own chat again."""
    with transaction() as session:
        store.refresh(session, store.Reference(TENANT, f"aad-{handle}", "personal", f"a:{handle}", f"29:{handle}",
                                               service.url, BOT))  # fmt: skip


@pytest.mark.parametrize("status", ["412", "429", "502", "503", "504"])
async def test_what_teams_cannot_take_just_then_is_tried_again(
    service: TeamsServer, deliverer: Deliverer, status: str
) -> None:
    channel(service.url)
    service.faults[GENERAL] = [status] * 3
    waits = []
    for _ in range(3):
        with pytest.raises(Throttled) as throttled:
            await deliverer.deliver(delivery(GENERAL))
        waits.append(throttled.value.seconds)
    assert waits == sorted(waits) and waits[0] < waits[2]
    await deliverer.deliver(delivery(GENERAL))
    assert len(service.standing(GENERAL)) == 1


async def test_what_teams_never_takes_is_given_up(service: TeamsServer, deliverer: Deliverer) -> None:
    channel(service.url)
    service.faults[GENERAL] = ["412"] * 99
    with pytest.raises(Undeliverable, match="again and again"):
        for _ in range(99):
            with pytest.raises(Throttled):
                await deliverer.deliver(delivery(GENERAL))
    assert not service.messages


@pytest.mark.parametrize("status", ["429", "503"])
async def test_a_teams_that_is_away_is_waited_for(service: TeamsServer, deliverer: Deliverer, status: str) -> None:
    channel(service.url)
    service.faults[GENERAL] = [status] * 50
    for _ in range(50):
        with pytest.raises(Throttled) as throttled:
            await deliverer.deliver(delivery(GENERAL))
    assert throttled.value.seconds == 60.0
    await deliverer.deliver(delivery(GENERAL))


@pytest.mark.parametrize(("said", "waits"), [("7", 7.0), ("0", 0.1), ("9999999", 600.0), ("nan", None), ("x", None)])
def test_what_teams_says_is_how_long_is_waited(said: str, waits: float | None) -> None:
    assert retry_after(said) == waits and retry_after(None) is None


async def test_many_refusals_at_once_hold_up_the_tenant(service: TeamsServer, deliverer: Deliverer) -> None:
    keys = [f"19:{n}@thread.tacv2" for n in range(4)]
    for key in keys:
        channel(service.url, key=key)
        service.faults[key] = ["429"]

    async def refused(key: str) -> Throttled:
        with pytest.raises(Throttled) as throttled:
            await deliverer.deliver(delivery(key))
        return throttled.value

    found = [(await refused(key)).key for key in keys]
    assert found[0] == f"teams:{TENANT}:{keys[0]}" and found[3] == f"teams:{TENANT}"


@pytest.mark.parametrize("fault", ["lost", "cut", "500"])
async def test_what_gets_no_answer_is_uncertain(service: TeamsServer, deliverer: Deliverer, fault: str) -> None:
    channel(service.url)
    service.faults[GENERAL] = [fault]
    with pytest.raises(Uncertain):
        await deliverer.deliver(delivery(GENERAL))
    assert len(service.messages) == (fault == "lost")
    with pytest.raises(Uncertain, match="read"):
        await deliverer.reconcile(delivery(GENERAL))


async def test_a_service_that_is_not_there_was_sent_nothing(service: TeamsServer, deliverer: Deliverer) -> None:
    channel("http://127.0.0.1:9")
    with pytest.raises(Throttled):
        await deliverer.deliver(delivery(GENERAL))


@pytest.mark.parametrize("status", ["400 BadSyntax", "403 Other", "404 ConversationNotFound", "413 MessageSizeTooBig"])
async def test_what_teams_refuses_says_why(service: TeamsServer, deliverer: Deliverer, status: str) -> None:
    channel(service.url)
    service.faults[GENERAL] = [status]
    with pytest.raises(Undeliverable, match=status):
        await deliverer.deliver(delivery(GENERAL))
    assert unreachable(GENERAL) is None


async def test_who_is_erased_leaves_no_way_to_their_chat(service: TeamsServer, deliverer: Deliverer) -> None:
    mona = someone("mona", met=service.url)
    await deliverer.deliver(delivery("aad-mona", person_id=mona))
    with transaction() as session:
        erasing.erase(session, session.get_one(Person, mona))
    with transaction() as session:
        assert store.reference_of(session, TENANT, "aad-mona") is None
    with pytest.raises(Undeliverable):
        await deliverer.deliver(delivery("aad-mona", number=2))
