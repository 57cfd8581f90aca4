"""A worker's process of ``announce``: inbox and outbox as ``app.py worker`` runs them, with simulated platforms.

``python -m benchmarks.announce_worker DATABASE SOCKET SCALE``: what lasts seconds in Agora lasts ``SCALE`` times less.
"""

from __future__ import annotations

import asyncio
import sys

import bot.dispatcher
import bot.inbox
import bot.masses
import bot.outbox
import bot.pacing
import bot.slots
import bot.worker
from benchmarks.announce_wire import Simulated, Wire
from benchmarks.place import WORKERS
from bot import garbage, log
from bot.dispatcher import Dispatcher
from bot.holder import new_holder
from bot.inbox import WAKE
from bot.outbox import OutboxWorker
from bot.pacing import Pacing
from bot.runtime import Runtime
from bot.wake import Wake
from bot.worker import InboxWorker
from handlers import all_routes
from models import base


def hasten(scale: float) -> None:
    """Leases, deadlines and looks, as much faster as the platforms are."""
    bot.outbox.LEASE /= scale
    bot.outbox.DEADLINE /= scale
    bot.masses.HOLDS /= scale
    bot.masses.LEFT_LYING /= scale
    bot.masses.AHEAD /= 2  # claims take as long as ever
    for module in (bot.masses, bot.outbox):
        module.LOOK /= scale  # type: ignore[attr-defined]
    for module in (bot.dispatcher, bot.inbox, bot.worker):
        module.LEASE /= scale  # type: ignore[attr-defined]
    for module in (bot.pacing, bot.outbox, bot.slots):
        module.HOLD /= scale  # type: ignore[attr-defined]
    bot.slots.EARLY /= scale
    bot.outbox._MASS_APART /= scale


async def work(url: str, path: str, scale: float) -> None:
    """Until killed."""
    base.connect(url, pool=WORKERS + 8)
    wire = Wire(path)
    gateways = {name: Simulated(name, wire) for name in ("slack", "teams")}
    name = new_holder()
    runtime = Runtime(None, all_routes(), name, gateways=gateways)  # type: ignore[arg-type]
    outbox = OutboxWorker(gateways, name, Pacing(scale=scale))  # type: ignore[arg-type]
    inbox = InboxWorker(Dispatcher(runtime), name, WORKERS)
    wake = Wake(url)
    wake.on(WAKE, inbox.wake)
    wake.on("agora_outbox", outbox.wake)
    wake.on(bot.masses.CHANNEL, outbox.masses.hear)
    wake.start()
    garbage.seldom()
    log.configure(log_level="error")
    print("ready", flush=True)
    await asyncio.gather(inbox.run(), outbox.run())


if __name__ == "__main__":
    hasten(float(sys.argv[3]))
    asyncio.run(work(sys.argv[1], sys.argv[2], float(sys.argv[3])))
