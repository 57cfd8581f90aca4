"""Programs are told: signed, in order, again where they did not take it, and nowhere but where they may be called."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from bot.gateway import POST, Delivery, Throttled, Undeliverable
from bot.hooks import addresses, client, signing
from bot.hooks.gateway import HookGateway
from bot.outbox import LEASE, OutboxWorker
from bot.recording import Outcome
from bot.runtime import Runtime
from bot.texts import Reader
from bot.worker import by_lane
from models import base
from models.base import now, reading, transaction
from models.hooks import life, sealing, telling
from models.hooks.tables import Hook
from models.mail import DROPPED, SENT, Inbox, Outbox, lane_of
from tests.chat import KEY
from tests.hooked import LOCAL, fresh, made, receiver, secret
from tests.town import populate, settle

MESSAGE = {"type": "task.made", "version": 1, "timestamp": "2030-01-01T00:00:00+00:00", "data": {"task": {"id": 7}}}


@pytest.fixture
async def gateway(connected: str) -> AsyncIterator[HookGateway]:
    """What tells programs on this machine."""
    populate()
    sealing.use_keys([KEY])
    runtime = Runtime(settle(webhook_hosts=(LOCAL,), public_url="https://agora.example.com"), None, "test")  # type: ignore[arg-type]
    yield HookGateway(runtime)
    addresses.allow(())


def delivery(hook: Hook, number: int = 12) -> Delivery:
    """Something to tell ``hook``."""
    return Delivery(number, "hook", str(hook.id), POST, None, Reader(), data=MESSAGE, link="/tasks/7")


async def test_what_is_told_is_signed_and_leads_to_agora(gateway: HookGateway) -> None:
    async with receiver() as program:
        hook = made("mona", program.url)
        assert await gateway.deliver(delivery(hook)) == "msg_12"
        (told,) = program.received
        assert signing.verify([secret(hook)], told.headers, told.body, now().timestamp()) == "msg_12"
        assert told.message["data"] == {"task": {"id": 7}, "url": "https://agora.example.com/tasks/7"}
        assert told.headers["content-type"] == "application/json" and fresh(hook).last_at is not None


async def test_while_a_secret_is_changed_both_are_good(gateway: HookGateway) -> None:
    async with receiver() as program:
        hook = made("mona", program.url)
        before = secret(hook)
        with transaction() as session:
            life.renew_secret(session.get_one(Hook, hook.id))
        await gateway.deliver(delivery(hook))
        (told,) = program.received
        after = secret(hook)
        for key in (before, after):
            assert signing.verify([key], told.headers, told.body, now().timestamp())
        with transaction() as session:
            session.get_one(Hook, hook.id).secret_at = now() - life.HONOURED_FOR
        with reading() as session:
            assert life.keys(session.get_one(Hook, hook.id)) == [after]


async def test_who_does_not_take_it_is_told_again_later_each_time(gateway: HookGateway) -> None:
    async with receiver(500, 503, 302, 404) as program:
        hook = made("mona", program.url)
        waits = []
        for _ in range(4):
            with pytest.raises(Throttled) as refused:
                await gateway.deliver(delivery(hook))
            waits.append(refused.value.seconds)
        assert waits == list(telling.WAITS[:4]) and fresh(hook).last_error == "404"
        await gateway.deliver(delivery(hook))
        assert (fresh(hook).failures, fresh(hook).last_error) == (0, None)
        assert len({told.headers["webhook-id"] for told in program.received}) == 1


async def test_nothing_is_lost_or_overtaken_while_a_program_is_away(gateway: HookGateway) -> None:
    async with receiver(503, 503) as program:
        hook = made("mona", program.url)
        _wait(hook, 3)
        moment = now()
        try:
            for seconds in (0, 1, telling.WAITS[0], telling.WAITS[0] + telling.WAITS[1]):
                base.set_clock(lambda later=moment + timedelta(seconds=seconds): later)  # type: ignore[misc]
                await _work(gateway)
        finally:
            base.set_clock(None)
        ids = [told.headers["webhook-id"] for told in program.received]
        assert len(ids) == 5 and ids[0] == ids[1] == ids[2] and ids[2:] == sorted(set(ids))
        assert _states(hook) == [SENT] * 3


async def test_what_a_process_died_over_is_told_again_under_the_same_id(gateway: HookGateway) -> None:
    async with receiver() as program:
        hook = made("mona", program.url)
        _wait(hook, 1)
        died = OutboxWorker({"hook": gateway}, "who died")
        (sending,) = await asyncio.to_thread(died._claim)
        await gateway.deliver(sending.delivery({}))  # type: ignore[arg-type]
        moment = now() + LEASE
        try:
            base.set_clock(lambda: moment)
            await _work(gateway)
        finally:
            base.set_clock(None)
        assert len({told.headers["webhook-id"] for told in program.received}) == 1 and len(program.received) == 2
        assert _states(hook) == [SENT]


async def test_it_waits_as_long_as_the_program_asks(gateway: HookGateway) -> None:
    async with receiver(429, **{"Retry-After": "77"}) as program:
        with pytest.raises(Throttled) as refused:
            await gateway.deliver(delivery(made("mona", program.url)))
        assert refused.value.seconds == 77


async def test_what_is_never_taken_keeps_nothing_waiting(gateway: HookGateway) -> None:
    async with receiver(400, 413, 422) as program:
        hook = made("mona", program.url)
        for _ in range(3):
            with pytest.raises(Undeliverable):
                await gateway.deliver(delivery(hook))
        await gateway.deliver(delivery(hook, 13))
        assert fresh(hook).active


async def test_who_is_gone_is_turned_off_and_the_administrators_hear_of_it_once(gateway: HookGateway) -> None:
    async with receiver(410) as program:
        hook = made("mona", program.url)
        _wait(hook, 3)
        for _ in range(2):
            with pytest.raises(Undeliverable):
                await gateway.deliver(delivery(hook))
        assert not fresh(hook).active and len(program.received) == 1
        assert _told_off(hook) == 1 and _states(hook) == [DROPPED] * 3


async def test_after_a_day_of_failures_it_is_turned_off(gateway: HookGateway) -> None:
    hook = made("mona", f"http://{LOCAL}:{_free_port()}/told")
    for _ in telling.WAITS:
        with pytest.raises(Throttled):
            await gateway.deliver(delivery(hook))
    with pytest.raises(Undeliverable):
        await gateway.deliver(delivery(hook))
    assert not fresh(hook).active and _told_off(hook) == 1 and fresh(hook).last_error == client.CLOSED
    assert timedelta(hours=20) < timedelta(seconds=sum(telling.WAITS)) < timedelta(hours=30)


async def test_no_redirect_is_followed(gateway: HookGateway) -> None:
    async with receiver() as inside:
        async with receiver(307, Location=inside.url) as program:
            with pytest.raises(Throttled):
                await gateway.deliver(delivery(made("mona", program.url)))
        assert inside.received == []


async def test_who_never_answers_is_left(gateway: HookGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "DEADLINE", 0.3)
    held = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    server = await asyncio.start_server(silent, LOCAL, 0)
    port = server.sockets[0].getsockname()[1]
    hook = made("mona", f"http://{LOCAL}:{port}/told")
    with pytest.raises(Throttled):
        await gateway.deliver(delivery(hook))
    assert fresh(hook).last_error == client.LATE
    held.set()
    server.close()


async def test_a_name_that_leads_inside_is_not_called(gateway: HookGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is checked where it is connected to: whatever it said before."""
    async with receiver() as program:
        port = program.url.rpartition(":")[2].partition("/")[0]
        _resolve(monkeypatch, LOCAL)
        hook = made("mona", f"https://elsewhere.example.com:{port}/told")
        with pytest.raises(Throttled):
            await gateway.deliver(delivery(hook))
        assert fresh(hook).last_error == client.INSIDE and program.received == []


