"""Who acts and where, for every event in one statement: the person, the place, and what both are known to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import access
from models.base import Refusal, now
from models.masks import RELAY
from models.people import PEOPLE, Person
from models.places import MEMBERSHIPS, PLACES, Place
from models.rows import run

# The platform of masks is written out, for the index of what masks were sent: a plan for any could not use it.
_PRESENT = f"""
select {access.JOINED}, array(
    select conversation from posted_card c join unnest(%(references)s::text[]) with ordinality as r(message, n)
      on c.reference = r.message
    where c.platform = '{RELAY}' order by n
  ), case when p.prefers is null and a.active_on is distinct from %(today)s
    and exists (select from account o where o.person_id = p.id and o.id <> a.id) then a.id end,
  {PEOPLE.columns("p")}, {PLACES.columns("l")}, {MEMBERSHIPS.columns("m")}
from account a join person p on p.id = a.person_id
left join place l on (l.platform, l.installation, l.key) = (%(platform)s, %(installation)s, %(conversation)s)
left join membership m on m.place_id = l.id and m.person_id = p.id
where (a.platform, a.installation, a.external) = (%(platform)s, %(installation)s, %(account)s) and p.active
"""  # noqa: S608 the names are our own, never input
_ACTIVE = "update account set active_on = %(today)s where id = %(account)s"


@dataclass(frozen=True)
class Presence:
    """The person behind an account, the place where it is (none: not known), and the chats of the masks that were sent
    what was pressed or replied to."""

    person: Person
    place: Place | None
    masks: Sequence[str]


def presence(
    session: Session, platform: str, installation: str, conversation: str, account: str, references: Sequence[str]
) -> Presence:
    """Who acts by ``account`` in ``conversation``, on or below these messages; ``Refusal("unknown_person")`` where
    nobody is behind it. Once a day it is noted by which of several accounts somebody acts who never chose one."""
    today = now().date()
    values = {
        "platform": platform, "installation": installation, "conversation": conversation, "account": account,
        "references": list(references), "today": today,
    }  # fmt: skip
    row = run(session, _PRESENT, values).fetchone()
    if row is None:
        raise Refusal("unknown_person")
    joined, masks, fresh, *rest = row
    if fresh is not None:
        run(session, _ACTIVE, {"account": fresh, "today": today})
    person = PEOPLE.of(session, rest)
    place = PLACES.maybe(session, rest[len(PEOPLE) :])
    MEMBERSHIPS.maybe(session, rest[len(PEOPLE) + len(PLACES) :])
    access.remember(session, person, joined)
    return Presence(person, place, masks)
