"""Agora as a process of its own, as its operators run it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_START = 60.0  # seconds


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def agora(database: str, port: int, home: Path, **settings: str) -> AsyncIterator[None]:
    """``app.py run`` on ``database``; its log is shown where a test fails."""
    ours = {"DATABASE_URL": database, "PORT": str(port), "AGORA_HOME": str(home), "AGORA_DEMO": "0",
            "AGORA_PLAYGROUND": "0", "PYTHONUNBUFFERED": "1"}  # fmt: skip
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AGORA_", "SLACK_", "TEAMS_"))
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "app.py"), "run", cwd=home, env={**inherited, **ours, **settings},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True)  # fmt: skip
    assert process.stdout is not None
    begun = asyncio.Event()

    async def echo(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            print(line.decode(errors="replace"), end="")
            if b"Agora is at" in line:
                begun.set()
        begun.set()

    echoing = asyncio.create_task(echo(process.stdout))
    try:
        async with asyncio.timeout(_START):
            await begun.wait()
        assert process.returncode is None
        yield
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
        await echoing
