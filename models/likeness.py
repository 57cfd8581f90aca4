"""Entries that seem to say the same: pairs that wait for whoever looks after them, and what they decided.

A pair that somebody called different is never suggested again. Every entry is compared once with each revision of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, UniqueConstraint, func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from models import access, learning
from models.base import Base, Identified, Refusal, now, personal
from models.knowledge import CURRENT, Entry
from models.mail import Timer
from models.people import Person
from models.search.contradictions import contradiction
from models.search.near import near

SUGGESTED, DIFFERENT, MERGED, SETTLED = "suggested", "different", "merged", "settled"
UNDO_FOR = timedelta(days=7)
TELL = "knowledge.tell_duplicates"
LOOK = "knowledge.look_for_duplicates"
_WEEK = timedelta(days=7)
_GATHER = timedelta(hours=1)  # from the first pair that is found to the message: more come with it
_MOST = 5  # entries of one cluster: more cannot be compared at a glance
_PAIRS = 200
_LOOKING = "duplicates"
_NEW = (Entry.state == CURRENT) & Entry.compared.is_distinct_from(Entry.revision)
_PATIENCE = timedelta(days=1)  # until an entry that waits to be encoded is compared by its words alone
_ENCODED = sql("""
not exists (select from encoder_space s join encoding w on w.space = s.key and w.kind = 'title' and w.ref_id = entry.id)
and not exists (select from passage p, encoder_space s, encoding w
  where p.entry_id = entry.id and w.space = s.key and w.kind = 'passage' and w.ref_id = p.id)
