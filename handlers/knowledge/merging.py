"""What merging and settling do: ``do_*`` changes the state, then sends and emits."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Card
from bot.turn import Turn
from handlers.knowledge import actions
from handlers.knowledge import duplicate_cards as cards
from models import access, likeness
from models.base import Refusal
from models.knowledge import MERGED, Entry
from models.learning import Content
from models.likeness import Cluster, Likeness
from models.merging import merge, unmerge
from models.people import Person


def best(cluster: Cluster) -> Entry:
    """The one that is offered to stay: of the narrowest readers, since its words may be among the merged ones; then the
    one that was verified last."""
    everybody = max(cluster.entries, key=lambda entry: access.EVERYONE not in entry.audience)
    narrow = [entry for entry in cluster.entries if entry.audience == everybody.audience]
    return max(narrow, key=lambda entry: (not entry.unconfirmed, entry.verified_at is not None, entry.changed_at))


def do_merge(turn: Turn, cluster: Cluster, kept: Entry, others: Sequence[Entry], content: Content) -> None:
    """``kept`` says what all of them said; the others lead to it, and what was not merged is different."""
    before, readers = kept.revision, list(kept.audience)
    merge(turn.session, kept, others, content, turn.actor)
    together = {entry.id for entry in (kept, *others)}
    for pair in cluster.pairs:
        inside = {pair.entry_id, pair.other_id} <= together
        pair.decide(likeness.MERGED if inside else likeness.DIFFERENT, turn.actor, cluster.id)
        pair.kept_id, pair.kept_revision = kept.id, kept.revision if kept.revision != before else None
    moved = {"readers_before": readers, "readers": list(kept.audience)} if readers != kept.audience else {}
    if kept.revision != before:
        turn.emit("entry.changed", kept, revision=kept.revision, wrong=False, **moved)
    for other in others:
        turn.emit("entry.merged", other, into_id=kept.id)
        card = cards.told_merged(other, turn.actor)
        turn.edit(actions.review_about(other), card)
        _tell_owner(turn, other, card)
    turn.send(turn.actor, cards.merged(kept, others, cluster.id))


def do_unmerge(turn: Turn, pairs: Sequence[Likeness]) -> None:
    """Each stands for itself again, as far as nobody changed it since."""
    kept = turn.session.get(Entry, pairs[0].kept_id) if pairs[0].kept_id else None
    merged = {each.id: each for pair in pairs for each in (pair.entry, pair.other) if each is not kept}
    gone = [entry for entry in merged.values() if entry.state == MERGED]  # the others came back by an import
    others = [entry for entry in gone if kept is not None and entry.merged_into_id == kept.id]
    if kept is None or not others or not _may_part(turn, kept, others):
        raise Refusal("alike_settled")
    merged_at = kept.revision
    as_before = unmerge(turn.session, kept, others, pairs[0].kept_revision, turn.actor)
    for pair in pairs:
        pair.reopen()
    for entry in others:
        turn.emit("entry.restored", entry)
    if kept.revision != merged_at:
        turn.emit("entry.changed", kept, revision=kept.revision, wrong=False)
    turn.replace(cards.parted([kept, *others], as_before))


def _may_part(turn: Turn, kept: Entry, others: Sequence[Entry]) -> bool:
    """Whether the actor may have ``others`` back, and ``kept`` as it was."""
    back = all(access.may(turn.session, turn.actor, "restore", each) for each in others)
    return back and access.may(turn.session, turn.actor, "edit", kept)


def do_settle(turn: Turn, cluster: Cluster, right: Entry, withdraw: bool, reason: str) -> None:
    """One is right. The others are withdrawn, or whoever looks after them is asked to put them right."""
    others = [entry for entry in cluster.entries if entry is not right]
    for pair in cluster.pairs:
        pair.decide(likeness.SETTLED, turn.actor, cluster.id)
        pair.kept_id = right.id
    for other in others:
        if withdraw:
            actions.do_retire(turn, other, True, reason)
        else:
            turn.emit("entry.contradicted", other, right_id=right.id, reason=reason)
            card = cards.to_correct(other, _if_read(turn, other.owner, right), turn.actor, reason)
            turn.send(other.owner if other.owner and other.owner.active else turn.actor, card)
    _tell_owner(turn, right, cards.told_right(right, turn.actor, reason))
    turn.send(turn.actor, cards.settled(right, others, withdraw))


def _tell_owner(turn: Turn, entry: Entry, card: Card) -> None:
    owner = entry.owner
    if owner is not None and owner.active and owner.id != turn.actor.id:
        turn.send(owner, card)


def _if_read(turn: Turn, person: Person | None, entry: Entry) -> Entry | None:
    """The entry, if that person may read it."""
    return entry if person is not None and access.may(turn.session, person, "read", entry) else None
