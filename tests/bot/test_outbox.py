"""Delivery: never silently twice, never dropped, in order, and visible where it failed for good."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot import outbox as module
from bot.gateway import Throttled, Uncertain, Undeliverable
from bot.outbox import MOST_ATTEMPTS, OutboxWorker
from bot.recording import Outcome
from models import base
from models.base import now
from tests.bot.posting import Faulty, deleted, edited, outbox_worker, sent, states
from tests.bot.queues import cut_connections, outbox, run_sql, stopped_while_claiming, until

OVER = {"sent", "failed", "uncertain", "dropped"}


@pytest.fixture
def slack(db: str) -> Faulty:
    return Faulty()


def passes(**time: float) -> None:
    moment = now() + timedelta(**time)
    base.set_clock(lambda: moment)


async def work(platform: Faulty, holder: str = "test") -> None:
    """Deliver until nothing is left, however long that takes: time goes by in leaps, when there is nothing but to
    wait."""
    async with outbox_worker(platform, holder) as worker:
        while left := [row for row in outbox() if row.state not in OVER]:
            first = {row.lane: row for row in reversed(left)}
            if not any(row.holder for row in left) and all(row.not_before > now() for row in first.values()):
                passes(seconds=61)
            worker.wake()
            await asyncio.sleep(0.05)


async def test_what_is_to_be_sent_is_sent_once_in_order(slack: Faulty) -> None:
    numbers = [sent(f"{place}{n:02}", place) for n in range(40) for place in "abc"]
    async with outbox_worker(slack, "one"), outbox_worker(slack, "two"):
        await until(lambda: states() == ["sent"] * 120)
    for place in "abc":
        assert [text for text in slack.said if text[0] == place] == [f"{place}{n:02}" for n in range(40)]
    assert {row.id: row.reference for row in outbox()} == {number: slack.by_outbox[number] for number in numbers}


async def test_who_is_throttled_waits_as_long_as_asked_and_so_does_what_follows(slack: Faulty) -> None:
    sent("1"), sent("2"), sent("else", "d")
    slack.before["1"] = [Throttled(30)]
    async with outbox_worker(slack) as worker:
        await until(lambda: states() == ["new", "new", "sent"])
        assert timedelta(seconds=25) < outbox()[0].not_before - now() <= timedelta(seconds=30)
        passes(seconds=31)
        worker.wake()
        await until(lambda: states() == ["sent"] * 3)
    assert slack.said == ["else", "1", "2"]


async def test_being_throttled_is_no_failure_however_often(slack: Faulty) -> None:
    sent("1")
    slack.before["1"] = [Throttled(1)] * (MOST_ATTEMPTS + 2) + [ConnectionResetError()]
    await work(slack)
    assert (states(), slack.said) == (["sent"], ["1"])


async def test_what_is_never_taken_fails_at_once_says_why_and_holds_up_nothing(slack: Faulty) -> None:
    sent("1"), sent("2")
    slack.before["1"] = [Undeliverable("channel \0 is archived \ud800")]
    await work(slack)
    assert [(row.state, row.error) for row in outbox()] == [("failed", "channel  is archived ?"), ("sent", None)]


@pytest.mark.parametrize("fault", [Uncertain("cut"), ConnectionResetError(), TimeoutError(), KeyError("ts")])
async def test_what_arrived_without_an_answer_is_asked_about_and_not_sent_again(
    slack: Faulty, fault: Exception
) -> None:
    first = sent("1")
    sent("2")
    slack.after["1"] = [fault]
    await work(slack)
    assert (states(), slack.said, slack.asked) == (["sent", "sent"], ["1", "2"], [first])
    assert outbox()[0].reference == slack.by_outbox[first]


@pytest.mark.parametrize("fault", [Uncertain("cut"), ConnectionResetError(), TimeoutError(), KeyError("ts")])
async def test_what_did_not_arrive_is_sent_again_before_what_follows(slack: Faulty, fault: Exception) -> None:
    sent("1"), sent("2")
    slack.before["1"] = [fault, fault]
    await work(slack)
    assert (states(), slack.said) == (["sent", "sent"], ["1", "2"])


async def test_what_a_platform_cannot_tell_is_left_uncertain(db: str) -> None:
    teams = Faulty(can_tell=False)
    sent("1"), sent("2")
    teams.after["1"] = [Uncertain("cut")]
    await work(teams)
    assert (states(), teams.said) == (["uncertain", "sent"], ["1", "2"])
    assert "read back" in str(outbox()[0].error)


async def test_who_is_throttled_while_asking_still_asks_before_sending(slack: Faulty) -> None:
    sent("1")
    slack.after["1"] = [Uncertain("cut")]
    asked, tries = slack.reconcile, []

    async def throttled(delivery: Any) -> str | None:
        tries.append(1)
        if len(tries) == 1:
            raise Throttled(5)
        return await asked(delivery)

    slack.reconcile = throttled  # type: ignore[method-assign]
    await work(slack)
    assert (states(), slack.said) == (["sent"], ["1"])


async def test_what_fails_again_and_again_is_given_up_visibly_and_the_rest_goes_on(slack: Faulty) -> None:
    sent("1"), sent("2")
    slack.before["1"] = [KeyError("ts")] * 99
    await work(slack)
    assert states() == ["failed", "sent"] and outbox()[0].error == "KeyError"
    assert len(slack.before["1"]) == 99 - MOST_ATTEMPTS


async def test_a_payload_that_nobody_can_read_is_given_up(slack: Faulty) -> None:
    run_sql('update outbox set payload = \'{"card": {"_": "Nonsense"}}\' where id = :id', id=sent("1"))
    run_sql("update outbox set payload = null where id = :id", id=sent("2"))
    sent("3")
    await work(slack)
    assert states()[0] == "failed" and states()[2] == "sent" and slack.said[-1] == "3"


async def test_whoever_dies_between_delivery_and_record_is_asked_about(slack: Faulty) -> None:
    first = sent("1", about="x")
    edited("1, edited", first)
    dead = OutboxWorker({"slack": slack}, "dead")
    (sending, _) = await asyncio.to_thread(dead._claim)
    await dead._deliver(sending, {})
    assert (states(), slack.said) == (["held", "held"], ["1"])
    passes(seconds=29)
    async with outbox_worker(slack, "heir") as heir:
        await asyncio.sleep(0.1)
        assert states() == ["held", "held"]
        passes(seconds=2)
        heir.wake()
        await until(lambda: states() == ["sent", "sent"])
    assert (slack.said, slack.standing()) == (["1", "1, edited"], ["1, edited"])


async def test_who_was_stopped_past_the_lease_sends_nothing_and_records_nothing(
    slack: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent("1"), sent("2")
    stopped = OutboxWorker({"slack": slack}, "stopped")
    lane = await asyncio.to_thread(stopped._claim)
    passes(seconds=31)
    async with outbox_worker(slack, "heir"):
        await until(lambda: states() == ["sent", "sent"])
    recorder = asyncio.create_task(stopped._record_forever())
    await stopped._deliver_lane(lane, give_back=0.0)
    recorder.cancel()
    assert (states(), slack.said) == (["sent", "sent"], ["1", "2"])


async def test_what_is_too_late_is_given_back_as_it_was(slack: Faulty) -> None:
    sent("1")
    passes(seconds=0)
    worker = OutboxWorker({"slack": slack}, "slow")
    recorder = asyncio.create_task(worker._record_forever())
    await worker._deliver_lane(await asyncio.to_thread(worker._claim), give_back=0.0)
    assert [(row.state, row.attempts, row.holder) for row in outbox()] == [("new", 0, None)]
    await asyncio.to_thread(worker._claim)
    passes(seconds=31)
    await worker._deliver_lane(await asyncio.to_thread(worker._claim), give_back=0.0)
    recorder.cancel()
    assert [(row.state, row.attempts) for row in outbox()] == [("held", 1)]
    await work(slack)
    assert (slack.asked, slack.said) == ([outbox()[0].id], ["1"])


async def test_a_delivery_that_hangs_is_cut_off_before_its_lease_ends(
    slack: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.LEASE.total_seconds() / 2 > module.DEADLINE
    monkeypatch.setattr(module, "DEADLINE", 0.2)
    sent("1")
    slack.before["1"] = [lambda: asyncio.sleep(60)]
    await work(slack)
    assert (states(), slack.said) == (["sent"], ["1"])


async def test_asking_that_hangs_is_cut_off_too(slack: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEADLINE", 0.1)
    sent("1")
    slack.after["1"] = [Uncertain("cut")]

    async def hangs(_: Any) -> str | None:
        await asyncio.sleep(60)
        return None

    slack.reconcile = hangs  # type: ignore[method-assign]
    await work(slack)
    assert (states(), slack.said) == (["uncertain"], ["1"])


async def test_an_edit_finds_what_was_posted_just_before_it(slack: Faulty) -> None:
    first = sent("1", about="x")
    edited("2", first), edited("3", first)
    await work(slack)
    assert (slack.said, slack.standing()) == (["1", "2", "3"], ["3"])
    deleted(first)
    await work(slack)
    assert slack.standing() == []


async def test_an_edit_of_what_was_never_posted_is_dropped(slack: Faulty) -> None:
    first = sent("1", about="x")
    edited("2", first), deleted(first), sent("3")
    slack.before["1"] = [Undeliverable("no")]
    await work(slack)
    assert (states(), slack.standing()) == (["failed", "dropped", "dropped", "sent"], ["3"])


async def test_an_edit_without_an_answer_is_made_again(slack: Faulty) -> None:
    first = sent("1", about="x")
    edited("2", first), edited("3", first)
    slack.before["2"] = [Uncertain("cut")]
    slack.after["2"] = [TimeoutError()]
    await work(slack)
    assert (slack.said, slack.standing(), slack.asked) == (["1", "2", "2", "3"], ["3"], [])


async def test_a_platform_that_is_not_served_here_waits_for_a_process_that_serves_it(slack: Faulty) -> None:
    sent("1")
    async with outbox_worker(Faulty("teams")):
        await until(lambda: outbox()[0].error is not None)
    assert [(row.state, row.attempts) for row in outbox()] == [("new", 0)]
    await work(slack)
    assert slack.said == ["1"]


async def test_deliveries_survive_a_database_that_goes_away(slack: Faulty) -> None:
    for n in range(30):
        sent(f"{n:02}", f"c{n % 3}")
    slack.after["04"] = slack.after["13"] = slack.before["20"] = [cut_connections]
    await work(slack)
    assert states() == ["sent"] * 30 and sorted(slack.said) == [f"{n:02}" for n in range(30)]


async def test_a_reference_that_cannot_be_stored_stops_nobody(slack: Faulty) -> None:
    sent("1"), sent("2")
    post = slack._post
    slack._post = lambda delivery: post(delivery) + "\0\ud800"  # type: ignore[method-assign]
    await work(slack)
    assert states() == ["sent", "sent"] and slack.said == ["1", "2"]


async def test_an_answer_that_cannot_be_recorded_keeps_no_other_from_it(slack: Faulty) -> None:
    sent("1", "a"), sent("2", "b")
    async with outbox_worker(slack) as worker:
        worker._outcomes.put_nowait((Outcome(outbox()[0], "sent", wait=float("1e300")), asyncio.Future()))
        await until(lambda: "sent" in states())


async def test_who_is_stopped_while_claiming_gives_back_what_came(slack: Faulty) -> None:
    sent("1"), sent("2"), sent("else", "d")
    async with stopped_while_claiming(OutboxWorker({slack.name: slack}, "stopped")):
        assert states() == ["held"] * 3
    assert [(row.state, row.attempts, row.holder) for row in outbox()] == [("new", 0, None)] * 3 and slack.said == []
