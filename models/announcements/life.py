"""The life of an announcement: its transitions. Each refuses what does not fit, with the field at fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import recurring
from models.announcements import audience, authors
from models.announcements.tables import (
    CANCELLED,
    DRAFT,
    OUT,
    PROPOSED,
    RECALLED,
    SCHEDULED,
    SENDING,
    SENT,
    Announcement,
)
from models.base import Refusal, now
from models.facts import Fact
from models.people import Person

WRITTEN = ("title", "text", "language", "picture_alt", "audience", "topic_id", "urgent", "questions", "newcomers",
           "unseen", "send_at", "local", "repeat", "expires_at", "acknowledge_by")  # fmt: skip
"""What an author writes of an announcement."""
AFTERWARDS = ("title", "text", "picture_alt", "expires_at", "acknowledge_by", "questions", "topic_id")
"""What may still be changed when it is out."""
WAITING = (DRAFT, PROPOSED, SCHEDULED)


def draft(session: Session, author: Person, **fields: Any) -> Announcement:
    """A new draft, of which nothing needs to be right yet."""
    announcement = Announcement(author_id=author.id, language=author.locale, state=DRAFT)
    for name, value in _known(fields, WRITTEN).items():
        setattr(announcement, name, value)
    session.add(announcement)
    session.flush()
    return announcement


def change(session: Session, announcement: Announcement, version: int, **fields: Any) -> dict[str, Any]:
    """Change what is not out yet, as somebody who saw ``version`` of it wants; what stood there before, by field.

    What somebody else changed since, and this does not, stays as they left it. Where both changed the same:
    ``Refusal("draft_changed")``, whose field is the first of them, with the ``version`` that there is now.
    What was proposed or planned is a draft again: nobody approved it like this.
    """
    _expect(announcement, *WAITING)
    before = since(session, announcement, version)
    wanted = _known(fields, WRITTEN)
    mine = {name: value for name, value in wanted.items() if value != before.get(name, getattr(announcement, name))}
    clash = [name for name in mine if name in before and mine[name] != getattr(announcement, name)]
    if clash:
        raise Refusal("draft_changed", field=clash[0], version=announcement.version)
    changed = {name: getattr(announcement, name) for name in mine if mine[name] != getattr(announcement, name)}
    for name in changed:
        setattr(announcement, name, mine[name])
    if changed:
        _withdraw(announcement)
        announcement.version, announcement.changed_at = announcement.version + 1, now()
    return {name: plain(value) for name, value in changed.items()}


def since(session: Session, announcement: Announcement, version: int) -> dict[str, Any]:
    """What was changed since ``version``: by field, what stood there then."""
    if version >= announcement.version:
        return {}
    drafted = select(Fact.data).where(Fact.entity == "announcement", Fact.entity_id == announcement.id,
                                      Fact.verb == "announcement.drafted").order_by(Fact.id.desc())  # fmt: skip
    before: dict[str, Any] = {}
    for data in session.scalars(drafted):
        if int(data.get("version", 0)) > version:
            before |= {name: _typed(announcement, name, value) for name, value in data.get("before", {}).items()}
    return {name: value for name, value in before.items() if value != getattr(announcement, name)}


def check(session: Session, announcement: Announcement, late: bool = False) -> None:
    """``Refusal`` with the field at fault where it cannot go out like this. ``late``: its time has come, or is past."""
    for name in ("title", "text"):
        if not getattr(announcement, name).strip():
            raise Refusal(f"announcement_without_{name}", field=name)
    if not announcement.audience or audience.count(session, announcement.audience) == 0:
        raise Refusal("audience_nobody", field="audience")
    if announcement.send_at is not None and announcement.send_at < now() and not late:
        raise Refusal("send_in_the_past", field="send_at")
    _check_ends(announcement, max(announcement.send_at or now(), now()))
    if announcement.repeat is not None:
        recurring.check(announcement.repeat)


def _check_ends(announcement: Announcement, since: datetime) -> None:
    expires, by = announcement.expires_at, announcement.acknowledge_by
    if expires is not None and expires <= since:
        raise Refusal("expires_too_early", field="expires_at")
    if by is not None and by <= since:
        raise Refusal("acknowledge_too_early", field="acknowledge_by")
    if expires is not None and by is not None and by > expires:
        raise Refusal("acknowledge_too_late", field="acknowledge_by")


def propose(session: Session, announcement: Announcement, approver: Person) -> None:
    """``approver`` is asked."""
    _expect(announcement, DRAFT)
    check(session, announcement)
    announcement.state, announcement.approver_id, announcement.approved_at = PROPOSED, approver.id, None
    announcement.refused_because = None


def approve(session: Session, announcement: Announcement) -> None:
    """Whoever was asked agrees: it may go out as it is. What was due meanwhile goes at once."""
    _expect(announcement, PROPOSED)
    if announcement.send_at is not None and announcement.send_at < now():
        announcement.send_at = None
    check(session, announcement)
    announcement.approved_at = now()


def take_back(announcement: Announcement) -> None:
    """A draft again, to be changed."""
    _expect(announcement, PROPOSED, SCHEDULED)
    _withdraw(announcement)


def refuse(announcement: Announcement, reason: str) -> None:
    """Whoever was asked does not agree, and says why: it is its author's draft again."""
    _expect(announcement, PROPOSED)
    if not reason.strip():
        raise Refusal("say_why_not", field="reason")
    _withdraw(announcement)
    announcement.refused_because = reason.strip()


