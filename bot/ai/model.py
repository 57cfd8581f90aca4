"""What the rest of Agora knows of a language model: a text goes in, a text comes out, and it may fail at any moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bot import metrics
from models.budgets import Limits

Hear = Callable[[str], object]
"""Given each piece of the reply as it comes."""


@dataclass(frozen=True)
class Prompt:
    """What a model is asked: its instructions, what it is to work on, the JSON schema of its reply by its name, and how
    many tokens that may have."""

    instructions: str
    text: str
    name: str
    schema: dict[str, Any]
    most: int = 1_500

    @property
    def estimate(self) -> int:
        """About how many tokens it may cost, read and written: never far too few, in any script."""
        return (len((self.instructions + self.text).encode()) // 3) + self.most


@dataclass(frozen=True)
class Said:
    """The whole reply, and the tokens that were read and written for it."""

    text: str
    read: int
    written: int


class ModelFailed(Exception):
    """There is no reply. ``reason`` is one of ``REASONS``; ``charged``: tokens may have been used all the same."""

    def __init__(self, reason: str, charged: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.charged = reason, charged


REASONS = frozenset(
    {"deadline", "refused", "limited", "server", "unreachable", "cut", "malformed", "rejected", "filtered", "resting"}
)


class Model(Protocol):
    """A model behind some server."""

    name: str

    def ask(self, prompt: Prompt, hear: Hear) -> Said:
        """The whole reply; ``ModelFailed`` where there is none, and nothing else. Takes as long as its deadline at
        most; not for the event loop."""


_ENDLESS = Limits(10**9, 10**12, 10**12)
_model: Model | None = None
_limits = _ENDLESS


def use(model: Model | None, limits: Limits = _ENDLESS) -> None:
    """From now on this process asks ``model``, or none, within ``limits``."""
    global _model, _limits
    _model, _limits = model, limits


def limits() -> Limits:
    """How much models may be asked."""
    return _limits


def current() -> Model | None:
    """The model that this process asks, or ``None``."""
    return _model


def ask(model: Model, purpose: str, prompt: Prompt, hear: Hear = lambda _: None) -> Said:
    """``model.ask``, counted. Raises ``ModelFailed``."""
    started, outcome = time.perf_counter(), "done"
    try:
        said = model.ask(prompt, hear)
    except ModelFailed as failed:
        outcome = failed.reason
        raise
    finally:
        metrics.model_called(purpose, outcome, time.perf_counter() - started)
    metrics.model_used(purpose, said.read, said.written)
    return said
