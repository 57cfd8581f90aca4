"""The forms in which entries are written, changed, refused and taken back, and how what they send is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Form, Input, Language, Moment, Names, Option, T, Text, User
from bot.mentions import named
from handlers.knowledge import audiences
from handlers.knowledge.titles import title_of
from models.base import Refusal, now
from models.history import Editing
from models.knowledge import DRAFT, Entry, Revision, Topic, topics
from models.learning import YEAR, Content, content_of
from models.people import LOCALES, Person
from models.secrets import masked

BODY, TITLE, REASON = 40_000, 200, 500
_LONGEST = 10 * YEAR
_NO_TOPIC = "0"
NO, YES = "no", "yes"


@dataclass(frozen=True)
class Sent:
    """What a form said: the entry's content, its review date, why, and whether what stood there was wrong."""

    content: Content
    review_on: date | None
    reason: str
    wrong: bool = False


def new(session: Session, person: Person, place_id: int = 0, text: str = "", audience: Sequence[str] = ()) -> Form:
    """The form that writes an entry; from a message its text stands in it, with its first line as a title, and those
    who read that may read this."""
    choices = audiences.options(session, person, audience) if audience else audiences.new_options(session, person)
    title = masked(title_of(text)).text if text else ""
    content = Content(title, text, person.locale, None, tuple(audience))
    fields = (*_fields(session, content), _audience(choices), _review(None))
    intro = (Text(T("Others find it as soon as it is verified, in the search and in my answers."), subtle=True),)
    return Form(T("Write what you know"), "knowledge.write", place_id, fields, T("Save"), intro)


def edit(
    session: Session, person: Person, entry: Entry, editing: Editing, publishes: bool, content: Content | None = None
) -> Form:
    """The form that changes an entry. Of a draft, whoever may verify it publishes it with this. ``content`` stands in
    it instead of what the entry says."""
    choices = audiences.options(session, person, entry.audience)
    fields = [*_fields(session, content or content_of(entry)), _audience(choices)]
    if publishes:
        fields.append(_review(entry.review_on if entry.state != DRAFT else None))
    fields.append(Input("reason", T("Why"), value="", required=False, limit=REASON,
                        hint=T("Stands in the history, for those who look after this later.")))  # fmt: skip
    if entry.state != DRAFT:
        fields.append(_wrong())
    submit = T("Save and publish") if publishes and entry.state == DRAFT else T("Save")
    return Form(T("Edit"), "knowledge.edit", editing.id, tuple(fields), submit)


def refuse(entry: Entry) -> Form:
    """Why a draft is not kept."""
    why = Input("reason", T("Why"), "text", limit=REASON, hint=T("Its author reads this, so say what would help."))
    return Form(T("Refuse"), "knowledge.refuse", entry.id, (why,), T("Refuse"), (Text(User(entry.title)),))


def retire(entry: Entry) -> Form:
    """Why an entry goes."""
    options = (Option(NO, T("It is not needed any more")), Option(YES, T("It was wrong")))
    wrong = Input("wrong", T("Why"), "select", value=NO, options=options,
                  hint=T("If it was wrong, those who were answered with it are told."))  # fmt: skip
    more = Input("reason", T("More about it"), required=False, limit=REASON)
    return Form(T("Retire"), "knowledge.retire", entry.id, (wrong, more), T("Retire"), (Text(User(entry.title)),))


def older(entry: Entry, revisions: Sequence[Revision]) -> Form:
    """Which revision to go back to."""
    options = tuple(Option(str(one.number), _revision(one)) for one in revisions if one.number != entry.revision)
    which = Input("revision", T("Which revision"), "select", options=options[:100])
    intro = (Text(T("It is written anew, as the newest revision: nothing of the history is lost."), subtle=True),)
    return Form(T("Go back"), "knowledge.go_back", entry.id, (which, _wrong()), T("Go back"), intro)


