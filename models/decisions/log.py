"""The log of decisions: what was decided where somebody may read, newest first, and what took the place of what."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from models.access import keys_of
from models.decisions.tables import DECIDED, OPEN, UNDECIDED, Decision, DecisionOption, Voice
from models.mail import PostedCard
from models.people import Person
from models.places import Place

_SIGNS = "\"'“”„«».,;:!?؟،()"
_WORDS = 8  # of what is looked for
_LONGEST = 50  # decisions that took each other's place


def log(session: Session, person: Person, limit: int, states: Sequence[str] = (DECIDED,)) -> list[Decision]:
    """The newest that ``person`` may read and that no other took the place of."""
    of = select(Decision).where(Decision.state.in_(states), readable(session, person), not_replaced())
    return list(session.scalars(of.order_by(Decision.decided_at.desc().nulls_first(), Decision.id.desc()).limit(limit)))


def waiting(session: Session, person: Person, limit: int) -> list[Decision]:
    """What is open and waits for a word of ``person``: they were named, or decide it alone."""
    silent = select(Voice.decision_id).where(Voice.person_id == person.id, ~Voice.voted)
    mine = Decision.id.in_(silent) | (Decision.decider_id == person.id)
    of = select(Decision).where(Decision.state == OPEN, mine)
    return list(session.scalars(of.order_by(Decision.closes_at, Decision.id).limit(limit)))


def readable(session: Session, person: Person) -> ColumnElement[bool]:
    """Whether ``person`` may read it: as ``models.access`` says it."""
    keys = cast(keys_of(session, person), ARRAY(Text))
    gone, there = aliased(Person), aliased(Person)
    left = select(gone.id).where(gone.id == Decision.asker_id, ~gone.active, gone.manager_id == person.id).exists()
    heard = select(Voice.id).where(Voice.decision_id == Decision.id, Voice.person_id == person.id).exists()
    return or_(
        cast(Decision.audience, ARRAY(Text)).overlap(keys),
        Decision.asker_id == person.id,
        Decision.decider_id == person.id,
        heard,
        and_(left, ~select(there.id).where(there.id == Decision.decider_id, there.active).exists()),
    )


def with_words(session: Session, person: Person, text: str, limit: int) -> list[Decision]:
    """The newest that ``person`` may read in whose title, options or reasons every word of ``text`` stands."""
    words = [word.strip(_SIGNS) for word in text.split()][:_WORDS]
    chosen = select(func.string_agg(DecisionOption.words, " ")).where(DecisionOption.decision_id == Decision.id)
    whole = func.concat_ws(" ", Decision.title, Decision.reasons, chosen.scalar_subquery())
    have = [whole.icontains(word, autoescape=True) for word in words if word]
    if not have:
        return []
    of = select(Decision).where(Decision.state == DECIDED, readable(session, person), not_replaced(), *have)
    return list(session.scalars(of.order_by(Decision.decided_at.desc(), Decision.id.desc()).limit(limit)))


def not_replaced() -> ColumnElement[bool]:
    """Whether no later decision took its place; one that did and does not hold any more brings nothing back."""
    later = aliased(Decision)
    return ~select(later.id).where(later.replaces_id == Decision.id, later.decided_at.is_not(None)).exists()


def of_entries(session: Session, entries: Sequence[int]) -> dict[int, Decision]:
    """The decisions that these entries tell of, by entry."""
    found = session.scalars(select(Decision).where(Decision.entry_id.in_(entries)))
    return {each.entry_id: each for each in found if each.entry_id is not None}


def in_thread(session: Session, place: Place, thread: str | None) -> Decision | None:
    """The newest decision of this thread, or of the card that the thread is below; one that was decided comes first."""
    if thread is None:
        return None
    card = (
        (PostedCard.about == func.concat("decision:", Decision.id)) & (PostedCard.reference == thread)
        & (PostedCard.conversation == place.key) & (PostedCard.installation == place.installation)
    )  # fmt: skip
    below = Decision.thread.is_(None) & select(PostedCard.id).where(card).exists()
    of = select(Decision).where(Decision.place_id == place.id, (Decision.thread == thread) | below)
    decided = Decision.state == DECIDED
    return session.scalars(of.order_by(decided.desc(), Decision.id.desc()).limit(1)).first()


def replaced_by(session: Session, decision: Decision) -> Decision | None:
    """The decision that took its place."""
    later = (Decision.replaces_id == decision.id) & Decision.decided_at.is_not(None)
    return session.scalars(select(Decision).where(later).order_by(Decision.id.desc()).limit(1)).first()


def earlier(session: Session, decision: Decision) -> list[Decision]:
    """Those whose place it took, newest first."""
    found: list[Decision] = []
    while decision.replaces_id is not None and len(found) < _LONGEST:
        before = session.get(Decision, decision.replaces_id)
        if before is None:
            break
        found.append(before)
        decision = before
    return found


def chosen(session: Session, decisions: Sequence[Decision]) -> dict[int, str]:
    """The words of what was chosen, by decision."""
    wanted = [each.id for each in decisions if each.chosen is not None]
    at = (DecisionOption.decision_id == Decision.id) & (DecisionOption.position == Decision.chosen)
    rows = select(Decision.id, DecisionOption.words).join(DecisionOption, at).where(Decision.id.in_(wanted))
    return {number: words for number, words in session.execute(rows).all()}  # noqa: C416 rows are no tuples to mypy


def looked_after(session: Session, person: Person) -> list[Decision]:
    """What is open or was left undecided, and was asked or is to be decided by ``person``; locked."""
    mine = (Decision.asker_id == person.id) | (Decision.decider_id == person.id)
    of = select(Decision).where(mine, Decision.state.in_((OPEN, UNDECIDED)))
    return list(session.scalars(of.order_by(Decision.id).with_for_update()))
