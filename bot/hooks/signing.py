"""Signatures of webhooks, in both directions: https://github.com/standard-webhooks/standard-webhooks, version 1.0.0."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence

ID, STAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
TOLERANCE = 300
"""Seconds: who recorded a message cannot send it again later."""
_LONGEST_ID, _MOST_SIGNATURES = 200, 10


class NotSigned(Exception):
    """This was not signed with the secret, or not now; the text, for the log, says in what it is wrong."""


def shown(secret: bytes) -> str:
    """A secret as people copy it."""
    return PREFIX + base64.b64encode(secret).decode()


def signed(keys: Sequence[bytes], id: str, stamp: int, body: bytes) -> dict[str, str]:
    """The headers of ``body``, signed with every one of ``keys``: while a secret is being changed there are two."""
    signatures = " ".join(_signature(key, id, str(stamp), body) for key in keys)
    return {ID: id, STAMP: str(stamp), SIGNATURE: signatures}


def plausible(headers: Mapping[str, str], moment: float) -> tuple[str, str, list[str]]:
    """The id, the time and the signatures that headers name, where they are such, and the time is now; anybody may have
    written anything there. ``NotSigned``."""
    id, stamp = headers.get(ID, ""), headers.get(STAMP, "")
    if not (0 < len(id) <= _LONGEST_ID and id.isascii() and id.isprintable() and "." not in id):
        raise NotSigned("no id")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise NotSigned("no time")
    if abs(moment - int(stamp)) > TOLERANCE:
        raise NotSigned("not now")
    given = headers.get(SIGNATURE, "").split(" ")[:_MOST_SIGNATURES]
    return id, stamp, [each for each in given if each.startswith("v1,") and each.isascii()]


def verify(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, moment: float) -> str:
    """The id of what was signed with one of ``keys`` at ``moment`` (a POSIX time). ``NotSigned``."""
    id, stamp, given = plausible(headers, moment)
    right = [_signature(key, id, stamp, body) for key in keys]
    if not any(hmac.compare_digest(each, other) for each in given for other in right):
        raise NotSigned("another signature")
    return id


def _signature(key: bytes, id: str, stamp: str, body: bytes) -> str:
    digest = hmac.digest(key, b"%b.%b.%b" % (id.encode(), stamp.encode(), body), "sha256")
    return "v1," + base64.b64encode(digest).decode()
