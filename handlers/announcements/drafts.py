"""Writing an announcement: what becomes of its forms, and the card on which its draft stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bot import previews
from bot.cards import Card, Form, Reply, T, User
from bot.filled import Errors
from bot.mentions import named
from bot.shorten import shortened
from bot.turn import Turn
from handlers.announcements import audiences, cards, draft_cards, forms, refusals, sending
from handlers.announcements.draft_cards import Extras, Reach
from models.announcements import audience, authors, life, opened, polls, texts
from models.announcements.opened import Opened
from models.announcements.tables import OUT, PROPOSED, SCHEDULED, Announcement
from models.base import Refusal
from models.facts import Fact
from models.files import File, files_of
from models.mail import PostedCard
from models.pending import standing_about
from models.people import LOCALES, Person
from models.search.language import detect
from models.secrets import masked

WRITE, OPTIONS = "write", "options"
_READ = ("title", "text", "picture_alt")
_FIELD = {"topic_id": "topic"}
_KEPT = 100_000  # characters of a field that could not be taken


def about(announcement: Announcement) -> str:
    """What the cards are about on which its draft stands."""
    return f"announcement-draft:{announcement.id}"


def approval(announcement: Announcement) -> str:
    """What the card is about that asks for approval."""
    return f"announcement-approval:{announcement.id}"


def is_newest(turn: Turn, about: str) -> bool:
    """Whether what was pressed stands on the newest card about this: for a moment an older one may still be there, with
    words that were changed since."""
    newest = select(PostedCard.reference).where(PostedCard.about == about).order_by(PostedCard.id.desc()).limit(1)
    pressed, found = turn.inbound.message, turn.session.execute(newest).first()
    return pressed is None or found is None or found.reference == pressed


def form(turn: Turn, announcement: Announcement | None = None, text: str = "") -> Form:
    """The form that writes: with what was left in it, what stands there, or the ``text`` of a message."""
    opening = opened.begin(turn.session, turn.actor, WRITE, announcement)
    if announcement is None:
        values = {"title": _title_of(text), "text": text} if text else {}
        if text:
            opening.filled = None
    else:
        values = forms.values_of(turn.session, announcement, turn.actor)
    return forms.write(opening, {**values, **(opening.filled or {})}, sent=_is_out(announcement))


def do_begin(turn: Turn, text: str) -> Announcement:
    """A draft of what somebody wrote after the command."""
    fields = {"title": _title_of(text), "text": text, "language": _language(text, turn.actor)}
    announcement = life.draft(turn.session, turn.actor, **fields)
    turn.emit("announcement.drafted", announcement, version=announcement.version, before={})
    show(turn, announcement)
    return announcement


def do_write(turn: Turn, opening: Opened, values: Mapping[str, Any]) -> Reply | None:
    """The form that writes was sent. What cannot be taken is kept, and said at its field."""
    before = _announcement(turn, opening)
    fields, errors = forms.read(turn.session, turn.actor, values, before, sent=_is_out(before))
    author = before.author if before is not None else turn.actor
    if not _is_out(before):
        errors |= _reaches(turn, author, fields, before)
    errors |= _fits(author, fields, before)
    if errors:
        return _refuse(turn, opening, before, values, errors)
    if before is None:
        language = _language(fields["text"], turn.actor)
        announcement = life.draft(turn.session, turn.actor, **fields, language=language)
        turn.emit("announcement.drafted", announcement, version=announcement.version, before={})
        opened.taken(turn.session, opening, announcement)
        show(turn, announcement)
        return None
    return change(turn, before, opening, values, fields)


def do_options(turn: Turn, opening: Opened, values: Mapping[str, Any]) -> Reply | None:
    """The form of options was sent."""
    before = _announcement(turn, opening)
    if before is None:
        raise Refusal("form_too_old")
    fields, errors = forms.read_options(turn.session, values, before)
    errors |= _reaches(turn, before.author, fields, before)
    if errors:
        return _refuse(turn, opening, before, values, errors)
    return change(turn, before, opening, values, fields)


def change(
    turn: Turn, announcement: Announcement, opening: Opened, values: Mapping[str, Any], fields: Mapping[str, Any]
) -> Reply | None:
    """Change it as a form says, of what was there when the form was opened."""
    approver = announcement.approver if announcement.state == PROPOSED else None
    try:
        if _is_out(announcement):
            changed = life.edit_sent(turn.session, announcement, turn.actor, **fields)
        else:
            changed = life.change(turn.session, announcement, opening.version, **fields)
    except Refusal as refusal:
        return _refuse(turn, opening, announcement, values, {refusal.field or next(iter(fields)): refusal})
    opened.taken(turn.session, opening, announcement)
    follow(turn, announcement, changed)
    if approver is not None and announcement.state != PROPOSED:
        turn.edit(approval(announcement), draft_cards.decided(announcement, turn.actor, False))
    return None


def follow(turn: Turn, announcement: Announcement, changed: Mapping[str, Any]) -> None:
    """What follows from a change: of its text nobody has checked a translation yet; who has it sees the new one."""
    if any(name in changed for name in _READ):
        texts.outdate(turn.session, announcement)
    if _is_out(announcement):
        sending.edited(turn, announcement, changed)
        return
    turn.emit("announcement.drafted", announcement, version=announcement.version, before=dict(changed))
    show(turn, announcement)


def withdrawn(turn: Turn, announcement: Announcement) -> dict[str, Any]:
    """Something that goes along was changed: what was proposed or planned is a draft again, for nobody approved it like
    this. No field was changed. ``Refusal("approver_edits")`` where it is out, and was approved as it was."""
    approver = announcement.approver if announcement.approved_at is not None else None
    if _is_out(announcement) and approver is not None and turn.actor.id == announcement.author_id:
        raise Refusal("approver_edits", name=approver.name)
    if announcement.state == PROPOSED:
        turn.edit(approval(announcement), draft_cards.decided(announcement, announcement.author, False))
    if announcement.state in (PROPOSED, SCHEDULED):
        life.take_back(announcement)
    return {}


def show(turn: Turn, announcement: Announcement, undo: bool = False, anew: bool = False) -> None:
    """Its card reads as it stands, wherever it is; whoever acts has one. ``anew``: at the end of their chat."""
    standing = standing_about(turn.session, about(announcement))
    card = refresh(turn, announcement, undo)
    if anew or not any(each.person_id == turn.actor.id for each in standing):
        turn.send(turn.actor, card, about(announcement))


def refresh(turn: Turn, announcement: Announcement, undo: bool = False) -> Card:
    """Its card reads as it stands, wherever it is."""
    card = draft_cards.draft(announcement, reach(turn, announcement), extras(turn, announcement), undo)
    turn.edit(about(announcement), card)
    return card


def reach(turn: Turn, announcement: Announcement) -> Reach:
    """Whom it reaches, and what is in its way."""
    spec, problem, approver = announcement.audience, None, None
    try:
        if not spec:
            raise Refusal("audience_empty")
        life.check(turn.session, announcement)
        approver = authors.may_reach(turn.session, announcement.author, spec, announcement.urgent)
    except Refusal as refusal:
        problem = refusals.said(refusal)
    if announcement.approved_at is not None:
        approver = None
    people = audience.count(turn.session, spec) if spec else 0
    return Reach(audiences.said(turn.session, spec), people, approver, problem)


def extras(turn: Turn, announcement: Announcement) -> Extras:
    """What goes along with it."""
    written = texts.texts(turn.session, announcement)
    return Extras(
        [each.language for each in written],
        [each.language for each in written if each.checked_at is None],
        picture(turn, announcement) is not None,
        len(polls.polls_of(turn.session, announcement.id)),
    )


def picture(turn: Turn, announcement: Announcement) -> File | None:
    """Its picture."""
    return next((file for file in files_of(turn.session, announcement) if file.is_picture), None)


def _announcement(turn: Turn, opening: Opened) -> Announcement | None:
    if opening.announcement_id is None:
        if not authors.is_author(turn.session, turn.actor):
            raise Refusal("not_an_author")
        return None
    return turn.fetch(Announcement, opening.announcement_id, to="edit")


def _is_out(announcement: Announcement | None) -> bool:
    return announcement is not None and announcement.state in OUT


def _reaches(turn: Turn, author: Person, fields: Mapping[str, Any], before: Announcement | None) -> Errors:
    """Whether its author may reach these people, and there are any."""
    spec = fields.get("audience", before.audience if before is not None else {})
    urgent = fields.get("urgent", before.urgent if before is not None else False)
    if not spec:
        return {}
    try:
        authors.may_reach(turn.session, author, spec, urgent)
        if "audience" in fields and audience.count(turn.session, spec) == 0:
            raise Refusal("audience_nobody", field="audience")
    except Refusal as refusal:
        named_ = "urgent" if refusal.field == "urgent" else "audience"
        return {named_ if named_ in fields else "urgent": refusal}
    return {}


def _fits(author: Person, fields: Mapping[str, Any], before: Announcement | None) -> Errors:
    """Whether every platform that the company has shows all of it."""
    if "text" not in fields:
        return {}
    title = fields.get("title", before.title if before is not None else "")
    language = before.language if before is not None else author.locale
    mine = Announcement(id=0, author=author, title=title, text=fields["text"], language=language, questions=True,
                        urgent=False, revision=0)  # fmt: skip
    card = cards.reader(mine, texts.original(mine))
    for seen in previews.of(card, author):
        if seen.over:
            return {"text": Refusal("over_limit", field="text", n=seen.over, platform=User(seen.name))}
    return {}


def _refuse(
    turn: Turn, opening: Opened, announcement: Announcement | None, values: Mapping[str, Any], errors: Errors
) -> Reply:
    """Nothing is changed, and nothing lost: what was filled in stands in the form, now and when it is opened again."""
    opened.keep(opening, {name: str(value)[:_KEPT] for name, value in values.items()})
    said = {}
    for name, refusal in errors.items():
        if refusal.code == "draft_changed" and announcement is not None:
            opening.version = announcement.version
            refusal = _overtaken(turn, announcement, name)
        said[_FIELD.get(name, name)] = refusals.said(refusal)
    return turn.errors(**said)


def _overtaken(turn: Turn, announcement: Announcement, name: str) -> Refusal:
    """Who changed it meanwhile, and what it says there now."""
    changed = select(Fact.actor_id).where(
        Fact.entity == "announcement", Fact.entity_id == announcement.id, Fact.verb == "announcement.drafted"
    )
    who = turn.session.scalars(changed.order_by(Fact.id.desc()).limit(1)).first()
    by = turn.session.get(Person, who) if who is not None else None
    theirs = forms.values_of(turn.session, announcement, turn.actor).get(name, "…")
    return Refusal("draft_changed", field=name, name=named(by) if by else T("Agora"),
                   theirs=User(shortened(theirs, 300)))  # fmt: skip


def _title_of(text: str) -> str:
    """The first line, without the signs of a heading."""
    first = next((line.strip(" #*_>-") for line in text.splitlines() if line.strip(" #*_>-")), "")
    found = shortened(" ".join(first.split()), forms.TITLE - 2)
    return "" if masked(found).found else found


def _language(text: str, person: Person) -> str:
    found = detect(text, person.locale)
    return found if found in LOCALES else person.locale
