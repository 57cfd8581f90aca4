"""The picture of an announcement, with what it shows in words."""

from __future__ import annotations

from typing import Any

from bot.cards import Form, Input, Reply, T, Text, User
from bot.filled import text
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import drafts, forms, sending
from handlers.announcements.looking import only_file
from models.announcements import life
from models.announcements.tables import OUT, Announcement
from models.base import Refusal
from models.files import attach

router = Router()


@router.button("announcements.picture")
def picture(turn: Turn, announcement_id: int) -> Reply:
    """A picture is to go along, another one, or none any more."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    before = drafts.picture(turn, announcement)
    intro: tuple[Text, ...] = ()
    if before is not None:
        words = T("Now: {name}. Without a file and a description it is removed.", name=User(before.name))
        intro = (Text(words, subtle=True),)
    inputs = (
        Input("files", T("Picture"), "files", required=False, hint=T("PNG, JPEG, GIF or WebP.")),
        Input("alt", T("What it shows"), value=announcement.picture_alt, required=False, limit=forms.ALT,
              hint=T("For those who do not see it, and for screen readers.")),
    )  # fmt: skip
    form = Form(T("Picture"), "announcements.picture", announcement.id, inputs, T("Save"), intro)
    return turn.open(form)


@router.form("announcements.picture")
def given(turn: Turn, announcement_id: int, values: dict[str, Any]) -> Reply | None:
    """A picture was given. One that is none changes nothing of the rest."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    alt = text(values, "alt", forms.ALT, required=False)
    before, chosen = drafts.picture(turn, announcement), bool(str(values.get("files", "")).strip())
    drafts.withdrawn(turn, announcement)
    if chosen and not alt:
        raise Refusal("no_description", field="alt")
    if chosen:
        _attach(turn, announcement, values)
    elif before is None:
        raise Refusal("one_picture", field="files")
    if before is not None and (chosen or not alt):
        turn.session.delete(before)
        turn.session.flush()
    _changed(turn, announcement, alt)
    return None


def _attach(turn: Turn, announcement: Announcement, values: dict[str, Any]) -> None:
    file = only_file(turn, values, "one_picture")
    if not file.is_picture:
        raise Refusal("not_a_picture", field="files", name=file.name)
    attach(turn.session, turn.actor, [file.id], announcement)


def _changed(turn: Turn, announcement: Announcement, alt: str) -> None:
    if announcement.state in OUT:
        before = life.edit_sent(turn.session, announcement, turn.actor, picture_alt=alt)
        sending.edited(turn, announcement, before or {"picture_alt": announcement.picture_alt})
        return
    drafts.follow(turn, announcement, life.change(turn.session, announcement, announcement.version, picture_alt=alt))
