"""The key of an encoder behind a server: its model, where it is, and how many numbers a vector has. The same name may
mean something else elsewhere, and another model may come to be behind it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

OPENAI = "https://api.openai.com/v1"
_KEY = re.compile(r"(?P<model>.+)@(?P<host>[^@/]+)/[0-9]+")


def host_of(url: str | None) -> str:
    """Where the server is; OpenAI's own without a ``url``."""
    return urlsplit(url or OPENAI).netloc


def space_of(model: str, url: str | None, dimensions: int) -> str:
    """The key of ``model`` at ``url``."""
    return f"{model}@{host_of(url)}/{dimensions}"


def model_of(space: str, url: str | None) -> str | None:
    """The model of a space, where it is one of the server at ``url``."""
    found = _KEY.fullmatch(space)
    return found["model"] if found and found["host"] == host_of(url) else None
