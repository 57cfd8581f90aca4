"""What may be done with entries: ``do_*`` changes the state, then sends and emits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.cards import Card, Reply, T
from bot.mentions import named
from bot.turn import Turn
from handlers.knowledge import attachments, audiences, cards, telling
from handlers.knowledge.forms import Sent
from models import access, learning
from models.base import Refusal
from models.history import Editing, overtaken, revision
from models.knowledge import CURRENT, DRAFT, REFUSED, Entry, Topic, TopicFollower
from models.learning import Content
from models.mail import PostedCard
from models.people import Person
from models.secrets import masked


def do_write(turn: Turn, sent: Sent) -> Entry:
    """A new entry: published at once by who may, else a draft for whoever looks after its topic."""
    entry = learning.draft(turn.session, sent.content, turn.actor, reason="written")
    turn.emit("entry.drafted", entry)
    if access.may(turn.session, turn.actor, "publish", entry):
        entry.owner_id = turn.actor.id
        _publish(turn, entry, sent)
        turn.send(turn.actor, cards.saved(entry))
    else:
        turn.send(turn.actor, cards.handed_in(entry))
    _warn(turn, entry)
    return entry


def do_edit(turn: Turn, entry: Entry, editing: Editing, sent: Sent) -> Reply | None:
    """Save a form. Somebody who saved since it was opened is not overwritten unawares: sent again it goes through."""
    if (newer := overtaken(turn.session, editing, entry)) is not None:
        who = named(newer.author) if newer.author else T("Agora")
        return turn.errors(body=T(
            "{name} changed this while you wrote. Your text is still here: look at the history, then save again to put "
            "yours on top.", name=who))  # fmt: skip
    turn.session.delete(editing)
    before, readers = entry.revision, list(entry.audience)
    changed = learning.change(turn.session, entry, sent.content, turn.actor, sent.reason)
    if changed:
        moved: dict[str, Any] = (
            {} if readers == entry.audience else {"readers_before": readers, "readers": list(entry.audience)}
        )
        turn.emit("entry.changed", entry, revision=entry.revision, wrong=sent.wrong, **moved)
    if access.may(turn.session, turn.actor, "verify", entry) and entry.state in (DRAFT, CURRENT):
        _publish(turn, entry, sent)
        turn.send(turn.actor, cards.saved(entry))
    else:
        _still_draft(turn, entry)
    if changed and sent.wrong:
        telling.begin(turn, entry, before)
    _warn(turn, entry)
    return None


def do_verify(turn: Turn, entry: Entry) -> None:
    """It is true: publish the draft, or confirm the entry for another year."""
    if entry.state == DRAFT and audiences.is_private(turn.session, entry.audience):
        raise Refusal("choose_audience")
    _publish(turn, entry, None)
    if not any(has_card(turn, about, turn.actor) for about in (draft_about(entry), review_about(entry))):
        turn.whisper(cards.verified(entry, turn.actor, audiences.in_words(turn.session, entry.audience)))


def do_refuse(turn: Turn, entry: Entry, reason: str) -> None:
    """A draft is not kept; its author is told why."""
    learning.refuse(turn.session, entry)
    turn.emit("entry.refused", entry, reason=reason)
    turn.edit(draft_about(entry), cards.refused(entry, turn.actor, reason))
    if entry.author and entry.author.active and entry.author_id != turn.actor.id:
        turn.send(entry.author, cards.told_refused(entry, turn.actor, reason))


def do_retire(turn: Turn, entry: Entry, wrong: bool, reason: str) -> None:
    """It is not found any more; where it was wrong, those who were answered with it are told."""
    (learning.withdraw if wrong else learning.retire)(turn.session, entry)
    turn.emit("entry.withdrawn" if wrong else "entry.retired", entry, reason=reason)
    show_gone(turn, entry, turn.actor)
    if wrong:
        telling.begin(turn, entry, entry.revision)


def do_restore(turn: Turn, entry: Entry) -> None:
    """Take back a refusal or a retirement."""
    learning.restore(turn.session, entry, turn.actor)
    turn.emit("entry.restored", entry)
    if entry.state == DRAFT:
        turn.replace(cards.still_draft(entry))
    else:
        turn.emit("entry.verified", entry)
        show_verified(turn, entry, turn.actor)
        turn.replace(cards.saved(entry))


def do_go_back(turn: Turn, entry: Entry, number: int, wrong: bool) -> None:
    """An older revision becomes the newest. Its readers stay those of today: what is narrow now is not widened."""
    older, before = revision(turn.session, entry, number), entry.revision
    content = Content(older.title, older.body, older.language, entry.topic_id, tuple(entry.audience))
    if not learning.change(turn.session, entry, content, turn.actor, f"restored {number}"):
        raise Refusal("nothing_to_change", field="revision")
    turn.emit("entry.changed", entry, revision=entry.revision, restored=number, wrong=wrong)
    turn.send(turn.actor, cards.saved(entry))
    if wrong:
        telling.begin(turn, entry, before)


def do_follow(turn: Turn, topic: Topic) -> bool:
    """Follow a topic, or stop; whether they follow it now."""
    turn.require("follow", "topic")
    following = turn.session.get(TopicFollower, (topic.id, turn.actor.id))
    if following is not None:
        turn.session.delete(following)
        turn.emit("topic.unfollowed", topic)
        return False
    turn.session.add(TopicFollower(topic_id=topic.id, person_id=turn.actor.id))
    turn.emit("topic.followed", topic)
    return True


def show_verified(turn: Turn, entry: Entry, by: Person) -> None:
    """Say it on every card that asked."""
    card = cards.verified(entry, by, audiences.in_words(turn.session, entry.audience))
    turn.edit(draft_about(entry), card)
    turn.edit(review_about(entry), card)


def show_gone(turn: Turn, entry: Entry, by: Person | None) -> None:
    """Say it on every card that asked, and to its owner."""
    card = cards.gone(entry, by)
    turn.edit(review_about(entry), card)
    for person in {entry.owner, by}:
        if person is not None and person.active and not has_card(turn, review_about(entry), person):
            turn.send(person, card)


def has_card(turn: Turn, about: str, person: Person) -> bool:
    """Whether such a card stands in their own chat."""
    found = select(PostedCard.id).where(PostedCard.about == about, PostedCard.person_id == person.id).limit(1)
    return turn.session.scalar(found) is not None


def draft_card(turn: Turn, entry: Entry, again: bool = False) -> Card:
    """What is shown to whoever may verify a draft."""
    audience = audiences.in_words(turn.session, entry.audience)
    private = audiences.is_private(turn.session, entry.audience)
    reader = turn.session.get(Person, entry.asked_of_id) if entry.asked_of_id else None
    return cards.draft(entry, audience, private, attachments.shown(turn.session, entry), again, reader)


def draft_about(entry: Entry) -> str:
    """What the cards are about that ask somebody to verify a draft."""
    return f"{entry.about}:draft"


def review_about(entry: Entry) -> str:
    """What the cards are about that ask whether an entry is still true."""
    return f"{entry.about}:review"


def _warn(turn: Turn, entry: Entry) -> None:
    """What looks like a secret is not found by anybody; whoever wrote it should know that it is there."""
    if masked(entry.body).found:
        turn.send(turn.actor, cards.holds_secret(entry))


def _publish(turn: Turn, entry: Entry, sent: Sent | None) -> None:
    fresh = entry.state == DRAFT
    learning.verify(turn.session, entry, turn.actor, sent.review_on if sent else None)
    turn.emit("entry.verified", entry, published=fresh)
    show_verified(turn, entry, turn.actor)
    if fresh and entry.author and entry.author.active and entry.author_id != turn.actor.id:
        turn.send(entry.author, cards.told_verified(entry, turn.actor))


def _still_draft(turn: Turn, entry: Entry) -> None:
    """Its author changed a draft, or what was refused, which makes it a draft again."""
    if entry.state == REFUSED:
        learning.restore(turn.session, entry, turn.actor)
    turn.edit(draft_about(entry), draft_card(turn, entry))
    turn.send(turn.actor, cards.still_draft(entry))
