"""Whether Slack sent it: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from functools import lru_cache

STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
OLDEST = 300  # seconds: who recorded a request cannot send it again later


def stamp_of(headers: Mapping[str, str]) -> str | None:
    """The time that a request names, if it is one and now; anybody may have written anything there."""
    stamp = headers.get(STAMP, "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return None
    return stamp if abs(time.time() - int(stamp)) <= OLDEST else None


def sign(secret: bytes, stamp: str, body: bytes) -> str:
    """The signature of ``body``."""
    keyed = _keyed(secret).copy()
    keyed.update(b"v0:%b:%b" % (stamp.encode(), body))
    return "v0=" + keyed.hexdigest()


@lru_cache(maxsize=8)
def _keyed(secret: bytes) -> hmac.HMAC:
    """To take in the key is a quarter of signing an event: it is done once."""
    return hmac.new(secret, digestmod="sha256")


def is_signed(secret: bytes, stamp: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether ``body`` was signed with ``secret`` at ``stamp``."""
    given = headers.get(SIGNATURE, "")
    return given.isascii() and hmac.compare_digest(sign(secret, stamp, body), given)
