"""What monitors see: alive, ready, and counted."""

import asyncio
import threading
import time
from contextlib import contextmanager

import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot import health, metrics
from models import base, migrate
from models.mail import FAILED, Inbox, Job, Outbox, Timer


@contextmanager
def connected(url):
    base.connect(url, pool=2)
    try:
        yield
    finally:
        base.disconnect()


@pytest.fixture
async def ask(aiohttp_client):
    """Ask a page of the app: its status and its body."""
    app = web.Application()
    app.add_routes(health.routes())
    client = await aiohttp_client(app)

    async def get(path):
        response = await client.get(path)
        kind = response.content_type
        return response.status, await (response.json() if kind == "application/json" else response.text())

    return get


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_an_app_with_its_database_is_alive_and_ready(ask, database):
    with connected(database):
        assert await ask("/healthz") == (200, {"agora": "alive"})
        assert await ask("/readyz") == (200, {"ready": True, "reasons": []})


async def test_an_app_without_its_database_is_alive_and_not_ready(ask):
    with connected("postgresql+psycopg://agora:geheim@127.0.0.1:1/agora"):
        assert await ask("/healthz") == (200, {"agora": "alive"})
        assert await ask("/readyz") == (503, {"ready": False, "reasons": ["the database cannot be reached"]})


async def test_a_database_that_is_behind_is_not_ready(ask, server):
    with connected(server.create_database("behind")):
        status, said = await ask("/readyz")
    server.drop_database("behind")
    assert status == 503
    assert said["reasons"] == [f"the database is at migration none, and this Agora needs {migrate.head()}"]


@pytest.fixture
async def silent():
    """The URL of a server that takes connections and says nothing."""
    held = []
    server = await asyncio.start_server(lambda reader, writer: held.append(writer), "127.0.0.1", 0)
    yield f"postgresql+psycopg://agora@127.0.0.1:{server.sockets[0].getsockname()[1]}/agora"
    for writer in held:
        writer.close()
    server.close()


async def test_a_database_that_hangs_is_not_ready_in_time(ask, silent, monkeypatch):
    monkeypatch.setattr(health, "DEADLINE", 0.3)
    with connected(silent):
        began = time.monotonic()
        status, said = await ask("/readyz")
        assert time.monotonic() - began < 2
        assert (status, said["reasons"]) == (503, ["the database did not answer within 0.3 s"])
        assert (await ask("/healthz"))[0] == 200


async def test_many_who_ask_at_once_cost_one_look():
    looks, go = [], threading.Event()
    probe = health.Probe("test", lambda: looks.append(1) or go.wait(10))
    asked = [asyncio.create_task(probe.result()) for _ in range(50)]
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(*asked) == [True] * 50
    assert len(looks) == 1
    assert await probe.result()
    assert len(looks) == 2


async def test_one_who_stops_waiting_spoils_nothing_for_the_others():
    go = threading.Event()
    probe = health.Probe("test", lambda: go.wait(10))
    first, second = asyncio.create_task(probe.result()), asyncio.create_task(probe.result())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await second


def fill():
    laned = {"lane": 1, "platform": "web", "installation": "web", "conversation": "c", "correlation": "c0"}
    with base.transaction() as session:
        session.add_all(Inbox(**laned, kind="message", key=str(n), payload={"text": "words"}) for n in range(3))
        session.add(Inbox(**laned, kind="message", key="bad", state=FAILED))
        session.add(Outbox(**laned, operation="post", payload={}))
        session.add_all(
            Outbox(**laned, operation="post", state=state) for state in ("failed", "uncertain", "uncertain")
        )
        session.add(Timer(schedule="s", slot="1", route="r", args={}, due_at=base.now(), correlation="c0"))
        session.add_all(Job(kind="k", args={}, correlation="c0") for _ in range(2))


async def test_the_queues_are_counted(ask, database):
    with connected(database):
        await asyncio.to_thread(fill)
        status, text = await ask("/metrics")
    found = samples(text)
    assert status == 200
    depths = {queue: found["agora_queue_depth", queue] for queue in ("inbox", "outbox", "timer", "job")}
    assert depths == {"inbox": 3, "outbox": 1, "timer": 1, "job": 2}
    assert 0 <= found["agora_queue_oldest_seconds", "inbox"] < 60
    assert (found["agora_outbox_trouble", "failed"], found["agora_outbox_trouble", "uncertain"]) == (1, 2)
    assert found["agora_database_up",] == 1
    assert "words" not in text


async def test_an_empty_queue_has_no_age(ask, database):
    with connected(database):
        found = samples((await ask("/metrics"))[1])
    assert found["agora_queue_depth", "outbox"] == found["agora_queue_oldest_seconds", "outbox"] == 0


async def test_metrics_are_there_without_a_database(ask):
    with connected("postgresql+psycopg://agora@127.0.0.1:1/agora"):
        status, text = await ask("/metrics")
    assert status == 200
    assert samples(text)["agora_database_up",] == 0
    assert not any(name == "agora_queue_depth" for name, *_ in samples(text))


async def test_metrics_are_there_while_the_database_hangs(ask, silent, monkeypatch):
    monkeypatch.setattr(health, "DEADLINE", 0.3)
    with connected(silent):
        status, text = await ask("/metrics")
    assert status == 200
    assert "agora_inbox_handled" in text


def test_what_happens_is_counted():
    def counted():
        return samples(metrics.render(with_queues=False)[0].decode())

    before = counted()
    metrics.captured("web", "message")
    metrics.handled("web", "done", 0.02)
    metrics.delivered("slack", "sent")
    metrics.delivered("slack", "new")
    metrics.job_ended("import", "done")
    metrics.searched(0.004)
    metrics.answered(metrics.SERVED)
    after = counted()
    for name in [
        ("agora_inbox_captured_total", "message", "web"),
        ("agora_inbox_handled_total", "done", "web"),
        ("agora_inbox_handling_seconds_count", "web"),
        ("agora_outbox_deliveries_total", "sent", "slack"),
        ("agora_outbox_deliveries_total", "again", "slack"),
        ("agora_jobs_total", "done", "import"),
        ("agora_search_seconds_count",),
        ("agora_answers_total", "served"),
    ]:
        assert after[name] == before.get(name, 0) + 1, name


def test_labels_that_come_from_outside_stay_few():
    for number in range(100):
        metrics.captured(f"p{number}", f"k{number}")
    found = samples(metrics.render(with_queues=False)[0].decode())
    assert not any("p7" in name or "k7" in name for name in found)
    assert found["agora_inbox_captured_total", "other", "other"] >= 100
