"""What a process counts of encoding, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

from bot.metrics import registry

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 1)
_questions = Counter(
    "agora_encoder_questions", "Questions that were to be encoded", ["space", "outcome"], registry=registry
)
_waited = Histogram(
    "agora_encoder_question_seconds", "How long a question waited for its vectors", buckets=_SECONDS, registry=registry
)
_texts = Counter("agora_encoder_texts", "Stored texts that were to be encoded", ["space", "outcome"], registry=registry)
_memory = Gauge("agora_encoder_memory_bytes", "What loading an encoder took", ["space"], registry=registry)
_available = Gauge("agora_encoder_available", "Whether questions are encoded here", registry=registry)
_waiting = Gauge("agora_encoder_waiting", "Texts that wait to be encoded", ["space"], registry=registry)
_available.set(0)


def made(space: str, grown: int) -> None:
    """An encoder was loaded, and the process has grown by so many bytes."""
    _memory.labels(space).set(max(0, grown))


def question(space: str, outcome: str) -> None:
    """A question was encoded (``done``), or not: ``late``, or a reason of ``bot.ai.encoder.REASONS``."""
    _questions.labels(space, outcome).inc()


def questions_encoded(seconds: float) -> None:
    """An event waited so long for the vectors of what it looks for."""
    _waited.observe(seconds)


def texts(space: str, outcome: str, count: int) -> None:
    """So many stored texts were encoded (``done``), or not, as above."""
    _texts.labels(space, outcome).inc(count)


def available(spaces: int) -> None:
    """In how many spaces questions are encoded here."""
    _available.set(float(spaces > 0))


def waiting(counts: Mapping[str, int]) -> None:
    """How many texts wait in each space."""
    _waiting.clear()
    for space, count in counts.items():
        _waiting.labels(space).set(count)
