"""Whether what comes of an event is heard by whoever caused it, or has to be said in the chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.cards import Form, Reply


@dataclass(frozen=True)
class Waiting:
    """Whoever waits for the reply to an event. ``hears``: whether they will hear this one in-band. It is asked in the
    transaction that handles the event: what they will not hear is written with it, as a message to them. ``form`` is
    what they submitted, as it was filled in; with errors that they do not hear it can be opened again."""

    hears: Callable[[Reply], bool]
    form: Form | None = None


SOMEBODY, NOBODY = Waiting(lambda reply: True), Waiting(lambda reply: False)
