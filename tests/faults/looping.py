"""The whole loop as people live it, in a process of its own that can be killed at any commit or delivery.

What must outlive the process is outside it: the database, what the platforms were given (a table of theirs, or the
playground's), and what the people have done so far (``World``): who got no answer from Agora sends the same event
again, as platforms do.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
import signal
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event as listening
from sqlalchemy import func, select
from sqlalchemy.orm import Session, configure_mappers

from bot.cards import Form
from bot.clock import fire_due
from bot.dispatcher import Dispatcher
from bot.holder import new_holder
from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from bot.outbox import OutboxWorker
from bot.relay import RelayGateway
from bot.runtime import Runtime
from bot.worker import InboxWorker, by_lane
from handlers import all_routes
from models import base, masks
from models.base import reading, transaction
from models.knowledge import Topic
from models.mail import Inbox, Outbox
from models.people import Person
from tests.faults.counting import Counts, counted, stuck, twice
from tests.faults.platforms import Standing, gateways, standing
from tests.faults.plots import PLOTS, Step
from tests.masses import of_many
from tests.town import settle

KEY = "a2V5cyBvZiBhIGNvbXBhbnkgdGhhdCBpcyBub25lISE="  # the same in every process
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LEASE = 40  # seconds that pass before a new process begins: what the dead one held is free then
_QUIET = 60  # rounds, at most, until nothing is left to do
configure_mappers()  # here, where processes are forked from, and not in each of them


@dataclass
class World:
    """What the people have done: the next step of the plot, and the event or form that Agora has not answered yet."""

    path: Path
    step: int = 0
    seconds: int = 0
    sent: dict[str, Any] | None = None
    form: dict[str, Any] | None = None

    @classmethod
    def of(cls, path: Path) -> World:
        """As it was left."""
        return cls(path, **json.loads(path.read_text())) if path.exists() else cls(path)

    def save(self, **changes: Any) -> None:
        """Keep it, whole or not at all."""
        for name, value in changes.items():
            setattr(self, name, value)
        kept = {name: value for name, value in asdict(self).items() if name != "path"}
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(kept))
        new.replace(self.path)


@dataclass
class Points:
    """Counts the moments at which a process may die: before and after every commit and every delivery."""

    kill_at: int | None = None
    names: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        """It dies here, at once and without a word, if this is the one."""
        self.names.append(name)
        if len(self.names) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_commits(self) -> None:
        """Before: everything was written and COMMIT was not sent. After: it was answered."""
        engine = base.engine()

        def before(connection: Any) -> None:
            if not connection.get_execution_options().get("postgresql_readonly"):
                self.reach("before a commit")

        def after(session: Session) -> None:
            if session.get_bind() is engine:
                self.reach("after a commit")

        listening.listen(engine, "commit", before)
        listening.listen(Session, "after_commit", after)


@dataclass(frozen=True)
class Ended:
    """How a life ended: what there is, what stands twice, what is stuck, and the points it passed."""

    counts: Counts
    twice: int
    stuck: int
    points: list[str]


class Life:
    """One process: it goes on where the last one was when it died."""

    def __init__(self, plot: str, world: World, points: Points) -> None:
        self.world, self.plot = world, PLOTS[plot]
        base.set_clock(lambda: MONDAY + timedelta(seconds=world.seconds))
        self.runtime = Runtime(settle(), all_routes(), new_holder())
        self.runtime.gateways.update(gateways(self.plot.platforms, self.plot.forgets, self.runtime, points.reach))
        self.runtime.gateways["relay"] = RelayGateway(self.runtime.gateways)
        masks.use_keys([KEY])
        self.runtime.dispatcher = Dispatcher(self.runtime)
        self.inbox = InboxWorker(self.runtime.dispatcher, self.runtime.holder, 1)
        self.outbox = OutboxWorker(self.runtime.gateways, self.runtime.holder)

    def goes_on(self, again_first: bool) -> None:
        """Live the plot to its end. ``again_first``: what was not answered is sent before Agora looks by itself."""
        unanswered = self.world.sent is not None or self.world.form is not None
        if not (again_first and unanswered):
            self.settle()
        for number in range(self.world.step, len(self.plot.steps)):
            self.do(number, self.plot.steps[number])
            self.settle()
        self.settle()

    def do(self, number: int, step: Step) -> None:
        """What somebody does next; remembered as done once Agora has taken it."""
        if step.minutes:
            self.world.save(step=number + 1, seconds=self.world.seconds + 60 * step.minutes)
            return
        if self.world.form is None:
            sent = self.world.sent or self.begun(number, step)
            self.world.save(sent=sent)
            form = self.happens(sent, f"step {number}", opens=step.values is not None)
            if step.values is None:
                self.world.save(step=number + 1, sent=None)
                return
            form = form or self.happens(sent, f"step {number} once more", opens=True)  # as they are told to
            assert form is not None, f"no form opened at step {number}"
            values = {**form.pop("values"), **self.filled(step)}
            self.world.save(sent=None, form={**sent, "kind": "form", **form, "values": values})
        sent = self.world.form or {}
        again = self.happens(sent, f"step {number} form")
        if again is not None and again["route"] == sent["route"]:  # it comes back to be looked at
            self.happens({**sent, **again}, f"step {number} form again")
        self.world.save(step=number + 1, form=None)

    def begun(self, number: int, step: Step) -> dict[str, Any]:
        """The event of a step, as the person's client makes it of what they see."""
        who = self.plot.platforms[step.who]
        place = step.place or f"dm:{step.who}"
        if step.command:
            return Inbound(who, "here", place, "command", step.who, text=step.text, route=step.command).to_json()
        if step.text:
            heard = Inbound(who, "here", place, "message", step.who, text=step.text, mentioned=step.thread is None,
                            thread=step.thread, message=step.message or f"u{number}")  # fmt: skip
            return heard.to_json()
        message, button = self.pressable(step)
        return Inbound(who, "here", message.conversation, "button", step.who, message=message.id,
                       thread=message.thread, route=button.route, id=button.id).to_json()  # fmt: skip

    def pressable(self, step: Step) -> tuple[Standing, Any]:
        """The newest button of this route that the person sees."""
        with reading() as session:
            for message in reversed(standing(session)):
                if message.platform == self.plot.platforms[step.who] and message.is_for(step.who):
                    for button in message.buttons:
                        if button.route == step.route:
                            return message, button
        raise AssertionError(f"{step.who} sees no button {step.route}")

    def filled(self, step: Step) -> dict[str, str]:
        """What they write into the form; ``@tom`` is Tom's number, ``#security`` the topic's."""
        with reading() as session:
            numbers = {f"@{each.handle}": str(each.id) for each in session.scalars(select(Person))}
            numbers |= {f"#{each.key}": str(each.id) for each in session.scalars(select(Topic))}
        return {name: numbers.get(value, value) for name, value in (step.values or {}).items()}

    def happens(self, heard: dict[str, Any], key: str, opens: bool = False) -> dict[str, Any] | None:
        """Capture it and, for a press, a form, or what ``opens`` one, answer in-band; the form that opened."""
        in_band = opens or heard["kind"] in ("button", "form")
        event = Event(heard["platform"], "here", heard["conversation"], heard["kind"], key, heard, now=in_band)
        with transaction() as session:
            captured = insert_events(session, [event], self.runtime.holder)[0]
        if not in_band:
            return None
        reply = asyncio.run(self.runtime.dispatcher.handle_now(captured))
        assert reply.notice is None or reply.notice.text[:4] not in ("Only", "Some"), reply.notice
        assert not reply.errors, reply.errors
        return _opened(reply.form) if reply.form else None

    def settle(self) -> None:
        """Do what the workers do until nothing is left, letting time pass where something has to wait."""
        for _ in range(_QUIET):
            fired = fire_due(self.runtime.holder)
            if fired + self.handles() + asyncio.run(self.delivers()):
                continue
            if not self.waiting():
                return
            self.world.seconds += 10
        raise AssertionError("there is always something left to do")

    def handles(self) -> int:
        """Claim and handle."""
        rows = self.inbox._claim()
        for lane in by_lane(rows):
            self.inbox._handle_lane(lane)
        return len(rows)

    async def delivers(self) -> int:
        """Claim, deliver and record, one after another."""
        sendings = self.outbox._claim() or of_many(self.outbox)
        for lane in by_lane(sendings):
            posted: dict[int, str] = {}
            for sending in lane:
                outcome = await self.outbox._deliver(sending, posted)
                self.outbox._write([outcome])
                if not outcome.over:
                    break
                if outcome.reference:
                    posted[sending.id] = outcome.reference
        return len(sendings)

    def waiting(self) -> int:
        """How many rows of the queues are not settled."""
        with reading() as session:
            counts = [
                session.scalar(select(func.count()).select_from(queue).where(queue.state.in_(("new", "held"))))
                for queue in (Inbox, Outbox)
            ]
        return sum(count or 0 for count in counts)


def _opened(form: Form) -> dict[str, Any]:
    """A form as it stands before anybody writes in it."""
    return {"route": form.route, "id": form.id, "values": {each.name: each.value for each in form.inputs}}


def live(url: str, plot: str, folder: str, kill_at: int | None, restarts: int) -> None:
    """A process: from where the world stands to the plot's end, or to its own at the point ``kill_at``. What it reached
    is written to ``folder``, and what stopped it if that was no kill."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    base.connect(url, pool=4)
    points = Points(kill_at)
    points.watch_commits()
    world = World.of(Path(folder, "world.json"))
    if restarts:
        world.save(seconds=world.seconds + LEASE)
    Life(plot, world, points).goes_on(again_first=(kill_at or 0) % 2 == 0)
    with reading() as session:
        found = Ended(counted(session), twice(session), stuck(session), points.names)
    Path(folder, "ended").write_bytes(pickle.dumps(found))
