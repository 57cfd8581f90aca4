"""Entries that seem to say the same: looked for, shown to who looks after them, merged, settled or told apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Element, Heading, Reply, T, Words
from bot.router import Page, Router
from bot.turn import Turn
from handlers.knowledge import audiences, forms, merging
from handlers.knowledge import duplicate_cards as cards
from models import likeness
from models.base import Refusal, now
from models.experts import away_until
from models.facts import Fact
from models.knowledge import Entry
from models.learning import Content
from models.likeness import Cluster
from models.merging import combined
from models.people import Person

router = Router()
router.refusal(
    alike_settled=T("That is settled already, or one of them was changed. Your home shows what is left."),
    alike_changed=T("One of them was changed while you wrote. Copy your text and open the form again."),
    too_late_to_undo=T("That was more than a week ago. Change the entries themselves instead."),
    merge_widens=T(
        "Some of these words are not for all who could read them then. Choose the narrower readers, or keep the text "
        "of one as it is."
    ),
    merge_two=T("Merge at least two of them, and do not leave out the one that stays."),
)
_AT_A_TIME = 5  # entries compared in one turn: nobody can change them meanwhile
_SOON = timedelta(minutes=1)
_PAUSE = timedelta(seconds=1)  # between two turns: a million imported pages must not keep a process busy
_IN_MESSAGE, _ON_HOME = 3, 5


@router.fact("entry.verified")
@router.fact("entry.changed")
def changed(turn: Turn, fact: Fact) -> None:
    """An entry is new or reads otherwise: compare it soon."""
    turn.session.flush()
    likeness.plan_look(turn.session, _SOON)


@router.fact("person.left")
def left(turn: Turn, fact: Fact) -> None:
    """Somebody left: what they had to decide is for others."""
    likeness.ask_anew(turn.session, person_id=fact.entity_id)


@router.fact("topic.owner_changed")
def handed_over(turn: Turn, fact: Fact) -> None:
    """Somebody else looks after a topic."""
    likeness.ask_anew(turn.session, topic_id=fact.entity_id)


@router.timer(likeness.LOOK)
def look(turn: Turn) -> None:
    """Compare a few entries that were not compared since they were changed, and go on where there are more."""
    for entry in likeness.waiting(turn.session, _AT_A_TIME):
        likeness.compare(turn.session, entry)
    turn.session.flush()
    likeness.plan_look(turn.session, _PAUSE, known=True)


@router.timer(likeness.TELL)
def tell(turn: Turn, person_id: int) -> None:
    """The message of this week, unless all of it was decided or told meanwhile. Who is away is told when they are
    back."""
    person = turn.session.get(Person, person_id)
    if person is None or not person.active:
        return
    found = likeness.clusters(turn.session, person)
    fresh = [cluster for cluster in found if any(pair.told_at is None for pair in cluster.pairs)]
    if not fresh:
        return
    if away_until(turn.session, person, now()) is not None:
        likeness.plan_telling(turn.session, person)
        return
    card = cards.message(fresh[:_IN_MESSAGE], len(found) - len(fresh[:_IN_MESSAGE]))
    if turn.send(person, card, about=cards.message_about(person)):
        for cluster in found:
            for pair in cluster.pairs:
                pair.told_at = now()


@router.home(27)
def alike(session: Session, person: Person) -> tuple[Element, ...]:
    """What this person looks after and seems to be there twice."""
    found = likeness.clusters(session, person)[:_ON_HOME]
    shown = [element for cluster in found for element in cards.lines(cluster)]
    return (Heading(T("Said twice, or otherwise")), *shown) if shown else ()


@router.page("/duplicates/{id}")
def side_by_side(session: Session, person: Person, id: int) -> Page:
    """All entries of a cluster in full."""
    cluster = likeness.cluster_with(session, person, id, lock=False)
    return Page(T("Compare"), cards.comparison(cluster, _readers(session, cluster)))


@router.button("knowledge.merge")
def merge_form(turn: Turn, pair_id: int) -> Reply:
    """The form, with the merged text in it."""
    cluster = likeness.cluster_with(turn.session, turn.actor, pair_id)
    kept = merging.best(cluster)
    body = combined(kept, [entry for entry in cluster.entries if entry is not kept])
    body = body if len(body) <= forms.BODY else kept.body
    return turn.open(cards.merge_form(cluster, kept, body, _readers(turn.session, cluster)))


@router.form("knowledge.merge")
def merge(turn: Turn, pair_id: int, values: dict[str, Any]) -> Reply | None:
    """They are one."""
    cluster = likeness.cluster_with(turn.session, turn.actor, pair_id)
    kept = _kept(cluster, values)
    others = [entry for entry in cluster.entries if entry is not kept and _is_in(entry, values)]
    if not others or not _is_in(kept, values):
        raise Refusal("merge_two", field="keep")
    content = Content(
        title=forms.text(values, "title", forms.TITLE),
        body=forms.text(values, "body", forms.BODY),
        language=kept.language,
        topic_id=kept.topic_id,
        audience=_audience(cluster, kept, values),
    )
    merging.do_merge(turn, cluster, kept, others, content)
    _show_rest(turn)
    return None


@router.button("knowledge.unmerge")
def unmerge(turn: Turn, decision: int) -> Reply | None:
    """They are not, after all."""
    merging.do_unmerge(turn, likeness.decided(turn.session, turn.actor, decision))
    _show_rest(turn)
    return None


@router.button("knowledge.settle")
def settle_form(turn: Turn, pair_id: int) -> Reply:
    """Which one is right?"""
    cluster = likeness.cluster_with(turn.session, turn.actor, pair_id)
    return turn.open(cards.settle_form(cluster, _readers(turn.session, cluster)))


@router.form("knowledge.settle")
def settle(turn: Turn, pair_id: int, values: dict[str, Any]) -> Reply | None:
    """This one is."""
    cluster = likeness.cluster_with(turn.session, turn.actor, pair_id)
    right = _kept(cluster, values)
    reason = forms.text(values, "reason", forms.REASON)
    merging.do_settle(turn, cluster, right, values.get("others") != cards.CORRECT, reason)
    _show_rest(turn)
    return None


@router.button("knowledge.different")
def different(turn: Turn, pair_id: int) -> Reply | None:
    """They are not the same: never suggested again."""
    cluster = likeness.cluster_with(turn.session, turn.actor, pair_id)
    for pair in cluster.pairs:
        pair.decide(likeness.DIFFERENT, turn.actor, cluster.id)
        turn.emit("entry.told_apart", pair.entry, other_id=pair.other_id)
    turn.send(turn.actor, cards.called_different(cluster.id))
    _show_rest(turn)
    return None


@router.button("knowledge.alike")
def undo_different(turn: Turn, decision: int) -> Reply | None:
    """They may be, after all."""
    for pair in likeness.decided(turn.session, turn.actor, decision):
        if pair.state == likeness.DIFFERENT:
            pair.reopen()
    turn.replace(cards.alike_again())
    _show_rest(turn)
    return None


def _show_rest(turn: Turn) -> None:
    """Their messages show what is still to be decided."""
    turn.session.flush()
    left = likeness.clusters(turn.session, turn.actor)
    turn.edit(cards.message_about(turn.actor), cards.message(left[:_IN_MESSAGE], len(left) - len(left[:_IN_MESSAGE])))


def _kept(cluster: Cluster, values: Mapping[str, Any]) -> Entry:
    """The entry that was chosen; refused where one of them reads otherwise than when the form was opened."""
    number, _, stamp = str(values.get("keep", "")).partition("|")
    found = next((entry for entry in cluster.entries if str(entry.id) == number), None)
    if found is None or stamp != cluster.stamp:
        raise Refusal("alike_changed", field="keep")
    return found


def _is_in(entry: Entry, values: Mapping[str, Any]) -> bool:
    return str(values.get(f"with_{entry.id}", cards.MERGE)) == cards.MERGE


def _audience(cluster: Cluster, kept: Entry, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The readers of the entry that was chosen for that; those of the one that stays where all have the same."""
    number = str(values.get("audience", kept.id))
    found = next((entry for entry in cluster.entries if str(entry.id) == number), None)
    if found is None:
        raise Refusal("unknown_audience", field="audience")
    return tuple(found.audience)


def _readers(session: Session, cluster: Cluster) -> dict[int, Words]:
    return {entry.id: audiences.in_words(session, entry.audience) for entry in cluster.entries}
