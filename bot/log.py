"""Logs: one line an event, as JSON or for people, on standard error; the standard library's logging comes out alike.

What ``bind`` binds stands on every line until its block ends, so that an event can be followed from inbound to
delivery. Every line passes ``bot.redaction`` last.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.redaction import clean, is_message_text
from bot.tracebacks import one_line, structured

QUIET = ("aiohttp.access", "alembic", "apscheduler", "asyncio", "sqlalchemy")
"""Loggers whose info is noise, or quotes addresses and statements."""
_FIRST = ("timestamp", "level", "logger", "event")
_one_at_a_time = threading.Lock()
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


def bind(correlation: str) -> AbstractContextManager[None]:
    """Every line of the block carries the correlation id: ``with bind(row.correlation): ...``"""
    return structlog.contextvars.bound_contextvars(correlation=correlation)


def configure(log_format: str = "console", log_level: str = "info", stream: TextIO | None = None) -> None:
    """Set up logging for this process; a later call replaces an earlier one. Without ``stream``: standard error."""
    level = logging.getLevelNamesMapping()[log_level.upper()]
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _name,
        _stamp,
    ]
    last: list[Processor] = [_exceptions, _redact, _stamp, render_json if log_format == "json" else render_console]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda name="agora", *_: _Logger(name, stream),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream)
    after = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=first, processors=after))
    _route_standard_library(handler, level)


def _route_standard_library(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not isinstance(each, _Handler)]
    root.addHandler(handler)
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


class _Logger:
    """What structlog writes to."""

    def __init__(self, name: str, stream: TextIO | None) -> None:
        self.name = name
        self._stream = stream

    def msg(self, line: str) -> None:
        _write(line, self._stream)

    debug = info = warning = error = critical = msg


class _Handler(logging.Handler):
    """What the standard library's loggers write to."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _write(self.format(record), self._stream)
        except Exception:  # such as arguments that do not fit their format
            record.msg, record.args, record.exc_info = "a log record cannot be shown", (), None
            _write(self.format(record), self._stream)


def _write(line: str, stream: TextIO | None) -> None:
    """A full disk or a closed pipe must not stop the work that is being logged."""
    out = stream or sys.stderr
    try:
        with _one_at_a_time:
            out.write(line + "\n")
            out.flush()
    except (OSError, ValueError):
        return


def _name(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    event["logger"] = record.name if record is not None else getattr(logger, "name", "agora")
    return event


def _exceptions(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The exception of the line as data: types, messages and places, without local variables."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = structured(error)
    return event


def _redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    debug = event.get("level") == "debug"
    kept = {name: value for name, value in event.items() if debug or not is_message_text(name)}
    return clean(kept, debug)  # type: ignore[no-any-return]


def render_json(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """The event as one JSON object."""
    first = {name: event.pop(name) for name in _FIRST if name in event}
    return json.dumps({**first, **event}, ensure_ascii=False)


def render_console(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """The event as a line for people."""
    stamp, level, name, what = (event.pop(each, "") for each in _FIRST)
    exception = event.pop("exception", None)
    facts = [f"{each}={_shown(value)}" for each, value in event.items()]
    if exception:
        facts.append(one_line(exception))
    return "  ".join([f"{stamp[11:19]} {level:<8}{what}", *facts, f"[{name}]"])


def _shown(value: Any) -> str:
    plain = isinstance(value, str) and value and not any(each in value for each in " =\"'")
    return value if plain else json.dumps(value, ensure_ascii=False)
