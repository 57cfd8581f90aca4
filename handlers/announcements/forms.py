"""The forms in which announcements are written, and how what they send is read: each field that cannot be taken has its
own error, and nothing of the others is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Element, Form, Input, Language, Names, Option, T, Text
from bot.dates import moment_in
from bot.filled import Errors, taken, text
from models.announcements import audience, expressions
from models.announcements.opened import Opened
from models.announcements.tables import Announcement
from models.base import Refusal, now
from models.knowledge import Topic, topics
from models.people import LOCALES, Person
from models.secrets import masked

TITLE, TEXT, ALT, AUDIENCE, MOMENT, REASON = 150, 9_000, 500, 2_000, 60, 1_000
ROOM = 40_000  # characters that a form may send: what is too long comes back whole
NO, YES = "no", "yes"
_MORNING, _EVENING = time(9), time(18)
_NONE = "0"
REPEATS = {
    "": T("No"),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": T("From Monday to Friday"),
    "FREQ=DAILY": T("Every day"),
    "FREQ=WEEKLY": T("Every week"),
    "FREQ=WEEKLY;INTERVAL=2": T("Every second week"),
    "FREQ=MONTHLY": T("Every month"),
    "FREQ=YEARLY": T("Every year"),
}
"""Rules of RFC 5545 that a form offers."""
_ANSWERS = ("questions", "local", "newcomers", "unseen", "urgent")


def write(opened: Opened, values: Mapping[str, str], intro: tuple[Element, ...] = (), sent: bool = False) -> Form:
    """The form that writes an announcement, or changes one; ``sent``: one that is out."""
    if opened.filled:
        intro = (*intro, Text(T("What you filled in last time could not be taken yet. It is here again."), subtle=True))
    inputs = [
        Input("title", T("Title"), value=values.get("title", ""), limit=TITLE),
        Input("text", T("Text"), "text", values.get("text", ""), limit=ROOM,
              hint=T("Markdown: headings, lists, links. At most {most} characters.", most=TEXT)),
    ]  # fmt: skip
    if not sent:
        inputs += [
            Input("audience", T("Who gets it"), value=values.get("audience", ""), limit=AUDIENCE, required=False,
                  hint=T("For example: everyone · department:Sales and not location:Rome · #general, @mona")),
            _moment("send_at", T("When"), values,
                    T("Empty: as soon as you press “Send”. Or: tomorrow 9:00 · Monday 14:30 · 2030-01-31 9:00")),
        ]  # fmt: skip
    inputs += [
        _moment("acknowledge_by", T("Confirm by"), values, T("Empty: nobody needs to press “Got it”.")),
        _moment("expires_at", T("Ends"), values, T("From then on it is not shown as news any more.")),
    ]
    title = T("Change the announcement") if opened.announcement_id else T("Announce something")
    submit = T("Change it for everybody") if sent else T("Save draft")
    return Form(title, "announcements.write", opened.id, tuple(inputs), submit, intro)


def options(session: Session, announcement: Announcement, opened: Opened, urgent: bool) -> Form:
    """What needs to be said more rarely; ``urgent``: whether whoever sees it may call something so."""
    about = [Option(str(topic.id), Names(dict(topic.names))) for topic in topics(session)[:98]]
    spoken = tuple(Option(code, Language(code)) for code in dict.fromkeys((*LOCALES, announcement.language)))
    repeats = tuple(Option(rule or NO, label) for rule, label in REPEATS.items())
    if announcement.repeat and announcement.repeat not in REPEATS:
        repeats += (Option(announcement.repeat, T("As it is")),)
    inputs = [
        Input("language", T("Language of your text"), "select", announcement.language, options=spoken),
        Input("topic", T("Topic"), "select", str(announcement.topic_id or _NONE),
              options=(Option(_NONE, T("No topic")), *about)),
        _choice("questions", T("May people ask?"), announcement.questions),
        _choice("local", T("At each reader's own hour?"), announcement.local,
                T("Yes: 9:00 is 9:00 on everybody's clock, wherever they are.")),
        Input("repeat", T("Send it again?"), "select", announcement.repeat or NO, options=repeats),
        _choice("newcomers", T("Also for people who join later?"), announcement.newcomers,
                T("Yes: whoever joins the audience before it ends gets it, too.")),
        _choice("unseen", T("Send translations that nobody checked?"), announcement.unseen),
    ]  # fmt: skip
    if urgent:
        inputs.append(_choice("urgent", T("Urgent?"), announcement.urgent,
                              T("Yes: it goes ahead of others, and into quiet hours.")))  # fmt: skip
    return Form(T("Options"), "announcements.options", opened.id, tuple(inputs), T("Save"))


def refuse(announcement: Announcement) -> Form:
    """Why it should not go out as it is."""
    why = Input("reason", T("What should change?"), "text", limit=REASON, hint=T("Its author reads this."))
    return Form(T("Ask for changes"), "announcements.refuse", announcement.id, (why,), T("Send back"))


def values_of(session: Session, announcement: Announcement, person: Person) -> dict[str, str]:
    """What stands in the form that changes it, for ``person``, who reads times on their own clock."""
    said = {"title": announcement.title, "text": announcement.text, "audience": _written(session, announcement)}
    return said | {name: _moment_of(announcement, name, person) for name in ("send_at", "acknowledge_by", "expires_at")}


def read(
    session: Session, person: Person, values: Mapping[str, Any], before: Announcement | None, sent: bool = False
) -> tuple[dict[str, Any], Errors]:
    """What the form that writes sent: the fields that can be taken, and why others cannot."""
    readers: dict[str, Callable[[], Any]] = {
        "title": lambda: _title(values),
        "text": lambda: text(values, "text", TEXT),
        "audience": lambda: _audience(session, person, values, before),
        "send_at": lambda: _when(values, "send_at", person, _MORNING, before),
        "acknowledge_by": lambda: _when(values, "acknowledge_by", person, _EVENING, before),
        "expires_at": lambda: _when(values, "expires_at", person, _EVENING, before),
    }
    return taken({name: take for name, take in readers.items() if not (sent and name in ("audience", "send_at"))})


def read_options(session: Session, values: Mapping[str, Any], before: Announcement) -> tuple[dict[str, Any], Errors]:
    """What the form of options sent."""
    readers: dict[str, Callable[[], Any]] = {
        "language": lambda: _language(values, before),
        "topic_id": lambda: _topic(session, values),
        "repeat": lambda: _repeat(values, before),
        **{name: _answer(values, name, getattr(before, name)) for name in _ANSWERS},
    }
    return taken(readers)


def _title(values: Mapping[str, Any]) -> str:
    said = " ".join(text(values, "title", TITLE).split())
    if masked(said).found:
        raise Refusal("secret_in_title", field="title")
    return said


def _audience(
    session: Session, person: Person, values: Mapping[str, Any], before: Announcement | None
) -> dict[str, Any]:
    """Empty where it is still open; as it was where nothing was changed, whoever wrote it."""
    said = text(values, "audience", AUDIENCE, required=False)
    if not said:
        return {}
    if before is not None and said == _written(session, before):
        return before.audience
    listed = audience.listed_in(before.audience) if before is not None else ()
    return expressions.parse(session, person, said, listed)


def _written(session: Session, announcement: Announcement) -> str:
    return audience.written(session, announcement.audience) if announcement.audience else ""


def _moment_of(announcement: Announcement, name: str, person: Person) -> str:
    moment = getattr(announcement, name)
    return moment.astimezone(person.zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def _when(
    values: Mapping[str, Any], name: str, person: Person, otherwise: time, before: Announcement | None
) -> datetime | None:
    """A moment to come. One that stood there may have passed meanwhile, as long as nobody touches it."""
    said = text(values, name, MOMENT, required=False)
    stood = getattr(before, name) if before is not None else None
    if not said:
        return None
    if before is not None and said == _moment_of(before, name, person):
        return stood if isinstance(stood, datetime) else None
    try:
        found = moment_in(said, person.locale, person.zone, now(), otherwise)
    except ValueError:
        raise Refusal("no_moment", field=name) from None
    if found <= now():
        raise Refusal("moment_past", field=name, moment=found)
    return found.astimezone(UTC).replace(second=0, microsecond=0)


def _moment(name: str, label: T, values: Mapping[str, str], hint: T) -> Input:
    return Input(name, label, value=values.get(name, ""), limit=MOMENT, required=False, hint=hint)


def _choice(name: str, label: T, value: bool, hint: T | None = None) -> Input:
    choices = (Option(NO, T("No")), Option(YES, T("Yes")))
    return Input(name, label, "select", YES if value else NO, options=choices, hint=hint)


def _answer(values: Mapping[str, Any], name: str, before: bool) -> Callable[[], bool]:
    return lambda: {YES: True, NO: False}.get(str(values.get(name, "")), before)


def _language(values: Mapping[str, Any], before: Announcement) -> str:
    code = str(values.get("language", before.language))
    if code not in LOCALES and code != before.language:
        raise Refusal("unknown_language", field="language")
    return code


def _topic(session: Session, values: Mapping[str, Any]) -> int | None:
    number = str(values.get("topic") or _NONE)
    if number == _NONE:
        return None
    topic = session.get(Topic, int(number)) if number.isascii() and number.isdecimal() and len(number) < 18 else None
    if topic is None:
        raise Refusal("unknown_topic", field="topic")
    return topic.id


def _repeat(values: Mapping[str, Any], before: Announcement) -> str | None:
    rule = str(values.get("repeat", before.repeat or NO))
    if rule == NO:
        return None
    if rule not in REPEATS and rule != before.repeat:
        raise Refusal("unknown_rule", field="repeat")
    return rule
