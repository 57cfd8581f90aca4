"""The figures of an announcement as a file, for whoever looks after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.cards import Card, Link, Reply, T, Text, User
from bot.router import Router
from bot.tabled import Sheet, packed
from bot.turn import Turn
from models import files
from models.announcements import figures, groups, polls
from models.announcements.figures import MEASURES, Counted, Silent
from models.announcements.tables import Announcement
from models.people import Person

router = Router()
_MOST = 200_000  # people in a file
_FIGURES = ("what", "of", "people", *MEASURES)
_SILENT = ("name", "department", "language", "copy", "reason", "reminders")
_POLLS = ("poll", "answer", "people")
_NOT_SHOWN = f"fewer than {groups.LEAST}, or computable"


@router.button("announcements.export")
def export(turn: Turn, announcement_id: int) -> Reply:
    """Everything that is counted, and who has not said "Got it", as a file that only who asked for it can open."""
    announcement = turn.fetch(Announcement, announcement_id, to="oversee")
    name = f"agora-announcement-{announcement.id}"
    content = packed(*_sheets(turn.session, turn.actor, announcement, name))
    file = files.keep(turn.session, turn.actor, f"{name}.csv.zip", content)
    turn.session.flush()
    turn.emit("announcement.exported", announcement, file_id=file.id)
    words = T("Here is how far “{title}” got, as a file. Only you can open it.", title=User(announcement.title))
    turn.send(turn.actor, Card(words, (Text(words), Link(T("Open the file"), file.path))))
    return Reply(notice=T("The file is in our own chat now."))


def _sheets(session: Session, person: Person, announcement: Announcement, name: str) -> Iterator[Sheet]:
    yield f"{name}-figures.csv", _FIGURES, _figures(session, person.zone, announcement)
    yield f"{name}-silent.csv", _SILENT, map(_silent, figures.silent(session, announcement, _MOST))
    yield f"{name}-polls.csv", _POLLS, _polls(session, announcement)


def _figures(session: Session, zone: ZoneInfo, announcement: Announcement) -> Iterator[tuple[object, ...]]:
    found = figures.figures(session, announcement)
    yield ("everybody", "", found.people, *_cells(found))
    for state in ("waiting", "uncertain"):
        yield (state, "", getattr(found, state))
    for reason, people in sorted(found.unreachable.items()):
        yield ("unreachable", reason, people)
    split = figures.by_group(session, announcement)
    for what, counted in (("department", split.departments), ("language", split.languages)):
        for row in groups.rows(counted):
            yield (what, _name(row), row.people, *_cells(row.shown))
    happened = figures.over_time(session, announcement, zone, by_day=False)
    for begin, then in zip(happened, groups.steady(list(happened.values())), strict=True):
        yield ("until the end of the hour", begin.isoformat(), "", *_cells(then))


def _cells(shown: Counted | Mapping[str, int | None]) -> tuple[object, ...]:
    if isinstance(shown, Counted):
        return tuple(getattr(shown, measure) for measure in MEASURES)
    return tuple(_NOT_SHOWN if shown[measure] is None else shown[measure] for measure in MEASURES)


def _name(row: groups.Row) -> str:
    return f"{row.joined} small groups" if row.joined else row.name or "not known"


def _silent(one: Silent) -> tuple[object, ...]:
    copy = "arrived" if one.sent else "unreachable" if one.unreachable else "on its way" if one.waits else "uncertain"
    return (one.name, one.department, one.language, copy, one.unreachable or "", one.reminders)


def _polls(session: Session, announcement: Announcement) -> Iterator[tuple[object, ...]]:
    for poll in polls.polls_of(session, announcement.id):
        found = polls.results(session, poll)
        yield (poll.words, "took part", _NOT_SHOWN if found.hidden else found.people)
        for option, votes in zip(poll.options, found.votes, strict=True):
            yield (poll.words, option, _NOT_SHOWN if found.hidden else votes)
