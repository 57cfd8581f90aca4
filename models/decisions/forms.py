"""Forms in which decisions are begun: where that is, and what was filled in that could not be taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.base import Refusal, now
from models.decisions.tables import Decision, DecisionForm
from models.people import Person
from models.places import Place

_FORGOTTEN = timedelta(days=30)


def begin(
    session: Session,
    person: Person,
    place: Place | None,
    thread: str | None = None,
    message: str | None = None,
    replaces: Decision | None = None,
) -> DecisionForm:
    """Note that ``person`` opens a form: the one again that they filled in there and that was not taken."""
    session.execute(delete(DecisionForm).where(DecisionForm.at < now() - _FORGOTTEN))
    where = {"place_id": place.id if place else None, "thread": thread, "message": message}
    wanted = where | {"replaces_id": replaces.id if replaces else None, "decision_id": None}
    left = select(DecisionForm).where(
        DecisionForm.person_id == person.id,
        *(getattr(DecisionForm, name).is_not_distinct_from(value) for name, value in wanted.items()),
    )
    form = session.scalars(left.order_by(DecisionForm.id.desc()).limit(1).with_for_update()).first()
    form = form or DecisionForm(person_id=person.id, **wanted)
    form.at = now()
    session.add(form)
    session.flush()
    return form


def find(session: Session, id: int, person: Person) -> DecisionForm:
    """The form that ``person`` sends, locked; ``Refusal("form_too_old")`` where it is forgotten, or another's."""
    form = session.get(DecisionForm, id, with_for_update=True)
    if form is None or form.person_id != person.id:
        raise Refusal("form_too_old")
    return form


def keep(form: DecisionForm, values: Mapping[str, Any]) -> None:
    """Keep what was filled in: it was not taken."""
    form.filled = {name: value for name, value in values.items() if isinstance(value, str)}


def taken(session: Session, form: DecisionForm, decision: Decision) -> None:
    """A decision was begun with it: sent once more, it begins no other."""
    form.filled, form.decision_id = {}, decision.id
    session.flush()
