"""What many get, such as an announcement: claimed as its platform can take it, and sent by one process at a time.

Rows of the outbox that many get are claimed only as many as can be sent within a moment (``AHEAD``), so that a hundred
thousand that wait cost nothing, and whoever is answered meanwhile finds a free lane. In each installation one process
sends them (``Sender``), which alone knows then what is used up of its limits. While it does, what one person gets there
goes through the same process, too, unless that leaves it lying. What a platform said to one process, or showed it of
its limits, all of them hear (``Allowance``).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
import structlog
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.claims import claim, claim_statement
from bot.gateway import Gateway
from bot.pacing import Pace, Pacing
from models.base import now, reading, transaction
from models.mail import USUAL

log = structlog.get_logger(__name__)
CHANNEL = "agora_allowance"
AHEAD = 1.0
"""Seconds for which rows are claimed ahead."""
LOOK = 1.0
"""Seconds from one look to the next: at what waits, who sends it, and what others have learned."""
HOLDS = timedelta(seconds=3)
"""For how long a process is the sender of an installation without saying so again, which it does at each look."""
LEFT_LYING = timedelta(seconds=1)
"""After which others send what one person gets, where the sender has not taken it."""
UNPACED = 200
"""Rows ahead where a platform has no limits."""
COLUMNS = ("platform", "installation", "conversation", "operation", "urgency", "payload", "correlation")
CLAIM_USUAL = claim_statement(
    "outbox",
    COLUMNS,
    only=f"q.urgency = {USUAL} and (q.not_before <= %(lying)s "
    "or q.platform || '/' || q.installation <> all(%(others)s))",
    behind=f"b.urgency = {USUAL} and b.id < q.id and b.not_before > %(now)s",
    busy=f"b.holder is not null or b.urgency = {USUAL}",
)
"""What one person gets goes before what many get, in the same lane, too, unless that is being sent just now."""
CLAIM_MASS = claim_statement(
    "outbox",
    COLUMNS,
    only=f"q.urgency <> {USUAL} and q.urgency = %(urgency)s and q.platform = %(platform)s "
    "and q.installation = %(installation)s and q.operation = %(operation)s",
    behind=f"b.id < q.id and b.urgency <> {USUAL} and (b.urgency = q.urgency or q.operation <> 'post')",
    busy="b.holder is not null or b.urgency = q.urgency",
    order="q.not_before, q.id",
)
_WAITS = f"state in ('new', 'held') and urgency <> {USUAL}"
_NAMES = "urgency, platform, installation, operation"
_GROUPS = sql(f"""
with recursive found as (
  (select {_NAMES} from outbox where {_WAITS} order by {_NAMES} limit 1)
  union all
  select next.* from found f, lateral (
    select {_NAMES} from outbox o where {_WAITS}
      and (o.urgency, o.platform, o.installation, o.operation) > (f.urgency, f.platform, f.installation, f.operation)
    order by {_NAMES} limit 1) next
) select * from found
""")  # noqa: S608 the names are our own, never input
_SENDERS = sql("select platform, installation, holder, until > :now as is_there, sent from sender")
_BECOME = sql("""
insert into sender (platform, installation, holder, until, sent)
values (:platform, :installation, :holder, :until, cast(:sent as jsonb))
on conflict (platform, installation) do update set holder = excluded.holder, until = excluded.until,
  sent = coalesce(excluded.sent, sender.sent)
where sender.holder = excluded.holder or sender.until <= :now returning 1
""")
_LESSONS = sql("select key, learned, paused_until, changed_at from allowance where changed_at > :since")
_TELL = sql("""
insert into allowance (key, paused_until, learned, changed_at)
select key, paused_until, cast(learned as jsonb), :now from unnest(cast(:keys as text[]),
  cast(:pauses as timestamptz[]), cast(:lessons as text[])) as told(key, paused_until, learned)
on conflict (key) do update set changed_at = excluded.changed_at,
  paused_until = greatest(excluded.paused_until, allowance.paused_until),
  learned = coalesce(excluded.learned, allowance.learned)
