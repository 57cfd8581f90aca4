"""Who may announce something to whom: what was granted, compared on people.

Admins reach everybody. Managers reach their department and whoever reports to them. ``Authorship`` rows widen that, for
a person or for whoever has a role; where one names an approver, what needs it goes out only when they agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.announcements import audience
from models.announcements.audience import EVERYONE, NOBODY, Spec
from models.announcements.tables import Authorship
from models.base import Refusal
from models.people import EMPLOYEE, Person, with_role


def grants(session: Session, person: Person) -> Sequence[Authorship]:
    """What was granted to ``person``, or to a role of theirs; oldest first."""
    if not person.active or person.kind != EMPLOYEE:
        return ()
    theirs = or_(Authorship.person_id == person.id, Authorship.role.in_(person.roles))
    return session.scalars(select(Authorship).where(theirs).order_by(Authorship.id)).all()


def is_author(session: Session, person: Person) -> bool:
    """Whether ``person`` may announce anything to anybody."""
    return person.has("admin") or person.has("manager") or bool(grants(session, person))


def reach(session: Session, person: Person) -> Spec:
    """The most that ``person`` may reach, with or without an approver: nobody where they have left."""
    specs = [*_own(person), *(each.audience for each in grants(session, person))]
    return audience.either(*specs) if specs else NOBODY


def may_reach(session: Session, person: Person, spec: Mapping[str, Any], urgent: bool = False) -> Person | None:
    """Who must approve that ``person`` announces something to these people; ``None`` where nobody must.

    ``Refusal``: ``not_an_author``; ``audience_too_wide`` (field ``audience``) where somebody is meant whom they may not
    reach; ``not_urgent`` (field ``urgent``) where they may not call it urgent to them.
    """
    if person.has("admin"):
        return None
    given = grants(session, person)
    own = _own(person)
    if not own and not given:
        raise Refusal("not_an_author")
    everything = [*own, *(each.audience for each in given)]
    if (n := audience.beyond(session, spec, audience.either(*everything))) > 0:
        raise Refusal("audience_too_wide", field="audience", n=n)
    if urgent:
        given, own = [each for each in given if each.urgent], []
        if not _within(session, spec, (each.audience for each in given)):
            raise Refusal("not_urgent", field="urgent")
    return _approver(session, person, spec, own, given)


def _approver(
    session: Session, person: Person, spec: Mapping[str, Any], own: Sequence[Spec], given: Sequence[Authorship]
) -> Person | None:
    """Of those who could approve it, the first who covers what nobody needs to approve not."""
    free = [*own, *(each.audience for each in given if each.approver_id in (None, person.id))]
    if _within(session, spec, free):
        return None
    approvers = {each.approver_id: each.approver for each in given if each.approver is not None}
    for number, approver in approvers.items():
        theirs = [each.audience for each in given if each.approver_id == number]
        if number != person.id and approver is not None and _within(session, spec, [*free, *theirs]):
            return approver if approver.active else _instead(session, person)
    raise Refusal("audience_of_several", field="audience")


def _within(session: Session, spec: Mapping[str, Any], allowed: Iterable[Mapping[str, Any]]) -> bool:
    specs = list(allowed)
    return bool(specs) and audience.beyond(session, spec, audience.either(*specs)) == 0


def _own(person: Person) -> list[Spec]:
    """What their role lets them reach."""
    if person.has("admin"):
        return [EVERYONE, {"key": "guests"}]
    if not person.has("manager"):
        return []
    department = [{"key": f"department:{person.department.casefold()}"}] if person.department else []
    return [*department, {"key": f"reports:{person.id}"}, {"people": [person.id]}]


def _instead(session: Session, person: Person) -> Person:
    """Who approves for somebody who has left: an administrator."""
    for admin in with_role(session, "admin"):
        if admin.id != person.id:
            return admin
    raise Refusal("no_approver", field="audience")
