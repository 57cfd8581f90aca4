"""An encoder behind any server that speaks OpenAI's embeddings: https://platform.openai.com/docs/api-reference/embeddings

Its connections live in an event loop of their own, so that a deadline is one for everything, and one connection serves
many calls. Nothing is tried twice here: a question goes by words alone, and what waits to be encoded goes on waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError
from typing import Any

import numpy as np
import openai

from bot.ai.breaker import Breaker
from bot.ai.encoder import PATIENCE, UNHURRIED, Allowance, EncoderFailed, readable, unit
from bot.ai.space import OPENAI, space_of
from models.search.pool import Vector

LONGEST_QUESTION, LONGEST_PASSAGE = 500, 2_000  # characters
_PROBE = ("Where is the key?", "The coffee machine is cleaned every Friday afternoon.")
_HARD = frozenset({"refused"})  # another call would fail alike; garbage may be due to one text
_NO_FAULT = frozenset({"rejected", "spent"})  # of the server's

# Of these families it is known that they want to be told what a text is; no server's interface has a field for it.
# https://huggingface.co/intfloat/multilingual-e5-small https://huggingface.co/nomic-ai/nomic-embed-text-v1.5
_PREFIXES = {"e5-": ("query: ", "passage: "), "nomic-embed-text": ("search_query: ", "search_document: ")}


class Endpoint:
    """``bot.ai.encoder.Encoder`` behind ``url`` (OpenAI's own without one). Asks it at once what its vectors are like,
    and raises ``EncoderFailed`` where it does not tell."""

    at_once = 8
    batch = 64

    def __init__(self, key: str, model: str, url: str | None, per_day: int = 1_000_000) -> None:
        self._model, self._url = model, url or OPENAI
        self.allowance: Allowance | None = Allowance(per_day)
        self._prefixes = next((both for name, both in _PREFIXES.items() if _is_of(model, name)), ("", ""))
        self._breakers = {True: Breaker(), False: Breaker()}  # what is too slow for a person may do for the rest
        self._loop = _Loop()
        self._client = openai.AsyncOpenAI(api_key=key, base_url=self._url, max_retries=0, timeout=UNHURRIED)
        try:
            self.dimensions = self._probe()
        except EncoderFailed:
            self.close()
            raise
        self.key = space_of(model, url, self.dimensions)

    def queries(self, texts: Sequence[str], patience: float = PATIENCE) -> Vector:
        """See ``Encoder``."""
        return self._encode(texts, self._prefixes[0], LONGEST_QUESTION, patience)

    def passages(self, texts: Sequence[str]) -> Vector:
        """See ``Encoder``."""
        return self._encode(texts, self._prefixes[1], LONGEST_PASSAGE, UNHURRIED)

    def close(self) -> None:
        """See ``Encoder``."""
        self._loop.stop(self._client.close())

    def _probe(self) -> int:
        rows = self._ask([self._prefixes[0] + text for text in _PROBE], UNHURRIED)
        dimensions = len(rows[0]) if rows and isinstance(rows[0], list) else 0
        first, second = unit(rows, len(_PROBE), dimensions)
        if np.dot(first, second) > 0.999:
            raise EncoderFailed("garbage", "everything is the same to it")
        return dimensions

    def _encode(self, texts: Sequence[str], prefix: str, most: int, seconds: float) -> Vector:
        if not texts:
            return unit([], 0, self.dimensions)
        breaker = self._breakers[seconds < UNHURRIED]
        if not breaker.allows():
            raise EncoderFailed("resting")
        try:
            if self.allowance is not None:
                self.allowance.spend(len(texts))
            rows = self._ask([prefix + readable(text, most) for text in texts], seconds)
            found = unit(rows, len(texts), self.dimensions)
        except EncoderFailed as failed:
            if failed.reason in _NO_FAULT:
                breaker.succeeded()
            else:
                breaker.failed(hard=failed.reason in _HARD)
            raise
        breaker.succeeded()
        return found

    def _ask(self, texts: list[str], seconds: float) -> list[Any]:
        try:
            return self._loop.run(self._create(texts), seconds)
        except Exception as error:
            raise _failed(error) from None

    async def _create(self, texts: list[str]) -> list[Any]:
        """The vectors, in the order of ``texts``, as they came: some servers answer in another order."""
        answer = await self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
        rows = {row.index: row.embedding for row in answer.data}
        return [rows[number] for number in range(len(texts))]


def _is_of(model: str, family: str) -> bool:
    name = model.lower().rsplit("/", 1)[-1]
    return name.startswith(family) or f"-{family}" in name


class _Loop:
    """An event loop in a thread of its own, for whoever calls from others."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="embeddings", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, list[Any]], seconds: float) -> list[Any]:
        """What ``work`` returns; ``TimeoutError`` after ``seconds``, and then it is ended."""

        async def within() -> list[Any]:
            async with asyncio.timeout(seconds):
                return await work

        return asyncio.run_coroutine_threadsafe(within(), self._loop).result()

    def stop(self, last: Coroutine[Any, Any, None]) -> None:
        """End what is going on, do what is last, and end."""

        async def end() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await last

        with contextlib.suppress(Exception):  # of connections that are let go of
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)


def _failed(error: Exception) -> EncoderFailed:
    """Why there are no vectors."""
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return EncoderFailed("deadline")
    if isinstance(error, openai.APIStatusError):
        says = f"HTTP {error.status_code}"
        if error.status_code in (401, 403, 404) or error.code == "insufficient_quota":
            return EncoderFailed("refused", says)
        reasons = {408: "server", 409: "server", 429: "limited"}
        return EncoderFailed(reasons.get(error.status_code, "server" if error.status_code >= 500 else "rejected"), says)
    unreachable = isinstance(error, openai.APIConnectionError | CancelledError)
    return EncoderFailed("unreachable" if unreachable else "garbage", type(error).__name__)