def schedule(session: Session, announcement: Announcement) -> None:
    """It goes out at its time."""
    _may_go(session, announcement)
    if announcement.send_at is None:
        raise Refusal("send_when", field="send_at")
    announcement.state = SCHEDULED


def send_now(session: Session, announcement: Announcement) -> None:
    """It goes out: from now on, whom it reaches is looked up."""
    _may_go(session, announcement)
    begin(announcement)


def begin(announcement: Announcement) -> None:
    """Its time has come."""
    announcement.state, announcement.sent_at = SENDING, now()


def sent(announcement: Announcement) -> None:
    """All copies are with the outbox."""
    if announcement.state == SENDING:
        announcement.state = SENT


def cancel(announcement: Announcement) -> None:
    """It will not go out."""
    _expect(announcement, *WAITING)
    announcement.state = CANCELLED


def recall(announcement: Announcement) -> None:
    """It is taken back from everybody."""
    _expect(announcement, *OUT)
    announcement.state, announcement.recalled_at = RECALLED, now()


def edit_sent(session: Session, announcement: Announcement, by: Person, **fields: Any) -> dict[str, Any]:
    """Change what is out; what stood there before, by field. Who needed an approver cannot change it alone:
    ``Refusal("approver_edits")``."""
    _expect(announcement, *OUT)
    approver = announcement.approver
    if announcement.approved_at is not None and by.id == announcement.author_id and approver is not None:
        raise Refusal("approver_edits", name=approver.name)
    wanted = _known(fields, AFTERWARDS)
    changed = {name: getattr(announcement, name) for name, value in wanted.items()
               if value != getattr(announcement, name)}  # fmt: skip
    for name in changed:
        setattr(announcement, name, wanted[name])
    for name in ("title", "text"):
        if not getattr(announcement, name).strip():
            raise Refusal(f"announcement_without_{name}", field=name)
    if "expires_at" in changed or "acknowledge_by" in changed:
        _check_ends(announcement, now())
    if changed:
        announcement.revision, announcement.changed_at = announcement.revision + 1, now()
    return {name: plain(value) for name, value in changed.items()}


def _may_go(session: Session, announcement: Announcement) -> None:
    _expect(announcement, DRAFT, PROPOSED)
    check(session, announcement)
    allowed(session, announcement)


def allowed(session: Session, announcement: Announcement) -> None:
    """``Refusal`` unless its author may reach these people now, with whoever must approve it having done so."""
    if not announcement.author.active:
        raise Refusal("not_an_author")
    approver = authors.may_reach(session, announcement.author, announcement.audience, announcement.urgent)
    if approver is not None and announcement.approved_at is None:
        raise Refusal("needs_approval", name=approver.name)


def _expect(announcement: Announcement, *states: str) -> None:
    if announcement.state not in states:
        raise Refusal(f"announcement_{announcement.state}")


def _withdraw(announcement: Announcement) -> None:
    """A draft again; what was approved was another text."""
    announcement.state, announcement.approved_at = DRAFT, None


def _known(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    unknown = fields.keys() - set(names)
    if unknown:
        raise ValueError(f"cannot be changed: {', '.join(sorted(unknown))}")
    return dict(fields)


def plain(value: Any) -> Any:
    """A field's value as it stands in a fact."""
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(announcement: Announcement, name: str, value: Any) -> Any:
    is_moment = name in ("send_at", "expires_at", "acknowledge_by")
    return datetime.fromisoformat(value) if is_moment and value is not None else value
