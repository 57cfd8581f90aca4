"""How far an announcement is, in words: for its desk, its page, homes and digests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bot.cards import Element, Moment, T, Text, User, Words
from models.announcements.figures import Counted, Figures
from models.announcements.progress import Progress
from models.announcements.tables import CANCELLED, DRAFT, PROPOSED, RECALLED, SCHEDULED, Announcement

MEASURES: dict[str, T] = {
    "sent": T("Sent"),
    "seen": T("Seen"),
    "acknowledged": T("Got it"),
    "asked": T("Asked something"),
    "objected": T("Does not work for them"),
}
"""What is counted, as it is called in tables. *Seen* is what the platforms tell, and everybody who did something."""
_REASONS = {
    "no_chat": T("They have no chat with me yet"),
    "left": T("They are not with the company any more"),
    "deactivated": T("Their account is switched off"),
    "not_installed": T("They have not installed me yet"),
    "blocked": T("They blocked me, or removed me"),
    "removed": T("They removed me from their chats"),
    "expired": T("It ended before they could get it"),
}
_OTHER = T("The platform did not take it")
_STATES = {
    DRAFT: T("A draft: nobody has it yet."),
    PROPOSED: T("It waits for approval."),
    CANCELLED: T("It was cancelled before it went out."),
    RECALLED: T("It was taken back."),
}
_HOUR = 3600


def state(announcement: Announcement, found: Figures, left: float | None = None) -> Words:
    """Where it is, in one sentence. ``left``: seconds until all copies will have gone out."""
    if announcement.state == SCHEDULED and announcement.send_at is not None:
        return T("It goes out on {moment}.", moment=Moment(announcement.send_at))
    if announcement.state in _STATES:
        return _STATES[announcement.state]
    if found.on_their_way and found.ended:
        done = T("{ended} of {people} sent", ended=found.ended, people=found.people)
        return T("{done}, {left}", done=done, left=_left(left)) if left is not None else done
    if found.on_their_way or not found.people:
        return T("It is about to go out.")
    if found.later:
        return T("Sent to {n} person so far; the others get it at their own hour.",
                 "Sent to {n} people so far; the others get it at their own hour.", n=found.sent)  # fmt: skip
    return T("Sent to {n} person.", "Sent to {n} people.", n=found.sent)


def _left(seconds: float) -> T:
    """About how long it takes still."""
    if seconds < 60:
        return T("less than a minute left")
    if seconds < 2 * _HOUR:
        return T("about {n} minute left", "about {n} minutes left", n=round(seconds / 60))
    return T("about {n} hour left", "about {n} hours left", n=round(seconds / _HOUR))


def pairs(announcement: Announcement, found: Figures) -> tuple[tuple[Words, Words], ...]:
    """What came back, and who cannot be reached."""
    shown: list[tuple[Words, Words]] = []
    if found.seen:
        shown.append((MEASURES["seen"], of(found.seen, found.people)))
    if found.people:
        shown.append((MEASURES["acknowledged"], of(found.acknowledged, found.people)))
    if found.asked:
        shown.append((MEASURES["asked"], number(found.asked)))
    if found.objected:
        shown.append((MEASURES["objected"], number(found.objected)))
    if found.lost:
        shown.append((T("Not reached"), number(found.lost)))
    if found.uncertain:
        shown.append((T("Nobody knows whether it arrived"), number(found.uncertain)))
    if announcement.acknowledge_by is not None and announcement.state != RECALLED:
        shown.append((T("“Got it” wanted by"), Moment(announcement.acknowledge_by)))
    return tuple(shown)


def line(announcement: Announcement, row: Progress | None) -> tuple[Element, ...]:
    """The same in a line or two, as it was counted last."""
    if row is None:
        return ()
    found = row.counted
    words: Words = state(announcement, found, row.left)
    if found.people:
        words = T("{state} Got it: {share}.", state=words, share=of(found.acknowledged, found.people))
    more = [(found.asked, T("{n} has a question", "{n} have a question", n=found.asked)),
            (found.objected, T("for {n} it does not work", "for {n} it does not work", n=found.objected))]  # fmt: skip
    rest = [Text(said, subtle=True) for count, said in more if count]
    return (Text(words, subtle=True), *rest)


def reasons(found: Figures) -> list[tuple[T, int]]:
    """Why people cannot be reached, and how many, most first."""
    counted: Counter[T] = Counter()
    for reason, people in found.unreachable.items():
        counted[_REASONS.get(reason, _OTHER)] += people
    return counted.most_common()


def reason(code: str) -> T:
    """Why somebody cannot be reached."""
    return _REASONS.get(code, _OTHER)


def of(part: int, whole: int) -> T:
    """A part of all, and its share in hundredths."""
    return T("{part} of {whole} ({percent} %)", part=part, whole=whole, percent=percent(part, whole))


def percent(part: int, whole: int) -> int:
    """The share in hundredths; what is less than all is never 100, and what is more than none never 0."""
    if not whole or not part:
        return 0
    return 100 if part >= whole else min(max(round(100 * part / whole), 1), 99)


def share(part: int, whole: int) -> float:
    """The same from 0 to 1."""
    return part / whole if whole else 0.0


def number(count: int) -> T:
    """A number as the reader writes it."""
    return T("{count}", count=count)


def values(shown: Mapping[str, int | None] | Counted) -> tuple[Words, ...]:
    """The cells of a row, in the order of ``MEASURES``; what must not be shown is a dash."""
    each = shown if isinstance(shown, Mapping) else {measure: getattr(shown, measure) for measure in MEASURES}
    return tuple(User("–") if (value := each[measure]) is None else number(value) for measure in MEASURES)
