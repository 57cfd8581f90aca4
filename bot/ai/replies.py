"""What every prompt and every reply has in common."""

from __future__ import annotations

import json
from typing import Any

LANGUAGES = {"en": "English", "it": "Italian", "he": "Hebrew", "ar": "Arabic"}
"""What models are told that a language is called."""


def fields(reply: str) -> dict[str, Any]:
    """The JSON object in a reply, whatever stands around it; empty where there is none."""
    start, end = reply.find("{"), reply.rfind("}")
    try:
        found = json.loads(reply[start : end + 1], strict=False)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
