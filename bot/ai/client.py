"""A model of OpenAI (Responses), or of a server that speaks its Chat Completions.

What the client of ``openai`` leaves to its callers is done here: one deadline for everything, few new attempts and only
where nothing was done, and streams that end too early or hold what is no JSON are failures.
https://platform.openai.com/docs/api-reference/responses-streaming
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import openai
import structlog

from bot.ai.breaker import CLOSED, Breaker
from bot.ai.model import Hear, ModelFailed, Prompt, Said
from bot.metrics import model_breaker

log = structlog.get_logger(__name__)
OPENAI = "https://api.openai.com/v1"
ATTEMPTS = 3
LONGEST_WAIT = 10.0  # seconds between two attempts
_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504})
_HARD = frozenset({"refused"})  # another call would fail alike
_NO_FAULT = frozenset({"rejected", "filtered"})  # of the server's
_MOST = 40_000  # characters of a reply
_FAULTS = (ValueError, TypeError, AttributeError, LookupError)  # of reading what is not as it should be


class OpenAIModel:
    """``bot.ai.model.Model`` behind ``base_url``, or OpenAI itself. ``responses`` chooses the API: without it, OpenAI
    is asked by Responses and everybody else by Chat Completions. ``deadline`` is in seconds."""

    def __init__(
        self, key: str, name: str, base_url: str | None, deadline: float, responses: bool | None = None
    ) -> None:
        self.name = name
        self.breaker = Breaker()
        self._key, self._url, self._deadline = key, base_url or OPENAI, deadline
        self._responses = base_url is None if responses is None else responses
        self._plain = False  # the server refused what Chat Completions may have besides
        self._tls = ssl.create_default_context()  # once: it takes longer than all the rest of a client

    def ask(self, prompt: Prompt, hear: Hear) -> Said:
        """See ``Model``."""
        if not self.breaker.allows():
            raise ModelFailed("resting")
        try:
            said = asyncio.run(self._within(prompt, hear))
        except ModelFailed as failed:
            if failed.reason in _NO_FAULT:
                self.breaker.succeeded()
            else:
                self.breaker.failed(hard=failed.reason in _HARD)
            log.warning("model failed", reason=failed.reason, charged=failed.charged)
            raise
        finally:
            model_breaker(self.breaker.state == CLOSED)
        self.breaker.succeeded()
        model_breaker(True)
        return said

    def known(self) -> bool:
        """Ask the server whether it has this model, which costs nothing. Raises ``ModelFailed``."""
        return asyncio.run(self._known())

    async def _known(self) -> bool:
        try:
            async with asyncio.timeout(self._deadline), self._client() as client:
                return self.name in {each.id async for each in client.models.list()}
        except Exception as error:
            raise _failed(error, False) from error

    async def _within(self, prompt: Prompt, hear: Hear) -> Said:
        reply = _Reply(hear)
        try:
            async with asyncio.timeout(self._deadline), self._client() as client:
                return await self._attempts(client, prompt, reply)
        except TimeoutError:
            raise ModelFailed("deadline", charged=True) from None

    def _client(self) -> openai.AsyncOpenAI:
        http = openai.DefaultAsyncHttpxClient(verify=self._tls)
        return openai.AsyncOpenAI(
            api_key=self._key, base_url=self._url, timeout=self._deadline, max_retries=0, http_client=http
        )

    async def _attempts(self, client: openai.AsyncOpenAI, prompt: Prompt, reply: _Reply) -> Said:
        """What failed before the reply began is tried again, a few times."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(client, prompt, reply)
            except ModelFailed:
                raise
            except Exception as error:
                wait = None if reply.begun or attempt == ATTEMPTS else self._wait(error, attempt)
                if wait is None:
                    raise _failed(error, reply.begun) from error
                await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    def _wait(self, error: Exception, attempt: int) -> float | None:
        """How long until it may be tried again (seconds); ``None``: not at all."""
        if isinstance(error, openai.APIStatusError):
            if error.status_code in (400, 422) and not self._responses and not self._plain:
                self._plain = True
                return 0.0
            if error.status_code not in _AGAIN or error.code == "insufficient_quota":
                return None
            wait = _retry_after(error)
            wait = 0.25 * 2.0**attempt if wait is None else wait
            return wait if wait <= LONGEST_WAIT else None
        if isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError):
            return 0.25 * 2.0**attempt
        return None

    async def _once(self, client: openai.AsyncOpenAI, prompt: Prompt, reply: _Reply) -> Said:
        pieces = self._by_responses(client, prompt, reply) if self._responses else self._by_chat(client, prompt, reply)
        async with aclosing(pieces):
            async for piece in pieces:
                reply.add(piece)
        if not reply.ended:
            raise ModelFailed("cut", charged=True)
        return reply.said(prompt)

    async def _by_responses(
        self, client: openai.AsyncOpenAI, prompt: Prompt, reply: _Reply
    ) -> AsyncGenerator[str, None]:
        schema: Any = {"type": "json_schema", "name": prompt.name, "schema": prompt.schema, "strict": True}
        events = await client.responses.create(
            model=self.name,
            instructions=prompt.instructions,
            input=prompt.text,
            max_output_tokens=prompt.most,
            text={"format": schema},
            store=False,
            stream=True,
        )
        reply.begun = True
        async with events:
            async for event in events:
                if event.type == "response.output_text.delta":
                    yield event.delta
                elif event.type == "response.completed":
                    reply.ended = True
                    if event.response.usage is not None:
                        reply.used(event.response.usage.input_tokens, event.response.usage.output_tokens)
                elif event.type in ("response.failed", "error"):
                    raise ModelFailed("server", charged=True)
                elif event.type == "response.refusal.done":
                    raise ModelFailed("filtered", charged=True)

    async def _by_chat(self, client: openai.AsyncOpenAI, prompt: Prompt, reply: _Reply) -> AsyncGenerator[str, None]:
        more: dict[str, Any] = {}
        if not self._plain:
            schema = {"name": prompt.name, "schema": prompt.schema, "strict": True}
            more = {
                "response_format": {"type": "json_schema", "json_schema": schema},
                "stream_options": {"include_usage": True},
                "temperature": 0,
            }
        chunks = await client.chat.completions.create(
            model=self.name,
            messages=[
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": prompt.text},
            ],
            max_tokens=prompt.most,
            stream=True,
            **more,
        )
        reply.begun = True
        async with chunks:
            async for chunk in chunks:
                for choice in chunk.choices[:1]:
                    if choice.delta.content:
                        yield choice.delta.content
                    if choice.finish_reason == "content_filter":
                        raise ModelFailed("filtered", charged=True)
                    if choice.finish_reason == "stop":
                        reply.ended = True
                if chunk.usage is not None:
                    reply.used(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)


