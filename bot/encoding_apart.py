"""A server may fail for all the texts that it is given together because of a single one: that one is found, and waits
longer and longer, so that it keeps no other text waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from bot.ai import encoding_metrics as metrics
from bot.ai.encoder import EncoderFailed
from models.search.pool import Space, Vector
from models.vectors import Waiting

log = structlog.get_logger(__name__)
OF_A_TEXT = frozenset({"rejected", "server", "garbage"})
"""The reasons that may be due to one text."""
AGAIN, TRIES = 5.0, 5  # seconds until the second try, twice as many until each further one; then it is left to words
_SHORT = 500  # characters, of a text at which a server failed
_HARMLESS = "How are you?"
Encode = Callable[[list[str]], Vector]


class Apart:
    """Encodes texts one by one. For one thread."""

    def __init__(self, goes_on: Callable[[], bool]) -> None:
        self._goes_on = goes_on  # asked before each text
        self._bad: list[Waiting] = []
        self._tries: dict[tuple[Space, str, int], int] = {}

    def encode(
        self, space: Space, encode: Encode, part: Sequence[Waiting], done: dict[Waiting, Vector | None]
    ) -> EncoderFailed | None:
        """Encode each of ``part`` into ``done``. What is the matter where it is the server, and no text."""
        try:
            encode([_HARMLESS])  # which also tells the server's breaker that the server is well
            for one in part:
                if not self._goes_on():
                    break
                row, reason = _alone(encode, one.text)
                metrics.texts(space, reason, 1)
                if row is not None or reason == "rejected":
                    done[one] = row
                else:
                    encode([_HARMLESS])
                    self._bad.append(one)
        except EncoderFailed as failed:
            return failed
        return None

    def later(self, space: Space, done: dict[Waiting, Vector | None]) -> dict[Waiting, float]:
        """In how many seconds to try those again at which the server failed. After ``TRIES`` they are ``done``."""
        for one in done:
            self._tries.pop((space, one.kind, one.id), None)
        later: dict[Waiting, float] = {}
        for one in self._bad:
            key = space, one.kind, one.id
            self._tries[key] = tries = self._tries.get(key, 0) + 1
            later[one] = AGAIN * 2.0 ** (tries - 1)
            if tries == TRIES:
                del self._tries[key], later[one]
                done[one] = None
                log.warning("left to words: the encoder fails at it", encoder=space, kind=one.kind, id=one.id)
        self._bad.clear()
        return later


def _alone(encode: Encode, text: str) -> tuple[Vector | None, str]:
    """Its vector, or why there is none; where it is too long for the model, that of its beginning."""
    reason = "done"
    for attempt in (text, text[:_SHORT]):
        try:
            row: Vector = encode([attempt])[0]
            return row, "done"
        except EncoderFailed as failed:
            if failed.reason not in OF_A_TEXT:
                raise
            reason = failed.reason
    return None, reason