def find() -> Form:
    """What to look for."""
    words = Input("words", T("What are you looking for?"), limit=300)
    return Form(T("Search"), "knowledge.find", 0, (words,), T("Search"))


def read(session: Session, person: Person, values: Mapping[str, Any], before: Content | None) -> Sent:
    """What a form for an entry sent, which said ``before``; ``Refusal`` with the field at fault."""
    title = text(values, "title", TITLE)
    if masked(title).found:
        raise Refusal("secret_in_title", field="title")
    content = Content(
        title=title,
        body=text(values, "body", BODY),
        language=_language(values, before),
        topic_id=_topic(session, values),
        audience=audiences.chosen(session, person, str(values.get("audience", "")), before.audience if before else ()),
    )
    reason = text(values, "reason", REASON, required=False)
    return Sent(content, _date(values), reason, is_wrong(values))


def text(values: Mapping[str, Any], name: str, most: int, required: bool = True) -> str:
    """A field's text; refused where it is too long, or empty though it is needed."""
    said = str(values.get(name, "")).replace("\0", "").strip()
    if required and not said:
        raise Refusal("empty_text", field=name)
    if len(said) > most:
        raise Refusal("too_long", field=name, most=most)
    return said


def is_wrong(values: Mapping[str, Any]) -> bool:
    """Whether what stood there was wrong."""
    return values.get("wrong") == YES


def _fields(session: Session, content: Content) -> list[Input]:
    about = [Option(str(topic.id), Names(dict(topic.names))) for topic in topics(session)[:98]]
    none = Option(_NO_TOPIC, T("No topic"))
    spoken = tuple(Option(code, Language(code)) for code in dict.fromkeys((*LOCALES, content.language)))
    return [
        Input("title", T("Title"), value=content.title, limit=TITLE, hint=T("In the words one would search with.")),
        Input("body", T("Text"), "text", value=content.body, limit=BODY, hint=T("Markdown: headings, lists, links.")),
        Input("topic", T("Topic"), "select", str(content.topic_id or _NO_TOPIC), options=(none, *about)),
        Input("language", T("Language"), "select", content.language, options=spoken),
    ]


def _audience(choices: tuple[Option, ...]) -> Input:
    first = choices[0].value if choices else ""
    return Input("audience", T("Who may read it"), "select", first, options=choices)


def _review(on: date | None) -> Input:
    day = on or (now() + YEAR).date()
    return Input("review_on", T("Ask again on"), value=day.isoformat(), limit=10, required=False,
                 hint=T("Year-month-day: whoever looks after it is asked whether it is still true."))  # fmt: skip


def _wrong() -> Input:
    options = (Option(NO, T("No: it is only said better")), Option(YES, T("Yes: tell those who were answered with it")))
    return Input("wrong", T("Was it wrong?"), "select", value=NO, options=options)


def _revision(one: Revision) -> T:
    who = named(one.author) if one.author else T("Agora")
    return T("{number}: {name}, {moment}", number=one.number, name=who, moment=Moment(one.at))


def _language(values: Mapping[str, Any], before: Content | None) -> str:
    code = str(values.get("language", ""))
    if code not in LOCALES and not (before and code == before.language):
        raise Refusal("unknown_language", field="language")
    return code


def _topic(session: Session, values: Mapping[str, Any]) -> int | None:
    number = str(values.get("topic") or _NO_TOPIC)
    if number == _NO_TOPIC:
        return None
    topic = session.get(Topic, int(number)) if number.isascii() and number.isdecimal() and len(number) < 18 else None
    if topic is None:
        raise Refusal("unknown_topic", field="topic")
    return topic.id


def _date(values: Mapping[str, Any]) -> date | None:
    said = str(values.get("review_on", "")).strip()
    if not said:
        return None
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise Refusal("no_date", field="review_on") from None
    if not now().date() < day < (now() + _LONGEST).date():
        raise Refusal("date_out_of_range", field="review_on")
    return day
