"""What authors, and whoever approves, see of an announcement before it goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    Fields,
    Heading,
    Language,
    Link,
    Markdown,
    Moment,
    T,
    Text,
    User,
    Words,
)
from bot.mentions import mention, named
from bot.shorten import shortened
from handlers.announcements.forms import REPEATS
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
from models.people import Person

_MUCH = 700


@dataclass(frozen=True)
class Reach:
    """Whom it reaches, in words; how many that are; who must approve it, if somebody must; and what is in the way."""

    audience: Words
    people: int
    approver: Person | None = None
    problem: T | None = None


@dataclass(frozen=True)
class Extras:
    """What goes along: the languages that are there, those of them that nobody has checked, whether there is a picture,
    and how many polls."""

    languages: Sequence[str] = ()
    unchecked: Sequence[str] = ()
    picture: bool = False
    polls: int = 0


def draft(announcement: Announcement, reach: Reach, extras: Extras, undo: bool = False) -> Card:
    """A draft with all that may be done with it; or, once it is on its way, where it stands. ``undo``: it goes out in a
    moment."""
    words = _state(announcement, undo)
    elements: list[Element] = [Text(words)]
    if announcement.state in (DRAFT, PROPOSED, SCHEDULED):
        title = announcement.title or "…"
        elements += [Heading(User(title)), Markdown(shortened(announcement.text, _MUCH), announcement.language)]
        elements.append(_fields(announcement, reach, extras))
        elements += _hints(announcement, reach)
    elif announcement.state in OUT:
        elements.append(_page(announcement))
    elements += [Actions(tuple(row)) for row in _buttons(announcement, reach, undo) if row]
    return Card(words, tuple(elements))


def approval(announcement: Announcement, reach: Reach, extras: Extras) -> Card:
    """For whoever must approve it: what it says, whom it reaches, and when."""
    words = T("{name} asks you to approve an announcement: “{title}”", name=mention(announcement.author),
              title=User(announcement.title))  # fmt: skip
    body = Markdown(announcement.text, announcement.language)
    elements: list[Element] = [Text(words), Heading(User(announcement.title)), body]
    elements.append(_fields(announcement, reach, extras))
    approve = Button(T("Approve"), "announcements.approve", announcement.id, "primary")
    ask = Button(T("Ask for changes"), "announcements.refuse", announcement.id, "danger", opens="form")
    preview = Button(T("Preview"), "announcements.preview", announcement.id)
    who = Button(T("Who gets it"), "announcements.who", announcement.id)
    return Card(words, (*elements, Actions((approve, ask, preview, who))))


def decided(announcement: Announcement, by: Person, approved: bool) -> Card:
    """What becomes of that card, once it was decided, or there is nothing to decide any more."""
    title = User(announcement.title)
    words = T("{name} changed “{title}” or took it back: there is nothing to approve now.",
              name=named(by), title=title)  # fmt: skip
    if approved:
        words = T("{name} approved “{title}”.", name=named(by), title=title)
    elif announcement.refused_because:
        words = T("{name} asked for changes of “{title}”.", name=named(by), title=title)
    return Card(words, (Text(words),))


def told_refused(announcement: Announcement, by: Person) -> Card:
    """For its author: what should change."""
    words = T("{name} asks you to change “{title}” before it goes out:", name=mention(by),
              title=User(announcement.title))  # fmt: skip
    edit = Button(T("Edit"), "announcements.edit", announcement.id, "primary", opens="form")
    reason = Markdown(announcement.refused_because or "")
    return Card(words, (Text(words), reason, Actions((edit, _open(announcement)))))


def told_approved(announcement: Announcement, by: Person) -> Card:
    """For its author: it may go out, and does so at its time."""
    title = User(announcement.title)
    words = T("{name} approved “{title}”. It goes out now.", name=mention(by), title=title)
    if announcement.send_at is not None:
        words = T("{name} approved “{title}”. It goes out on {moment}.", name=mention(by), title=title,
                  moment=Moment(announcement.send_at))  # fmt: skip
    return Card(words, (Text(words), Actions((_open(announcement),))))


def listed(announcements: Sequence[Announcement], unfinished: bool) -> Card:
    """Somebody's announcements, the newest first."""
    words = T("Your announcements")
    elements: list[Element] = [Heading(words)]
    if unfinished:
        elements.append(Text(T("You began one that could not be taken yet. “Announce something” brings it back.")))
    if not announcements:
        elements.append(Text(T("There are none yet.")))
    for each in announcements:
        line = T("{title}: {state}", title=User(each.title or "…"), state=state(each))
        elements += [Text(line), Actions((_open(each),))]
    write = Button(T("Announce something"), "announcements.new", 0, "primary", opens="form")
    return Card(words, (*elements, Actions((write,))))