""")
_OVER = sql("delete from allowance where learned is null and changed_at < :before")
_GONE = sql("delete from sender where until < :before")
_KEPT = timedelta(hours=1)
_NOTIFY = sql("select pg_notify(:channel, :said)")


class Group(NamedTuple):
    """Rows that are claimed together: of one urgency and kind, in one installation."""

    urgency: int
    platform: str
    installation: str
    operation: str


class Wanted(NamedTuple):
    """Rows of a group that may be claimed: ``missing`` of the ``room`` that there is under ``key``."""

    group: Group
    key: str
    missing: int
    room: int


class Heard(NamedTuple):
    """What a look found: what was said of limits (key, what was learned, until when it is paused), and what other
    processes had sent where this one takes their place (installation, as ``Sender.sent``)."""

    limits: list[tuple[str, Any, datetime | None]]
    left: list[tuple[tuple[str, str], dict[str, Any]]]


class Masses:
    """What this process knows of what many get, and may send of it."""

    def __init__(self, gateways: Mapping[str, Gateway], holder: str, pacing: Pacing) -> None:
        self._gateways = gateways
        self._holder = holder
        self._pacing = pacing
        self._groups: list[Group] = []
        self._mine: set[tuple[str, str]] = set()
        self._others: list[str] = []
        self._in_hand: Counter[str] = Counter()
        self._heard: datetime | None = None
        self._pauses: dict[str, datetime] = {}

    @property
    def usual(self) -> dict[str, Any]:
        """What ``CLAIM_USUAL`` is given."""
        return {"others": self._others, "lying": now() - LEFT_LYING}

    def wanted(self) -> list[Wanted]:
        """How many rows of which groups to claim now, the most urgent first."""
        found = ((group, *self._room(group)) for group in self._groups)
        wanted = [Wanted(group, key, room - self._in_hand[key], room) for group, key, room in found]
        return [each for each in wanted if each.missing > 0 and 4 * each.missing >= each.room]

    def claim(self, session: Session, wanted: Sequence[Wanted], lease: timedelta) -> list[Any]:
        """Claim rows, of each limit not more than it has room for."""
        rows: list[Any] = []
        taken: Counter[str] = Counter()
        for group, key, missing, _ in wanted:
            if missing > taken[key]:
                found = claim(
                    session, "outbox", CLAIM_MASS, self._holder, missing - taken[key], lease, **group._asdict()
                )
                taken[key] += len(found)
                rows += found
        return rows

    def begun(self, row: Any) -> Callable[[object], None]:
        """A row was claimed; what to call when it is not in hand any more."""
        key, _ = self._room(Group(row.urgency, row.platform, row.installation, row.operation))
        self._in_hand[key] += 1

        def ended(_: object) -> None:
            self._in_hand[key] -= 1

        return ended

    def _room(self, group: Group) -> tuple[str, int]:
        gateway = self._gateways[group.platform]
        pace = gateway.allows(group.installation, group.operation)
        if pace is None:
            return f"{group.platform}/{group.installation}", UNPACED
        return pace.key, self._pacing.room(pace, AHEAD)

    # -- with the database

    async def look(self) -> None:
        """See what waits, who sends it, and what others have learned; tell what was learned here, and was sent."""
        lessons, sent = self._pacing.lessons(), self._sent()
        try:
            heard = await asyncio.to_thread(self._look, lessons, sent)
        except SQLAlchemyError as error:
            log.warning("cannot look at what many get", error=type(error).__name__)
            return
        for key, said, paused_until in heard.limits:
            self._hear(key, paused_until)
            if said is not None and key not in lessons:
                self._pacing.learn(key, said)
        for where, left in heard.left:
            ago = now().timestamp() - left["at"]
            for pace in self._paces(where):
                self._pacing.assume(pace, left["used"].get(pace.key, ()), ago)

    def _paces(self, where: tuple[str, str]) -> set[Pace]:
        """What counts for what this process sends in an installation."""
        operations = {group.operation for group in self._groups if (group.platform, group.installation) == where}
        platform, installation = where
        found = {self._gateways[platform].allows(installation, operation) for operation in operations}
        return {pace for pace in found if pace is not None}

    def _sent(self) -> dict[tuple[str, str], str]:
        """What is used up, by installation, for whoever comes after this process."""
        at = now().timestamp()
        used = {where: self._pacing.used([pace.key for pace in self._paces(where)]) for where in self._mine}
        return {where: orjson.dumps({"at": at, "used": said}).decode() for where, said in used.items()}

    def _look(self, lessons: Mapping[str, Any], sent: Mapping[tuple[str, str], str]) -> Heard:
        with reading() as session:
            groups = [Group(*row) for row in session.execute(_GROUPS)]
            senders = {(row.platform, row.installation): row for row in session.execute(_SENDERS, {"now": now()})}
            since = self._heard or now() - timedelta(days=1000)
            heard = session.execute(_LESSONS, {"since": since - timedelta(seconds=5)}).all()
        self._heard = max((row.changed_at for row in heard), default=self._heard)
        mine = self._become(groups, senders, sent) if groups else set()
        self._groups = [group for group in groups if (group.platform, group.installation) in mine]
        others = {where for where, row in senders.items() if row.holder != self._holder}
        self._others = ["/".join(where) for where in others if senders[where].is_there]
        left = [(where, senders[where].sent) for where in mine - self._mine if where in others and senders[where].sent]
        self._mine = mine
        if lessons:
            self._tell({key: (None, said) for key, said in lessons.items()})
        return Heard([(row.key, row.learned, row.paused_until) for row in heard], left)

    def _become(
        self, groups: Sequence[Group], senders: Mapping[tuple[str, str], Any], sent: Mapping[tuple[str, str], str]
    ) -> set[tuple[str, str]]:
        """Where this process is the sender now: wherever the last one died, and of what nobody has sent yet in one more
        at each look, since there are others."""
        there = {(group.platform, group.installation): None for group in groups if group.platform in self._gateways}
        own = [
            where for where in there if (row := senders.get(where)) and (row.holder == self._holder or not row.is_there)
        ]
        free = [where for where in there if where not in senders]
        moment = now()
        values = {"holder": self._holder, "until": moment + HOLDS, "now": moment}
        with transaction() as session:
            return {
                where for where in [*own, *free[:1]]
                if session.execute(_BECOME, {**values, "platform": where[0], "installation": where[1],
                                             "sent": sent.get(where)}).first()
            }  # fmt: skip

    async def paused(self, key: str, seconds: float) -> None:
        """The platform asks for a pause: let the other processes know."""
        self._pauses[key] = now() + timedelta(seconds=seconds)
        await asyncio.sleep(0.002)  # what is refused at once is told at once
        pauses, self._pauses = self._pauses, {}
        if not pauses:
            return
        try:
            await asyncio.to_thread(self._tell, {key: (until, None) for key, until in pauses.items()})
        except SQLAlchemyError as error:
            log.warning("cannot tell of a pause", error=type(error).__name__)

    def _tell(self, told: Mapping[str, tuple[datetime | None, Any]]) -> None:
        keys = sorted(told)
        pauses = [told[key][0] for key in keys]
        lessons = [orjson.dumps(told[key][1]).decode() if told[key][1] else None for key in keys]
        with transaction() as session:
            session.execute(_TELL, {"keys": keys, "pauses": pauses, "lessons": lessons, "now": now()})
            for key, until in zip(keys, pauses, strict=True):
                _notify(session, key, until, self._holder)

    def hear(self, said: str) -> None:
        """Another process was asked for a pause: ``CHANNEL`` was notified."""
        try:
            holder, until, key = said.split(" ", 2)
            moment = datetime.fromisoformat(until)
        except ValueError:  # a reconnection: the next look says it
            return
        if holder != self._holder:
            self._hear(key, moment)

    def _hear(self, key: str, until: datetime | None) -> None:
        seconds = (until - now()).total_seconds() if until is not None else 0.0
        if seconds > 0:
            self._pacing.pause(key, seconds)


def _notify(session: Session, key: str, until: datetime | None, holder: str) -> None:
    if until is not None:
        session.execute(_NOTIFY, {"channel": CHANNEL, "said": f"{holder} {until.isoformat()} {key}"})


def purge(session: Session) -> None:
    """Forget pauses that are over, and who sent in installations to which nothing is sent any more."""
    for statement in (_OVER, _GONE):
        session.execute(statement, {"before": now() - _KEPT})
