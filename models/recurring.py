"""When something that repeats is due again: by its rule, on the clock of whoever made it.

The rule is an RRULE of RFC 5545, of at most one occurrence a day. Times that the clock skips, or shows twice, are taken
as PEP 495 takes them with ``fold=0``: each occurrence happens once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from models.base import Refusal

_LONGEST = 200  # characters
_FARTHEST = timedelta(days=5 * 365)  # a rule that can never hold must end, too
_OFTEN = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})


def check(rule: str) -> None:
    """``Refusal("unknown_rule")`` (field ``repeat``) unless this is a rule that can be kept."""
    try:
        held = next(_occurrences(rule, datetime(2026, 1, 1)), None)  # noqa: DTZ001 the clock of a place
    except IndexError as error:  # a weekday too many of a month: the library does not look
        raise Refusal("unknown_rule", field="repeat") from error
    if held is None:
        raise Refusal("unknown_rule", field="repeat")


def following(rule: str, first: datetime, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The next occurrence later than ``after`` of what first goes out at ``first``; ``None`` where there is none."""
    start = _local(first, zone)
    return next((moment for local in _occurrences(rule, start) if (moment := at(local, zone)) > after), None)


def at(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock of ``zone`` shows ``local`` (naive), in UTC."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def moved(moment: datetime | None, before: datetime, to: datetime, zone: ZoneInfo) -> datetime | None:
    """A moment as far from ``to`` as ``moment`` is from ``before``, on the clock of ``zone``."""
    return None if moment is None else at(_local(to, zone) + (_local(moment, zone) - _local(before, zone)), zone)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _occurrences(rule: str, start: datetime) -> Iterator[datetime]:
    """The occurrences on the clock, the first at ``start`` or after it."""
    parts = _parts(rule)
    try:
        count = int(parts.pop("COUNT", 10_000))
        last = parts.pop("UNTIL", "").removesuffix("Z")
        end = datetime.strptime(last[:8] + "T235959", "%Y%m%dT%H%M%S") if last else start + _FARTHEST  # noqa: DTZ007
        parts["UNTIL"] = min(end, start + _FARTHEST).strftime("%Y%m%dT%H%M%S")
        found = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=start)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Refusal("unknown_rule", field="repeat") from error
    return islice(iter(found), max(count, 0))


def _parts(rule: str) -> dict[str, str]:
    text = rule.strip().upper().removeprefix("RRULE:")
    pairs = [each.partition("=") for each in text.split(";")]
    parts = {name: value for name, _, value in pairs}
    interval = parts.get("INTERVAL", "1")
    ok = len(text) <= _LONGEST and len(parts) == len(pairs) and parts.get("FREQ") in _OFTEN and parts.keys() <= _PARTS
    if not ok or not (interval.isascii() and interval.isdecimal() and 0 < int(interval) < 1000):
        raise Refusal("unknown_rule", field="repeat")
    return parts
