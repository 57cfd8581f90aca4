"""Captures the same events as every other process that runs this; prints how many were fresh here."""

import asyncio
import sys

from bot.inbox import InboxWriter
from models import base
from tests.bot.queues import event


async def _capture(count: int) -> int:
    writer = InboxWriter("of its own")
    writer.start()
    captured = await asyncio.gather(*(writer.capture(event(str(n), f"c{n % 5}")) for n in range(count)))
    await writer.stop()
    return sum(each.fresh for each in captured)


if __name__ == "__main__":
    base.connect(sys.argv[1], pool=2)
    print(asyncio.run(_capture(int(sys.argv[2]))))