def out(announcement: Announcement, manage: Sequence[Element]) -> Card:
    """One that is out, with what may still be done with it."""
    words = T("{title}: {state}", title=User(announcement.title), state=state(announcement))
    return Card(words, (Text(words), _page(announcement), *manage))


def who(announcement: Announcement, reach: Reach, sample: Sequence[Person], unreachable: int,
        languages: Sequence[tuple[str, int]]) -> Card:  # fmt: skip
    """Whom it would reach, were it sent now."""
    words = T("It reaches {n} person.", "It reaches {n} people.", n=reach.people)
    pairs: list[tuple[Words, Words]] = [(T("Who gets it"), reach.audience)]
    pairs += [(Language(code), T("{n} person", "{n} people", n=n)) for code, n in languages]
    elements: list[Element] = [Text(words), Fields(tuple(pairs))]
    if sample:
        names = User("\n".join(f"- {each.latin_name or each.name}" for each in sample))
        elements += [Text(T("Some of them:"), subtle=True), Markdown(names.text)]
    if unreachable:
        elements.append(Text(T(
            "{n} of them cannot be reached in a chat at present. Their manager is told if they need to confirm it.",
            "{n} of them cannot be reached in a chat at present. Their managers are told if they need to confirm it.",
            n=unreachable)))  # fmt: skip
    if reach.problem is not None:
        elements.append(Text(reach.problem))
    file = Button(T("Choose people by a file"), "announcements.list", announcement.id, opens="form")
    return Card(words, (*elements, Actions((file,))))


def on_top_of_test(card: Card) -> Card:
    """The reader's card, for its author alone: its buttons do nothing yet."""
    note = Text(T("Only you see this. Readers see what follows; its buttons begin to work once it is sent."), True)
    return Card(card.summary, (note, *map(_harmless, card.elements)), card.by_model)


def state(announcement: Announcement) -> Words:
    """Where it stands, in a few words."""
    moment = Moment(announcement.send_at) if announcement.send_at else ""
    day = Moment(announcement.sent_at, date_only=True) if announcement.sent_at else ""
    return {
        DRAFT: T("draft"),
        PROPOSED: T("waits to be approved"),
        SCHEDULED: T("goes out on {moment}", moment=moment),
        SENDING: T("is going out"),
        SENT: T("sent on {day}", day=day),
        RECALLED: T("taken back"),
        CANCELLED: T("discarded"),
    }[announcement.state]


def _page(announcement: Announcement) -> Link:
    return Link(T("Who was reached, and what came back"), f"/announcements/{announcement.id}")


def _open(announcement: Announcement) -> Button:
    return Button(T("Open"), "announcements.open", announcement.id)


def _harmless(element: Element) -> Element:
    if not isinstance(element, Actions):
        return element
    buttons = (Button(each.label, "announcements.tried", each.id, each.style) for each in element.buttons)
    return Actions(tuple(buttons))


def _state(announcement: Announcement, undo: bool) -> T:
    if undo and announcement.state == SCHEDULED:
        return T("Sending. You have half a minute to undo it.")
    if announcement.state in OUT:
        return T("“{title}” has gone out.", title=User(announcement.title))
    if announcement.state == DRAFT:
        return T("Your draft. Nobody else has it yet.")
    if announcement.state == PROPOSED and announcement.approver is not None:
        return T("This waits for {name} to approve it.", name=named(announcement.approver))
    return T("“{title}”: {state}", title=User(announcement.title or "…"), state=state(announcement))