class _Reply:
    """What came so far."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._text = ""
        self._read: int | None = None
        self._written: int | None = None
        self.begun = self.ended = False
        """Whether the server took it on: from then on it may cost; and whether it said that this was all."""

    def add(self, piece: str) -> None:
        self._text += piece
        if len(self._text) > _MOST:
            raise ModelFailed("malformed", charged=True)
        self._hear(piece)

    def used(self, read: int, written: int) -> None:
        self._read, self._written = read, written

    def said(self, prompt: Prompt) -> Said:
        read = self._read or prompt.estimate - prompt.most
        return Said(self._text, read, self._written or len(self._text.encode()) // 3)


def _retry_after(error: openai.APIStatusError) -> float | None:
    try:
        return max(0.0, float(error.response.headers["retry-after"]))
    except (LookupError, ValueError):
        return None


def _failed(error: Exception, begun: bool) -> ModelFailed:
    """The reason that there is no reply."""
    if isinstance(error, ModelFailed):
        return error
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return ModelFailed("deadline", charged=True)
    if isinstance(error, openai.APIStatusError):
        if error.status_code in (401, 403, 404) or error.code == "insufficient_quota":
            return ModelFailed("refused")
        reasons = {408: "server", 409: "server", 429: "limited"}
        return ModelFailed(reasons.get(error.status_code, "server" if error.status_code >= 500 else "rejected"))
    if begun:
        return ModelFailed("malformed" if isinstance(error, _FAULTS) else "cut", charged=True)
    if isinstance(error, openai.APIConnectionError):
        return ModelFailed("unreachable")
    return ModelFailed("malformed", charged=True)
