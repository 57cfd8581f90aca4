"""What Slack sends: payloads in the shape that its documentation shows, and how it signs and encodes them.

The payloads were written for these tests, of people who do not exist.
"""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bot.slack.signature import SIGNATURE, STAMP, sign

FOLDER = Path(__file__).parent / "payloads"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
BOT = "U0AGORA"
PUBLIC_URL = "https://agora.example.com"


def payload(name: str, **event: Any) -> dict[str, Any]:
    """A payload; ``event`` replaces what its event says."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    found = copy.deepcopy(found)
    if event:
        found["event"].update(event)
    return found


def encoded(what: dict[str, Any]) -> tuple[str, bytes]:
    """The content type and the body in which Slack sends it."""
    if what.get("type") in ("event_callback", "url_verification"):
        return "application/json", json.dumps(what).encode()
    if "command" in what:
        return "application/x-www-form-urlencoded", urlencode(what).encode()
    return "application/x-www-form-urlencoded", urlencode({"payload": json.dumps(what)}).encode()


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers that show who sent it."""
    stamp = str(int(time.time() if at is None else at))
    return {STAMP: stamp, SIGNATURE: sign(secret.encode(), stamp, body)}
