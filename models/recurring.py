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
        start = datetime(2026, 1, 1)  # noqa: DTZ001 the clock of a place
        held = next(_occurrences(rule, start, start), None)
    except IndexError as error:  # a weekday too many of a month: the library does not look
        raise Refusal("unknown_rule", field="repeat") from error
    if held is None:
        raise Refusal("unknown_rule", field="repeat")


def following(rule: str, first: datetime, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The next occurrence later than ``after`` of what first goes out at ``first``; ``None`` where there is none."""
    start = _local(first, zone)
    found = _occurrences(rule, start, max(start, _local(after, zone)))
    return next((moment for local in found if (moment := at(local, zone)) > after), None)


def remaining(rule: str, first: datetime, begins: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """What is left of a rule from its occurrence ``begins`` on, for other programs: what the clock of ``zone`` shows
    then, and the rule, which counts from there, with its end in UTC (RFC 5545, 3.3.10)."""
    start, parts = _local(first, zone), _parts(rule)
    numbered = enumerate(_occurrences(rule, start, max(start, _local(begins, zone))))
    before, local = next(((n, local) for n, local in numbered if at(local, zone) >= begins), (0, start))
    if "COUNT" in parts:
        parts["COUNT"] = str(int(parts["COUNT"]) - before)
    if until := parts.get("UNTIL"):
        parts["UNTIL"] = at(_last(until), zone).strftime("%Y%m%dT%H%M%SZ")
    return local, _written(parts)


def at(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock of ``zone`` shows ``local`` (naive), in UTC."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def moved(moment: datetime | None, before: datetime, to: datetime, zone: ZoneInfo) -> datetime | None:
    """A moment as far from ``to`` as ``moment`` is from ``before``, on the clock of ``zone``."""
    return None if moment is None else at(_local(to, zone) + (_local(moment, zone) - _local(before, zone)), zone)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _occurrences(rule: str, start: datetime, after: datetime) -> Iterator[datetime]:
    """The occurrences on the clock, the first at ``start`` or after it, to some years later than ``after``."""
    parts = _parts(rule)
    try:
        count = int(parts.pop("COUNT", 10_000))
        last = parts.pop("UNTIL", "").removesuffix("Z")
        end = _last(last) if last else after + _FARTHEST
        parts["UNTIL"] = min(end, after + _FARTHEST).strftime("%Y%m%dT%H%M%S")
        found = rrulestr(_written(parts), dtstart=start)
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


def _written(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _last(until: str) -> datetime:
    """When the day of an ``UNTIL`` ends, on the clock."""
    return datetime.strptime(until[:8] + "T235959", "%Y%m%dT%H%M%S")  # noqa: DTZ007 the clock of a place
