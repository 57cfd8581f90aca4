"""A conversation in five lines: people on faked platforms, the real dispatcher, the real database.

The fakes stand at the edges: ``FakePlatform`` is the platform (what it was given is what people see), and the clock.
What is said goes through capture, claim, dispatch, outbox and delivery, as it does in production, one step after
another.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.cards import Form, Reply
from bot.claims import claim
from bot.clock import fire_due
from bot.dispatcher import Dispatcher
from bot.held import Held
from bot.inbound import Inbound
from bot.inbox import LEASE, Event, insert_events
from bot.outbox import OutboxWorker
from bot.relay import RelayGateway
from bot.runtime import Runtime
from bot.texts import Reader
from bot.worker import _CLAIM, InboxWorker, by_lane
from handlers import all_routes
from models import base, masks
from models.base import now, transaction
from models.knowledge import Entry, Part, Topic, revise, store_parts
from models.people import Account, Person
from models.places import CHANNEL, PRIVATE, Membership, Place
from models.tasks import feeds
from tests import rendered
from tests.faked import FakePlatform, Shown
from tests.masses import of_many


@dataclass
class Someone:
    """A person at their keyboard."""

    chat: Chat
    person: Person
    platform: str
    reply: Reply = field(default_factory=Reply)
    last: str | None = None
    on: str | None = None
    """The message on which the open form was opened."""

    @property
    def handle(self) -> str:
        """Their account."""
        return self.person.handle

    @property
    def own_chat(self) -> str:
        """Their own chat with Agora."""
        return f"dm:{self.handle}"

    def says(self, text: str, in_: str | None = None, thread: str | None = None, mention: bool = True) -> str:
        """Write ``text`` in a channel (mentioning Agora), or in their own chat; the message's id."""
        self.last = self.chat.new_id()
        self._event("message", in_, text=text, thread=thread, message=self.last, mentioned=mention)
        return self.last

    def commands(self, name: str, text: str = "", in_: str | None = None) -> Reply:
        """``/name text``."""
        return self._event("command", in_, text=text, route=name)

    def turns_into_question(self, text: str, message: str, in_: str) -> Reply:
        """Use the message's menu."""
        return self._event("shortcut", in_, text=text, route="questions.from_message", message=message)

    def presses(self, label: str) -> Reply:
        """Press the newest button with this label that they can see; an AssertionError where there is none."""
        for message in reversed(self.messages()):
            for button in message.buttons:
                if button.label.text == label:
                    return self._event("button", message.conversation, route=button.route, id=button.id,
                                       message=message.id, thread=message.thread)  # fmt: skip
        raise AssertionError(f"{self.handle} sees no button {label!r} in:\n{self.screen()}")

    def uses(self, route: str, id: int = 0) -> Reply:
        """Press a button that is not on a card of theirs: one of their home, or one that they should not have."""
        return self._event("button", None, route=route, id=id)

    def submits(self, **values: Any) -> Reply:
        """Fill in and send the form that is open; it stays open where it comes back with errors."""
        form = self.reply.form
        assert isinstance(form, Form), "no form is open"
        reply = self._event("form", None, route=form.route, id=form.id, values=values, message=self.on)
        if reply.errors:
            self.reply = replace(reply, form=form)
        return reply

    def agrees(self, **values: Any) -> Reply:
        """Fill in and send the form that is open, and once more where it comes back to be looked at."""
        reply = self.submits(**values)
        return self.submits(**values) if reply.form is not None else reply

    def messages(self) -> list[Shown]:
        """What they can see, oldest first."""
        places = self.chat.places_of(self)
        shown = self.chat.platforms[self.platform].shown.values()
        return [m for m in shown if m.conversation in places and m.only_for in (None, self.handle)]

    def screen(self) -> str:
        """Everything they can see, as text."""
        return "\n---\n".join(message.text for message in self.messages())

    def sees(self, text: str) -> bool:
        """Whether ``text`` stands anywhere they can see."""
        return text in self.screen()

    def changes(self, message: str, text: str, in_: str | None = None) -> Reply:
        """Edit a message of their own."""
        return self._event("message_changed", in_, text=text, message=message)

    def deletes(self, message: str, in_: str | None = None) -> Reply:
        """Delete a message of their own."""
        return self._event("message_deleted", in_, message=message)

    def inbound(self, kind: str, in_: str | None = None, **values: Any) -> Inbound:
        """An event of theirs, whether or not they see what to press."""
        return Inbound(self.platform, "here", in_ or self.own_chat, kind, actor=self.handle, **values)

    def _event(self, kind: str, in_: str | None, **values: Any) -> Reply:
        if kind != "form":
            self.on = values.get("message")
        self.reply = self.chat.happens(self.inbound(kind, in_, **values))
        rendered.shown(self.reply.form, Reader(self.person.locale))
        return self.reply


KEY = Fernet.generate_key().decode()