@pytest.mark.parametrize("inside", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
async def test_no_socket_is_made_for_what_lies_inside(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One public address among those of a name opens no others."""
    made_for: list[str] = []
    monkeypatch.setattr(socket, "socket", lambda *about: made_for.append("a socket"))
    guard = client._Guard("elsewhere.example.com")
    family = socket.AF_INET6 if ":" in inside else socket.AF_INET
    with pytest.raises(OSError, match="not an address"):
        guard.socket((family, socket.SOCK_STREAM, 6, "", (inside, 443)))
    assert guard.refused and made_for == []


async def test_the_host_that_the_operator_names_may_lie_inside_but_not_be_the_clouds(gateway: HookGateway) -> None:
    addresses.allow(("jira.corp",))
    assert addresses.checked("https://jira.corp/x") == "https://jira.corp/x"
    assert addresses.reachable("jira.corp", addresses.as_address("10.1.2.3"))  # type: ignore[arg-type]
    for never in ("169.254.169.254", "fd00:ec2::254", "0.0.0.0", "224.0.0.1", "fe80::1"):
        assert not addresses.reachable("jira.corp", addresses.as_address(never))  # type: ignore[arg-type]


def _resolve(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let every name lead to ``address``."""

    async def resolve(_: Any, host: str, port: int = 0, family: Any = 0) -> Sequence[dict[str, Any]]:
        found = {"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 6, "flags": 0}
        return [found]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)


def _wait(hook: Hook, count: int) -> None:
    """More waits to be told."""
    about = {"platform": "hook", "installation": "hook", "conversation": str(hook.id), "operation": POST}
    with transaction() as session:
        lane = lane_of("hook", "hook", str(hook.id))
        session.add_all(Outbox(lane=lane, **about, payload={"data": MESSAGE}, correlation="c") for _ in range(count))


async def test_whose_secret_no_key_opens_is_off_and_that_is_said_once(gateway: HookGateway) -> None:
    outgoing, later = (made("mona", f"https://{name}.example.com/") for name in ("now", "later"))
    incoming = made("mona")
    with transaction() as session:
        session.get_one(Hook, later.id).active = False
    sealing.use_keys([Fernet.generate_key().decode()])
    for _ in range(2):
        await gateway.start()
    assert [fresh(hook).active for hook in (outgoing, incoming)] == [False, False]
    with transaction() as session:
        session.get_one(Hook, later.id).active = True
    with pytest.raises(Undeliverable, match="unreadable"):
        await gateway.deliver(delivery(later))
    assert [_told_off(hook) for hook in (outgoing, incoming, later)] == [1, 1, 1]
    assert not fresh(later).active and fresh(later).last_error == telling.UNREADABLE


async def _work(gateway: HookGateway) -> None:
    """Deliver what may be delivered now."""
    worker = OutboxWorker({"hook": gateway}, "test")
    while rows := await asyncio.to_thread(worker._claim):
        for lane in by_lane(rows):
            for number, sending in enumerate(lane):
                outcome = await worker._deliver(sending, {})
                given_back = (
                    [] if outcome.over else [Outcome(each, each.was, counts=False) for each in lane[number + 1 :]]
                )
                await asyncio.to_thread(worker._write, [outcome, *given_back])
                if not outcome.over:
                    break


def _states(hook: Hook) -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Outbox.state).where(Outbox.conversation == str(hook.id))))


def _told_off(hook: Hook) -> int:
    """How often the administrators are told."""
    with reading() as session:
        return session.scalar(select(func.count()).where(Inbox.conversation == f"hook:{hook.id}")) or 0


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((LOCAL, 0))
        return int(taken.getsockname()[1])
