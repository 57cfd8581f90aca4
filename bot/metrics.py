"""What this process counts, for Prometheus, and what the queues hold, asked of the database at each scrape.

Names follow https://prometheus.io/docs/practices/naming/. Labels have few values and never hold anything of a person.
The registry is this module's, not the library's: it lives as long as the process, and nobody else puts anything in.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text as sql

from models.base import reading

log = structlog.get_logger(__name__)
PLATFORMS = frozenset({"slack", "teams", "web", "system"})
KINDS = frozenset(
    {"message", "message_changed", "message_deleted", "command", "button", "form", "shortcut", "timer", "result"}
)
SERVED, NOTHING, SOLVED, NOT_MEANT = "served", "nothing", "solved", "not_meant"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

registry = CollectorRegistry()
ProcessCollector(registry=registry)

_captured = Counter("agora_inbox_captured", "Events kept", ["platform", "kind"], registry=registry)
_handled = Counter("agora_inbox_handled", "Events handed to their handler", ["platform", "outcome"], registry=registry)
_handling = Histogram(
    "agora_inbox_handling_seconds", "Handling of one event", ["platform"], buckets=_SECONDS, registry=registry
)
_delivered = Counter("agora_outbox_deliveries", "Attempts to deliver", ["platform", "outcome"], registry=registry)
_jobs = Counter("agora_jobs", "Jobs ended", ["kind", "outcome"], registry=registry)
_search = Histogram("agora_search_seconds", "One search for answers", buckets=_SECONDS, registry=registry)
_answers = Counter("agora_answers", "What came of questions", ["outcome"], registry=registry)
_model_calls = Counter("agora_model_calls", "Calls of the model", ["purpose", "outcome"], registry=registry)
_model_seconds = Histogram(
    "agora_model_seconds", "One call of the model", ["purpose"], buckets=(*_SECONDS, 20, 40, 80), registry=registry
)
_model_tokens = Counter("agora_model_tokens", "Tokens that were paid for", ["purpose", "way"], registry=registry)
_sentences = Counter("agora_model_sentences", "What models wrote", ["outcome"], registry=registry)
_written = Counter("agora_model_answers", "Answers by a model that were wanted", ["outcome"], registry=registry)
_breaker = Gauge("agora_model_available", "0 while the model is left alone because it failed", registry=registry)
_breaker.set(1)


def captured(platform: str, kind: str, count: int = 1) -> None:
    """So many events of this kind became new inbox rows."""
    _captured.labels(_one_of(platform, PLATFORMS), _one_of(kind, KINDS)).inc(count)


def handled(platform: str, outcome: str, seconds: float) -> None:
    """An event was handled: ``done``, ``refused``, ``again`` (put back), ``failed`` (set aside) or ``lost``."""
    platform = _one_of(platform, PLATFORMS)
    _handled.labels(platform, outcome).inc()
    _handling.labels(platform).observe(seconds)


def delivered(platform: str, outcome: str) -> None:
    """A delivery was tried: ``sent``, ``failed``, ``uncertain``, ``dropped``, or ``new`` where it is tried again."""
    _delivered.labels(_one_of(platform, PLATFORMS), "again" if outcome == "new" else outcome).inc()


def job_ended(kind: str, outcome: str) -> None:
    """A job ended: ``done``, ``failed`` for good, put back to be done ``again``, or ``lost`` to another process."""
    _jobs.labels(kind, outcome).inc()


def searched(seconds: float) -> None:
    """A search for answers took this long."""
    _search.observe(seconds)


def answered(outcome: str) -> None:
    """What came of a question: ``SERVED``, ``NOTHING``, ``SOLVED`` or ``NOT_MEANT``. Counted as it is handled: what is
    rolled back and handled again counts twice."""
    _answers.labels(outcome).inc()


def model_called(purpose: str, outcome: str, seconds: float) -> None:
    """A model was asked: ``done``, or one of ``bot.ai.model.REASONS``."""
    _model_calls.labels(purpose, outcome).inc()
    _model_seconds.labels(purpose).observe(seconds)


def model_used(purpose: str, read: int, written: int) -> None:
    """So many tokens were used."""
    _model_tokens.labels(purpose, "read").inc(read)
    _model_tokens.labels(purpose, "written").inc(written)


def model_sentences(shown: int, dropped: int) -> None:
    """So many sentences were supported by their sources, and so many were not."""
    _sentences.labels("shown").inc(shown)
    _sentences.labels("dropped").inc(dropped)


def model_answer(outcome: str) -> None:
    """An answer was wanted: ``cached`` (it was there), ``asked`` (the model is), ``budget`` (nothing is left of that)
    or ``changed`` (what it was to rest on is not so any more)."""
    _written.labels(outcome).inc()


def model_breaker(closed: bool) -> None:
    """Whether the model may be asked."""
    _breaker.set(closed)


def _one_of(value: str, known: frozenset[str]) -> str:
    return value if value in known else "other"


def render(with_queues: bool = True) -> tuple[bytes, str]:
    """All metrics and their content type. ``with_queues`` asks the database, which may take a while."""
    return generate_latest(registry) + (generate_latest(_queues) if with_queues else b""), CONTENT_TYPE_LATEST


_WAITING = sql("""
select 'inbox' as queue, count(*) as depth, min(received_at) as since from inbox where state in ('new', 'held')
union all select 'outbox', count(*), min(created_at) from outbox where state in ('new', 'held') and urgency = 1
union all select case urgency when 0 then 'outbox_urgent' else 'outbox_bulk' end, count(*), min(created_at) from outbox
  where state in ('new', 'held') and urgency <> 1 group by urgency
union all select 'timer', count(*), min(due_at) from timer where fired_at is null and due_at <= now()
union all select 'job', count(*), min(created_at) from job where state in ('new', 'held')
""")
_TROUBLE = sql("select state, count(*) as rows from outbox where state in ('failed', 'uncertain') group by state")


class Queues(Collector):
    """The queues of the whole installation, as every process sees them."""

    def describe(self) -> Iterable[Metric]:
        """Nothing: asking when this is registered would be too early."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The depths; where the database cannot be asked, ``agora_database_up`` is 0 and the rest is left out."""
        up = GaugeMetricFamily("agora_database_up", "Whether the database answered")
        try:
            found = list(_queue_metrics())
        except Exception as error:
            log.warning("queues not counted", error=type(error).__name__)
            found = []
        up.add_metric([], float(bool(found)))
        return [up, *found]


def _queue_metrics() -> Iterable[Metric]:
    depth = GaugeMetricFamily("agora_queue_depth", "Rows waiting or in hand", labels=["queue"])
    oldest = GaugeMetricFamily("agora_queue_oldest_seconds", "Age of the oldest of them", labels=["queue"])
    trouble = GaugeMetricFamily(
        "agora_outbox_trouble", "Messages that did not arrive, or perhaps not", labels=["state"]
    )
    with reading() as session:
        session.execute(sql("set local statement_timeout = '2s'"))
        moment = session.execute(sql("select now()")).scalar_one()
        for row in session.execute(_WAITING):
            depth.add_metric([row.queue], row.depth)
            oldest.add_metric([row.queue], max(0.0, (moment - row.since).total_seconds()) if row.since else 0.0)
        counts = {row.state: row.rows for row in session.execute(_TROUBLE)}
    for state in ("failed", "uncertain"):
        trouble.add_metric([state], counts.get(state, 0))
    return depth, oldest, trouble


_queues = CollectorRegistry()
_queues.register(Queues())