""")


class Likeness(Identified, Base):
    """Two entries that seem to say the same; ``entry_id`` is the smaller number. ``contradicts``: they may say the
    opposite.

    suggested: waits for ``asked_of`` · different: it was said that they are · merged, settled: done. ``decision`` is
    the pair on which that was decided, for all that were decided with it; ``kept_id`` the entry that stayed, and
    ``kept_revision`` the one that the decision made of it.
    """

    __tablename__ = "likeness"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    share: Mapped[float]
    contradicts: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=SUGGESTED)
    asked_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal("keep"))
    found_at: Mapped[datetime] = mapped_column(default=now)
    told_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal("keep"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[int | None] = mapped_column(BigInteger)
    kept_id: Mapped[int | None] = mapped_column(BigInteger)
    kept_revision: Mapped[int | None]
    entry: Mapped[Entry] = relationship(foreign_keys=[entry_id])
    other: Mapped[Entry] = relationship(foreign_keys=[other_id])

    __table_args__ = (UniqueConstraint("entry_id", "other_id", name="likeness_once"),)

    def decide(self, state: str, by: Person, decision: int) -> None:
        """``by`` said what is true of them."""
        self.state, self.decided_by_id, self.decided_at, self.decision = state, by.id, now(), decision

    def reopen(self) -> None:
        """That was taken back: it is suggested again."""
        self.state = SUGGESTED
        self.decided_by_id = self.decided_at = self.decision = self.kept_id = self.kept_revision = None


@dataclass(frozen=True)
class Cluster:
    """Entries that seem to say the same, by number, and the pairs that say so. Its number is that of its first pair."""

    entries: tuple[Entry, ...]
    pairs: tuple[Likeness, ...]

    @property
    def id(self) -> int:
        """What buttons know it by."""
        return self.pairs[0].id

    @property
    def contradicts(self) -> bool:
        """Whether two of them may say the opposite."""
        return any(pair.contradicts for pair in self.pairs)

    @property
    def stamp(self) -> str:
        """Which entries they are and how they read: another one where any of that changed."""
        return "-".join(f"{entry.id}.{entry.revision}" for entry in self.entries)


def waiting(session: Session, limit: int) -> list[Entry]:
    """Current entries that were not compared since they were changed, the newest first, as they are encoded; without
    those that others are at, or that will be encoded yet."""
    query = select(Entry).where(_NEW, _known()).order_by(Entry.id.desc()).limit(limit)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def _known() -> ColumnElement[bool]:
    """Whether what an entry means is known, or not likely to be."""
    return or_(_ENCODED, func.greatest(Entry.created_at, Entry.changed_at) < now() - _PATIENCE)


def compare(session: Session, entry: Entry) -> None:
    """Look for what says the same as ``entry``: new pairs are suggested to who may decide on both, and pairs that are
    alike no more are forgotten. What goes with an announcement is compared with nothing."""
    entry.compared = entry.revision
    known = {(pair.entry_id, pair.other_id): pair for pair in _pairs(session, entry)}
    stays = entry.state == CURRENT and entry.announcement_id is None
    people = learning.responsible(session, entry)[:3] if stays else []
    for person in people:
        for other, share in near(session, entry, access.keys_of(session, person)):
            decides = _decides(session, person, entry) and _decides(session, person, other)
            if decides and other.announcement_id is None:
                _suggest(session, entry, other, share, person, known)
    for pair in known.values():
        if pair.state == SUGGESTED:
            session.delete(pair)


def clusters(session: Session, person: Person) -> list[Cluster]:
    """What waits for ``person``, what may contradict itself first."""
    mine = select(Likeness).where(Likeness.asked_of_id == person.id, Likeness.state == SUGGESTED)
    mine = mine.options(selectinload(Likeness.entry), selectinload(Likeness.other))
    rows = session.scalars(mine.order_by(Likeness.contradicts.desc(), Likeness.id).limit(_PAIRS)).all()
    open_ = [pair for pair in rows if all(_decides(session, person, each) for each in (pair.entry, pair.other))]
    found: list[list[Likeness]] = []
    for pair in open_:
        joined = [group for group in found if _ids(group) & {pair.entry_id, pair.other_id}]
        together = [one for group in joined for one in group] + [pair]
        if len(_ids(together)) <= _MOST:
            found = [group for group in found if group not in joined] + [together]
    return [_cluster(group) for group in sorted(found, key=lambda group: not any(p.contradicts for p in group))]


def cluster_with(session: Session, person: Person, pair_id: int, lock: bool = True) -> Cluster:
    """The cluster of this pair, held until the end of the turn; refused where it is not theirs or is settled."""
    pair = session.get(Likeness, pair_id)
    if pair is None or pair.asked_of_id != person.id:
        raise Refusal("not_found")
    for cluster in clusters(session, person):
        if pair in cluster.pairs:
            if lock and not _hold(session, cluster):
                break
            return cluster
    raise Refusal("alike_settled")


def _hold(session: Session, cluster: Cluster) -> bool:
    """Lock its entries and read them again; whether all of them are still current."""
    ids = [entry.id for entry in cluster.entries]
    locked = select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id).with_for_update()
    rows = session.scalars(locked.execution_options(populate_existing=True)).all()
    return all(entry.state == CURRENT for entry in rows)


def ask_anew(session: Session, *, person_id: int | None = None, topic_id: int | None = None) -> None:
    """Somebody left, or looks after a topic no more: what waits for them is looked for again, for whoever does now."""
    of_topic = select(Entry.id).where(Entry.topic_id == topic_id)
    theirs = Likeness.asked_of_id == person_id if person_id else Likeness.entry_id.in_(of_topic)
    for pair in session.scalars(select(Likeness).where(theirs, Likeness.state == SUGGESTED)).all():
        pair.entry.compared = pair.other.compared = None
        session.delete(pair)
    session.flush()
    plan_look(session, _GATHER)


def decided(session: Session, person: Person, decision: int) -> list[Likeness]:
    """The pairs that ``person`` decided on at once, locked; refused where that is too long ago, or taken back."""
    pairs = session.scalars(select(Likeness).where(Likeness.decision == decision).with_for_update()).all()
    mine = [pair for pair in pairs if pair.decided_by_id == person.id and pair.decided_at]
    if not mine:
        raise Refusal("not_found")
    if any(pair.decided_at is None or pair.decided_at < now() - UNDO_FOR for pair in mine):
        raise Refusal("too_late_to_undo")
    return mine


def plan_telling(session: Session, person: Person) -> None:
    """One message a week at most: within the hour, or a week after the last one."""
    schedule = f"duplicates:{person.id}"
    here = select(Timer).where(Timer.schedule == schedule)
    if session.scalars(here.where(Timer.fired_at.is_(None)).limit(1)).first() is not None:
        return
    last = session.scalars(here.order_by(Timer.fired_at.desc()).limit(1)).first()
    due = now() + _GATHER
    if last is not None and last.fired_at is not None:
        due = max(due, last.fired_at + _WEEK)
    _timer(session, schedule, TELL, due, person_id=person.id)


def plan_look(session: Session, after: timedelta, known: bool = False) -> None:
    """Look at what was not compared yet, if there is anything and nobody is about to: one timer for the company.
    ``known``: only if there is anything that will not be encoded first."""
    planned = select(Timer.id).where(Timer.schedule == _LOOKING, Timer.fired_at.is_(None)).limit(1)
    new = select(Entry.id).where(_NEW, *((_known(),) if known else ())).order_by(Entry.id.desc()).limit(1)
    if session.scalar(planned) is None and session.scalar(new) is not None:
        _timer(session, _LOOKING, LOOK, now() + after)


def _timer(session: Session, schedule: str, route: str, due: datetime, **args: int) -> None:
    values = {"schedule": schedule, "slot": due.isoformat(), "route": route, "args": args, "due_at": due}
    row = insert(Timer).values(**values, correlation=schedule)
    session.execute(row.on_conflict_do_nothing(constraint="timer_once"))


def _suggest(session: Session, entry: Entry, other: Entry, share: float, person: Person,
             known: dict[tuple[int, int], Likeness]) -> None:  # fmt: skip
    first, second = sorted((entry, other), key=lambda each: each.id)
    contradicts = contradiction(first.body, second.body) is not None
    before = known.pop((first.id, second.id), None)
    pair = (
        before
        or session.scalars(
            select(Likeness).where(Likeness.entry_id == first.id, Likeness.other_id == second.id)
        ).first()
    )
    if pair is None:
        session.add(Likeness(entry_id=first.id, other_id=second.id, share=share, contradicts=contradicts,
                             asked_of_id=person.id))  # fmt: skip
        session.flush()
        plan_telling(session, person)
    elif pair.state in (SUGGESTED, MERGED):  # what was merged is current again: an import brought it back
        again = pair.state == MERGED or (before is not None and pair.asked_of_id != person.id)
        pair.reopen()
        pair.share, pair.contradicts = share, contradicts
        if again:  # for whoever decides now, who may be somebody else
            pair.asked_of_id, pair.told_at = person.id, None
            plan_telling(session, person)


def _decides(session: Session, person: Person, entry: Entry) -> bool:
    """Whether they may change it and take it away, which merging does."""
    return entry.state == CURRENT and all(access.may(session, person, verb, entry) for verb in ("edit", "retire"))


def _pairs(session: Session, entry: Entry) -> Sequence[Likeness]:
    return session.scalars(
        select(Likeness).where(or_(Likeness.entry_id == entry.id, Likeness.other_id == entry.id))
    ).all()


def _ids(pairs: Sequence[Likeness]) -> set[int]:
    return {id for pair in pairs for id in (pair.entry_id, pair.other_id)}


def _cluster(pairs: Sequence[Likeness]) -> Cluster:
    entries = {each.id: each for pair in pairs for each in (pair.entry, pair.other)}
    return Cluster(tuple(entries[id] for id in sorted(entries)), tuple(sorted(pairs, key=lambda pair: pair.id)))