class Chat:
    """A company of nobody yet: ``chat.slack("mona")`` adds a person."""

    def __init__(self) -> None:
        self.runtime = Runtime(None, all_routes(), "test")  # type: ignore[arg-type]
        self.platforms = {name: FakePlatform(name) for name in ("slack", "teams")}
        self.runtime.gateways.update(self.platforms, relay=RelayGateway(self.platforms))
        masks.use_keys([KEY])
        feeds.use_keys([KEY])
        self.runtime.dispatcher = Dispatcher(self.runtime)
        self.outbox = OutboxWorker(self.runtime.gateways, "test")
        self._numbers = itertools.count(1000)

    def new_id(self) -> str:
        """An id for a person's message."""
        return f"u{next(self._numbers)}"

    def slack(self, handle: str, **about: Any) -> Someone:
        """Somebody on Slack."""
        return self._someone(handle, "slack", about)

    def teams(self, handle: str, **about: Any) -> Someone:
        """Somebody on Teams."""
        return self._someone(handle, "teams", about)

    def _someone(self, handle: str, platform: str, about: dict[str, Any]) -> Someone:
        person = Person(handle=handle, name=about.pop("name", handle.title()), **about)
        person.accounts = [Account(platform=platform, installation="here", external=handle, private=f"dm:{handle}")]
        with transaction() as session:
            session.add(person)
            session.flush()
            place = Place(platform=platform, installation="here", key=f"dm:{handle}", kind=PRIVATE, name=person.name,
                          closed=True, locale=person.locale)  # fmt: skip
            session.add(place)
            session.flush()
            session.add(Membership(place_id=place.id, person_id=person.id))
        return Someone(self, person, platform)

    def channel(self, name: str, *people: Someone, closed: bool = False, **about: Any) -> str:
        """A channel with these people in it, on the platform of the first."""
        with transaction() as session:
            place = Place(platform=people[0].platform, installation="here", key=name, kind=CHANNEL, name=name,
                          closed=closed, **about)  # fmt: skip
            session.add(place)
            session.flush()
            session.add_all(Membership(place_id=place.id, person_id=someone.person.id) for someone in people)
        return name

    def topic(self, key: str, owner: Someone) -> Topic:
        """A topic that somebody looks after."""
        topic = Topic(key=key, names={"en": key.title()}, owner_id=owner.person.id)
        with transaction() as session:
            session.add(topic)
        return topic

    def knows(self, title: str, body: str, **about: Any) -> Entry:
        """An entry of the knowledge store."""
        entry = Entry(title=title, body=body, **{"language": "en", "audience": ["everyone"], **about})
        with transaction() as session:
            session.add(entry)
            revise(session, entry, title=title, body=body, language=entry.language, by=None, reason="written")
            store_parts(session, entry, [Part("", "", body)])
        return entry

    def places_of(self, someone: Someone) -> set[str]:
        """The keys of the places that they are in, on their platform."""
        with base.reading() as session:
            return set(
                session.scalars(
                    select(Place.key).join(Membership).where(
                        Membership.person_id == someone.person.id, Place.platform == someone.platform)
                )
            )  # fmt: skip

    def happens(self, inbound: Inbound) -> Reply:
        """Capture an event, handle everything that waits, deliver everything that follows."""
        event = Event(inbound.platform, inbound.installation, inbound.conversation, inbound.kind, self.new_id(),
                      inbound.to_json())  # fmt: skip
        with transaction() as session:
            captured = insert_events(session, [event], "test")[0]
        replies = self.work()
        return replies.get(captured.id, Reply())

    def work(self) -> dict[int, Reply]:
        """Do what a worker would until nothing is left; the replies by inbox id."""
        replies: dict[int, Reply] = {}
        more = True
        while more:
            while rows := self._claim():
                for lane in by_lane(rows):
                    self._work_through(lane, replies)
            more = asyncio.run(self._deliver())
        return replies

    def claimed(self) -> list[Held]:
        """What waits, in this process's hands."""
        return [Held(row.lane, row.id, row.platform, row.payload, row.attempts, row.correlation, "test")
                for row in self._claim()]  # fmt: skip

    def _work_through(self, lane: list[Any], replies: dict[int, Reply]) -> None:
        for i, row in enumerate(lane):
            held = Held(row.lane, row.id, row.platform, row.payload, row.attempts, row.correlation, "test")
            handled = self.runtime.dispatcher.handle(held)
            replies[row.id] = handled.reply
            if not handled.finished:
                InboxWorker(self.runtime.dispatcher, "test", 1)._release(lane[i + 1 :])
                return

    def passes(self, **time: float) -> None:
        """Let time pass (``hours=3``), and do what became due."""
        moment = now() + timedelta(**time)
        base.set_clock(lambda: moment)
        fire_due("test")
        self.work()

    def at(self, moment: datetime) -> None:
        """Set the clock."""
        base.set_clock(lambda: moment)

    def _claim(self) -> list[Any]:
        with transaction() as session:
            return claim(session, "inbox", _CLAIM, "test", 100, LEASE)

    async def _deliver(self) -> bool:
        """Deliver what waits; whether somebody is to hear that something cannot be delivered."""
        outbox = OutboxWorker(self.runtime.gateways, "test")
        told = False
        while rows := outbox._claim() or of_many(outbox):
            for sending in rows:
                outcome = await outbox._deliver(sending, {})
                outbox._write([outcome])
                told |= bool(outcome.told)
        return told
