"""What readers see of an announcement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards import Actions, Button, Card, Element, Heading, Link, Markdown, Moment, Picture, T, Text, User, Words
from bot.mentions import named
from bot.translating import offered
from models.announcements.tables import Announcement, Poll, Receipt
from models.announcements.texts import Wording
from models.files import File


@dataclass(frozen=True)
class Standing:
    """What a reader has said so far. Readers of one language with the same standing see the same card."""

    acknowledged: bool = False
    objected: bool = False


NOTHING = Standing()


def standing(receipt: Receipt) -> Standing:
    """What somebody said, by their receipt."""
    return Standing(receipt.acknowledged_at is not None, receipt.objected_at is not None)


def reader(
    announcement: Announcement,
    wording: Wording,
    *,
    locale: str | None = None,
    said: Standing = NOTHING,
    polls: Sequence[Poll] = (),
    picture: File | None = None,
    answered: int = 0,
    reminder: bool = False,
    over: bool = False,
    voted: Mapping[int, Sequence[Element]] | None = None,
) -> Card:
    """An announcement as a reader of ``locale`` sees it: many share it. ``answered``: how many questions about it have
    an answer. ``reminder``: they were to confirm it, and have not. ``over``: it has expired, nothing can be said.
    ``voted``: what stands below a poll, by its number, once its reader took part."""
    elements: list[Element] = [
        *_before(announcement, said, reminder),
        Heading(User(wording.title)),
        _from(announcement),
    ]
    if picture is not None:
        elements.append(Picture(picture.id, User(wording.picture_alt or picture.name)))
    elements.append(Markdown(wording.text, wording.language))
    elements += _languages(announcement, wording, locale)
    if answered:
        label = T("{n} question with its answer", "{n} questions with their answers", n=answered)
        elements.append(Link(label, path(announcement)))
    if over:
        elements.append(Text(T("This is over. It is kept for those who look it up."), subtle=True))
    else:
        elements += [
            *_polls(polls, voted or {}),
            *_said(announcement, said),
            Actions(tuple(_buttons(announcement, said))),
        ]
    return Card(_summary(announcement, wording, reminder), tuple(elements), by_model=wording.unchecked)


def recalled(announcement: Announcement, wording: Wording) -> Card:
    """Instead of every copy, once it was taken back."""
    words = T("{name} has taken back “{title}”. It no longer holds.", name=named(announcement.author),
              title=User(wording.title))  # fmt: skip
    return Card(words, (Text(words),))


def original(announcement: Announcement, wording: Wording) -> Card:
    """What its author wrote, for whoever read a translation."""
    words = T("The original of “{title}”", title=User(wording.title))
    body = Markdown(wording.text, wording.language)
    return Card(words, (Text(words, subtle=True), Heading(User(wording.title)), body))


def path(announcement: Announcement) -> str:
    """Its page."""
    return f"/announcements/{announcement.id}"


def _summary(announcement: Announcement, wording: Wording, reminder: bool) -> Words:
    title = User(wording.title)
    if reminder:
        return T("Please confirm: “{title}”", title=title)
    if announcement.urgent:
        return T("Urgent: {title}", title=title)
    return T("{name} announces: {title}", name=named(announcement.author), title=title)


def _before(announcement: Announcement, said: Standing, reminder: bool) -> list[Element]:
    lines: list[Element] = []
    if announcement.urgent:
        lines.append(Text(T("⚠ Urgent")))
    if reminder and not said.acknowledged:
        lines.append(Text(T("You have not confirmed this yet. Please have a look.")))
    return lines


def _from(announcement: Announcement) -> Text:
    name = named(announcement.author)
    if announcement.sent_at is None:
        return Text(T("from {name}", name=name), subtle=True)
    day = Moment(announcement.sent_at, date_only=True)
    if announcement.revision:
        return Text(T("from {name}, {day}, changed since", name=name, day=day), subtle=True)
    return Text(T("from {name}, {day}", name=name, day=day), subtle=True)


def _languages(announcement: Announcement, wording: Wording, locale: str | None) -> tuple[Element, ...]:
    """The way to the original, or from it to their own language."""
    if not wording.translated:
        other = locale is not None and locale != wording.language
        return offered("announcement", announcement.id, wording.language) if other else ()
    note = T("Translated by a model, and not checked. What counts is the original.")
    see = Actions((Button(T("See the original"), "announcements.original", announcement.id),))
    return (Text(note, subtle=True), see) if wording.unchecked else (see,)


def _polls(polls: Sequence[Poll], voted: Mapping[int, Sequence[Element]]) -> list[Element]:
    shown: list[Element] = []
    for poll in polls:
        shown.append(Text(User(poll.words)))
        if poll.id in voted:
            shown += voted[poll.id]
            continue
        if poll.anonymous:
            shown.append(Text(T("Anonymous: nobody can see who chose what."), subtle=True))
        shown.append(Actions((Button(T("Choose"), "announcements.poll", poll.id, opens="form"),)))
    return shown


def _said(announcement: Announcement, said: Standing) -> list[Element]:
    lines: list[Element] = []
    if said.acknowledged:
        lines.append(Text(T("✓ You have confirmed this."), subtle=True))
    elif announcement.acknowledge_by is not None:
        by = Moment(announcement.acknowledge_by)
        lines.append(Text(T("Please press “Got it” by {moment}.", moment=by)))
    if said.objected:
        lines.append(Text(T("You said that it does not work for you."), subtle=True))
    return lines


def _buttons(announcement: Announcement, said: Standing) -> list[Button]:
    buttons = []
    if not said.acknowledged:
        buttons.append(Button(T("Got it"), "announcements.got", announcement.id, "primary"))
    if announcement.questions:
        buttons.append(Button(T("I have a question"), "announcements.ask", announcement.id, opens="form"))
    if not said.objected:
        label = T("It does not work for me")
        buttons.append(Button(label, "announcements.object", announcement.id, opens="form"))
    else:
        buttons.append(Button(T("It works for me now"), "announcements.unobject", announcement.id))
    if said.acknowledged:
        buttons.append(task(announcement))
    return buttons


def task(announcement: Announcement) -> Button:
    """What it leads to becomes somebody's task."""
    return Button(T("Make a task"), "tasks.from_announcement", announcement.id, opens="form")


def manage(announcement: Announcement) -> tuple[Element, ...]:
    """What may be done with it after it went out."""
    change = Button(T("Edit"), "announcements.edit", announcement.id, opens="form")
    recall = Button(T("Take back"), "announcements.recall", announcement.id, "danger",
                    confirm=T("Everybody who has it sees that you took it back. This cannot be undone."))  # fmt: skip
    return (Actions((change, recall)),)
