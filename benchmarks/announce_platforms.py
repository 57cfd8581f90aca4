"""Slack and Teams as far as an announcement meets them: their limits, their pauses, and answers that are lost.

What is refused for no reason, and what is lost, is so by chance, the same for one seed. All seconds are the platforms'
own; ``clock`` runs as fast as the benchmark does.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.pacing import Pace, Window
from bot.slack import limits as slack
from bot.teams import limits as teams
from tests.slack_server import counted

POSTING = "chat.postMessage"
REFUSED, LOST = "refused", "lost"
OF_ALL = {"slack": 0.5, "teams": 0.1}
"""The part of the refusals that hold for all of a workspace or tenant: Teams mostly speaks of one conversation."""


class Answer(NamedTuple):
    """What a platform says to a message: ``refused`` for ``seconds`` of what counts under ``key``; ``lost`` where no
    answer comes; else it stands there."""

    kind: str
    key: str = ""
    seconds: float = 0.0


def paces(platform: str, installation: str, conversation: str) -> tuple[Pace, Pace]:
    """What a message counts against, as the gateways say it."""
    if platform == "slack":
        untold = Pace(f"slack/{installation}/{POSTING}", slack.METHODS[POSTING], told=False)
        return Pace(f"slack/{installation}/{conversation}", slack.CHANNEL), untold
    tenant = f"teams:{installation}"
    return Pace(f"{tenant}:{conversation}", teams.IN_A_CONVERSATION), Pace(tenant, teams.IN_A_TENANT)


def taken(platform: str, hidden: int | None = None) -> tuple[Window, ...]:
    """What an installation takes; ``hidden``: so many a minute, which nobody tells."""
    if hidden is not None:
        return (Window(hidden, 60.0),)
    return counted(POSTING) if platform == "slack" else teams.IN_A_TENANT


@dataclass
class Limit:
    """Windows and a pause."""

    windows: tuple[Window, ...]
    slack: float = 0.0
    """The part by which they may be overfull: a network delivers in bunches what was sent evenly."""
    paused: float = 0.0
    seen: deque[float] = field(default_factory=deque)

    def free(self, moment: float) -> float:
        """The first moment from this one on at which it takes one more."""
        longest = max(seconds for _, seconds in self.windows)
        while self.seen and self.seen[0] <= moment - longest:
            self.seen.popleft()
        waits = [moment, self.paused]
        for most, seconds in self.windows:
            wide = most + int(most * self.slack)
            if len(self.seen) >= wide:
                waits.append(self.seen[-wide] + seconds)
        return max(waits)


@dataclass
class Platforms:
    """All installations of both, and what was posted there, by the row of the outbox."""

    clock: Callable[[], float]
    throttled: float
    """The part of the messages that are refused for no reason."""
    lost: float
    """The part whose answer is lost; half of those messages are, too."""
    seed: int
    hidden: int | None = None
    posted: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    early: int = 0
    """Messages that came while a pause that its sender knew of was not over."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._limits: dict[str, Limit] = {}
        self._pauses: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def ask(self, platform: str, installation: str, conversation: str, outbox: int) -> Answer:
        """Post it, if that is allowed."""
        narrow, wide = paces(platform, installation, conversation)
        moment = self.clock()
        limits = {narrow.key: self._limit(narrow.key, narrow.windows),
                  wide.key: self._limit(wide.key, taken(platform, self.hidden))}  # fmt: skip
        for key, limit in limits.items():
            if (free := limit.free(moment)) > moment:
                return self._refuse(key, limit, free - moment)
        roll = self._chance.random()
        if roll < self.throttled:
            key = wide.key if self._chance.random() < OF_ALL[platform] else narrow.key
            return self._refuse(key, limits[key], float(self._chance.randint(1, 3)))
        for limit in limits.values():
            limit.seen.append(moment)
        lost = roll < self.throttled + self.lost
        if not lost or self._chance.random() < 0.5:
            self.posted[outbox] += 1
        return Answer(LOST if lost else "")

    def _refuse(self, key: str, limit: Limit, seconds: float) -> Answer:
        self.refused += 1
        limit.paused = max(limit.paused, self.clock() + seconds)
        self._pauses[key].append((self.clock(), limit.paused))
        return Answer(REFUSED, key, limit.paused - self.clock())

    def paused(self, keys: Sequence[str], since: float, until: float) -> float:
        """For how long of that time nothing was taken that counts under one of ``keys``."""
        spans = sorted(span for key in keys for span in self._pauses[key] if span[0] < until and span[1] > since)
        total, end = 0.0, since
        for first, last in spans:
            total += max(0.0, min(last, until) - max(first, end))
            end = max(end, last)
        return total

    def _limit(self, key: str, windows: tuple[Window, ...]) -> Limit:
        if key not in self._limits:
            if len(self._limits) > 20_000:
                self._forget()
            self._limits[key] = Limit(windows, 0.1 if self.hidden is None else 0.0)
        return self._limits[key]

    def _forget(self) -> None:
        """Conversations in which nothing counts any more."""
        moment = self.clock()
        self._limits = {key: limit for key, limit in self._limits.items()
                        if limit.paused > moment or (limit.seen and limit.seen[-1] > moment - 61)
                        or not limit.seen}  # fmt: skip


def ideal(platform: str, people: int, throttled: float, seed: int, hidden: int | None = None) -> float:
    """The seconds of a sender without latency that is told every limit and every pause, and never waits longer. It has
    been at work before: no window begins empty."""
    chance = random.Random(seed)
    limit = Limit(taken(platform, hidden))
    per_second = min(most / seconds for most, seconds in limit.windows)
    longest = max(seconds for _, seconds in limit.windows)
    limit.seen.extend(-longest + n / per_second for n in range(int(longest * per_second)))
    moment, left, later = 0.0, people, deque[float]()
    while left or later:
        moment = limit.free(moment)
        if later and later[0] <= moment:
            later.popleft()
        elif left:
            left -= 1
        else:
            moment = max(moment, later[0])
            continue
        if chance.random() < throttled:
            seconds = float(chance.randint(1, 3))
            later.append(moment + seconds)
            if chance.random() < OF_ALL[platform]:
                limit.paused = moment + seconds
        else:
            limit.seen.append(moment)
    return moment