def _fields(announcement: Announcement, reach: Reach, extras: Extras) -> Fields:
    people = reach.audience
    if announcement.audience:
        people = T("{audience} ({n} person)", "{audience} ({n} people)", n=reach.people, audience=reach.audience)
    pairs: list[tuple[Words, Words]] = [(T("Who gets it"), people), (T("When"), _when(announcement))]
    if announcement.repeat:
        pairs.append((T("Again"), REPEATS.get(announcement.repeat, User(announcement.repeat))))
    if announcement.acknowledge_by:
        pairs.append((T("Confirm by"), Moment(announcement.acknowledge_by)))
    if announcement.expires_at:
        pairs.append((T("Ends"), Moment(announcement.expires_at)))
    if announcement.urgent:
        pairs.append((T("Urgent"), T("Yes")))
    pairs.append((T("Languages"), _joined([Language(announcement.language), *map(Language, extras.languages)])))
    if extras.unchecked:
        pairs.append((T("Not checked yet"), _joined([Language(code) for code in extras.unchecked])))
    if extras.picture:
        pairs.append((T("Picture"), User(announcement.picture_alt)))
    if extras.polls:
        pairs.append((T("Poll"), T("{n} question", "{n} questions", n=extras.polls)))
    return Fields(tuple(pairs))


def _when(announcement: Announcement) -> Words:
    if announcement.send_at is None:
        return T("as soon as you send it")
    moment = Moment(announcement.send_at, zone=announcement.author.timezone)
    if announcement.local:
        return T("{moment}, on each reader's own clock", moment=moment)
    return T("{moment} ({zone})", moment=moment, zone=announcement.author.timezone)


def _hints(announcement: Announcement, reach: Reach) -> list[Element]:
    lines: list[Element] = []
    if announcement.state == DRAFT and announcement.refused_because and announcement.approver is not None:
        lines += [Text(T("{name} asked for changes:", name=named(announcement.approver))),
                  Markdown(announcement.refused_because)]  # fmt: skip
    if reach.problem is not None:
        lines.append(Text(reach.problem))
    return lines


def _buttons(announcement: Announcement, reach: Reach, undo: bool) -> list[list[Button]]:
    id = announcement.id
    preview = Button(T("Preview"), "announcements.preview", id)
    who = Button(T("Who gets it"), "announcements.who", id)
    if announcement.state == SCHEDULED:
        label = T("Undo") if undo else T("Back to draft")
        return [[Button(label, "announcements.undo" if undo else "announcements.back", id), preview, who]]
    if announcement.state == PROPOSED:
        return [[Button(T("Back to draft"), "announcements.back", id), preview, who]]
    if announcement.state != DRAFT:
        return []
    first = [_send(announcement, reach)] if reach.problem is None else []
    edit = Button(T("Edit"), "announcements.edit", id, "default" if first else "primary", opens="form")
    test = Button(T("Test to myself"), "announcements.test", id)
    more = [
        Button(T("Languages"), "announcements.languages", id),
        Button(T("Picture"), "announcements.picture", id, opens="form"),
        Button(T("Poll"), "announcements.new_poll", id, opens="form"),
        Button(T("Options"), "announcements.options", id, opens="form"),
        Button(T("Discard"), "announcements.discard", id, "danger",
               confirm=T("It will not go out. Your text stays in this chat only.")),
    ]  # fmt: skip
    return [[*first, edit, preview, test, who], more]


def _send(announcement: Announcement, reach: Reach) -> Button:
    if reach.approver is not None:
        label = T("Ask {name} to approve", name=named(reach.approver))
        return Button(label, "announcements.propose", announcement.id, "primary")
    if announcement.send_at is None:
        sure = T("It goes to {n} person now.", "It goes to {n} people now.", n=reach.people)
        return Button(T("Send"), "announcements.send", announcement.id, "primary", confirm=sure)
    sure = T("It goes to {n} person on {moment}.", "It goes to {n} people on {moment}.", n=reach.people,
             moment=Moment(announcement.send_at, zone=announcement.author.timezone))  # fmt: skip
    return Button(T("Schedule"), "announcements.send", announcement.id, "primary", confirm=sure)


def _joined(several: Sequence[Words]) -> Words:
    whole = several[0]
    for each in several[1:]:
        whole = T("{first}, {second}", first=whole, second=each)
    return whole
