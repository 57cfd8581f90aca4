"""A small company on the web platform, and the whole of Agora at work on it: web server, workers, wake-ups."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

import app
from bot.config import Settings
from bot.runtime import Runtime
from bot.serve import _workers, application
from bot.wake import Wake
from models import base
from models.base import transaction
from models.knowledge import Entry, Part, Topic, revise, store_parts
from models.people import Account, Person
from models.places import CHANNEL, PRIVATE, Membership, Place

PEOPLE: dict[str, dict[str, Any]] = {
    "mona": {"name": "Mona Ahlberg", "locale": "en", "title": "Buyer", "in": ("slack", "teams")},
    "omar": {"name": "عمر الخطيب", "locale": "ar", "title": "مهندس", "in": ("slack",), "roles": ["expert"]},
    "noa": {"name": "נועה ברק", "locale": "he", "in": ("slack",)},
    "gino": {"name": "Gino Ferro", "locale": "it", "in": ("slack",), "kind": "guest"},
}
VPN = "To reset the VPN, open the **Connect** app, choose *Reset profile* and sign in again with your badge number."
SALARY = "Salary bands go from A to F. Guests are in none."


def settle(playground: bool = True, **about: Any) -> Settings:
    """Settings that touch nothing outside the test."""
    return Settings(playground=playground, workers=3, **about)


def populate() -> None:
    """People, their own chats, a channel for all employees, a closed one, and what the company knows."""
    with transaction() as session:
        people = {handle: _person(session, handle, dict(about)) for handle, about in PEOPLE.items()}
        colleagues = [person for person in people.values() if person.kind == "employee"]
        _channel(session, "general", colleagues, purpose="For everybody")
        _channel(session, "secret", [people["omar"]], closed=True)
        _channel(session, "lunch", [people["omar"], people["noa"]])
        topic = Topic(key="it", names={"en": "IT", "he": "מחשוב", "ar": "تقنية"}, owner_id=people["omar"].id)
        session.add(topic)
        session.flush()
        _entry(session, "Resetting the VPN", VPN, ["everyone"], topic)
        _entry(session, "Salary bands", SALARY, [f"person:{people['gino'].id}"], topic)


def _person(session: Any, handle: str, about: dict[str, Any]) -> Person:
    installations = about.pop("in")
    person = Person(handle=handle, **about)
    person.accounts = [
        Account(platform="web", installation=name, external=handle, private=f"dm:{handle}") for name in installations
    ]
    session.add(person)
    session.flush()
    for name in installations:
        own = {"key": f"dm:{handle}", "kind": PRIVATE, "name": person.name, "closed": True}
        _fill(session, Place(platform="web", installation=name, **own), [person])
    return person


def _channel(session: Any, name: str, people: list[Person], **about: Any) -> None:
    _fill(session, Place(platform="web", installation="slack", key=name, kind=CHANNEL, name=name, **about), people)


def _fill(session: Any, place: Place, people: list[Person]) -> None:
    session.add(place)
    session.flush()
    session.add_all(Membership(place_id=place.id, person_id=person.id) for person in people)


def _entry(session: Any, title: str, body: str, audience: list[str], topic: Topic) -> None:
    entry = Entry(title=title, body=body, language="en", audience=audience, topic_id=topic.id)
    session.add(entry)
    revise(session, entry, title=title, body=body, language="en", by=None, reason="written")
    store_parts(session, entry, [Part("", "", body)])


@asynccontextmanager
async def working(settings: Settings, url: str) -> AsyncIterator[Runtime]:
    """A process of Agora but for its listening socket: capture, workers and wake-ups, on this event loop."""
    runtime, wake = app.build(settings, url)
    runtime.inbox.start()
    tasks = [asyncio.create_task(worker, name=name) for name, worker in _workers(runtime, wake, True)]
    wake.start()
    try:
        yield runtime
    finally:
        await _stop(runtime, wake, tasks)
        for gateway in runtime.gateways.values():
            await gateway.close()


async def _stop(runtime: Runtime, wake: Wake, tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.to_thread(wake.stop)
    await runtime.inbox.stop()
    base.disconnect()


@dataclass
class Town:
    """A town that is served at ``url``."""

    url: str
    runtime: Runtime
    loop: asyncio.AbstractEventLoop


@contextmanager
def served(settings: Settings, url: str) -> Iterator[Town]:
    """Agora on a port of its own, in a thread: for tests that bring their own event loop."""
    started: list[Town] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with working(settings, url) as runtime:
            runner = web.AppRunner(application(runtime), access_log=None, shutdown_timeout=1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            started.append(Town(f"http://127.0.0.1:{port}", runtime, asyncio.get_running_loop()))
            ready.set()
            await asyncio.to_thread(done.wait)
            await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="town", daemon=True)
    thread.start()
    with contextlib.ExitStack() as stack:
        stack.callback(thread.join)
        stack.callback(done.set)
        assert ready.wait(20), "Agora did not start"
        yield started[0]
