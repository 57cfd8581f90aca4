"""When somebody is away, as Slack says it: by a status that says so and ends, or by not wanting to be disturbed. What
they told Agora themselves comes before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.slack.people import away_until, quiet_until
from bot.turn import Turn
from models.base import now
from models.experts import OFFER_HOURS, absences_of, come_back, set_away
from models.facts import Fact
from models.hours import working_between
from models.people import Account, Person

_BY = "slack"


def follow_status(turn: Turn, account: Account, user: Mapping[str, Any]) -> None:
    """Their status changed."""
    _follow(turn, account, "status", away_until(user))


def follow_dnd(turn: Turn, account: Account, dnd: Mapping[str, Any]) -> None:
    """They want to be disturbed, or not."""
    _follow(turn, account, "dnd", quiet_until(dnd))


def _follow(turn: Turn, account: Account, how: str, until: datetime | None) -> None:
    person = turn.session.get_one(Person, account.person_id)
    if until is not None and working_between(person, now(), until) < OFFER_HOURS:
        until = None  # a meeting, an evening: nothing that others should take over for
    spans = absences_of(turn.session, person)
    ours = len(spans) == 1 and _said_by_slack(turn, person, how, spans[0][1])
    if spans and not ours:
        return
    if until is None:
        if ours:
            come_back(turn.session, person)
            turn.emit("person.back", person, by=_BY)
    elif not ours or until != spans[0][1]:
        set_away(turn.session, person, now(), until)
        turn.session.flush()
        turn.emit("person.away", person, until=until.isoformat(), by=_BY, how=how)


def _said_by_slack(turn: Turn, person: Person, how: str, until: datetime) -> bool:
    """Whether that they are away until then was last said by Slack, in this way."""
    last = turn.session.scalars(
        select(Fact)
        .where(Fact.entity == "person", Fact.entity_id == person.id, Fact.verb == "person.away")
        .order_by(Fact.id.desc())
        .limit(1)
    ).first()
    said = last.data if last is not None else {}
    return said.get("by") == _BY and said.get("how") == how and said.get("until") == until.isoformat()
