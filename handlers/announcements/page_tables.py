"""How far an announcement is, as tables: all of it, over time, by department and by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from bot.cards import Element, Heading, Language, Link, Moment, T, Text, User, Words
from bot.tables import Table
from handlers.announcements import overview
from handlers.announcements.overview import MEASURES, number, percent, share
from models.announcements import figures, groups, polls, progress, questions
from models.announcements.figures import Counted, Figures, Silent
from models.announcements.tables import Announcement, Poll
from models.base import now
from models.people import Person

_BY_HOUR = timedelta(days=2)
_MOST = 48  # rows over time: two days of hours, or as many days
_PEOPLE = T("People")
_COLUMNS: tuple[Words, ...] = (_PEOPLE, *MEASURES.values())


def elements(session: Session, person: Person, announcement: Announcement) -> list[Element | Table]:
    """Everything that is counted, for whoever looks after it."""
    found = figures.figures(session, announcement)
    known = progress.known(session, announcement)
    shown: list[Element | Table] = [Text(overview.state(announcement, found, known.left if known else None))]
    if not found.people:
        return shown
    shown += [_funnel(found), Text(T("Seen are those of whom a platform tells it, and who did something."), True)]
    shown.append(Link(T("Who has not said “Got it”"), f"/announcements/{announcement.id}/silent"))
    shown += _asked(session, announcement)
    shown += [table for poll in polls.polls_of(session, announcement.id) for table in _poll(session, poll)]
    shown += [*_over_time(session, person, announcement, found), *_groups(session, announcement)]
    return shown


def names(announcement: Announcement, found: Sequence[Silent], most: int) -> tuple[Element | Table, ...]:
    """Those who have not said "Got it", and what became of their copies."""
    back = Link(T("Everything about it"), f"/announcements/{announcement.id}")
    if not found:
        return (Text(T("Everybody has said “Got it”.")), back)
    rows = tuple((User(one.name), User(one.department), _copy(one), number(one.reminders)) for one in found[:most])
    columns = (T("Name"), T("Department"), T("Their copy"), T("Reminded"))
    more = Text(T("There are more. The file has all of them."), subtle=True)
    return (Table(T("Who has not said “Got it”"), columns, rows), *((more,) if len(found) > most else ()), back)


def _copy(one: Silent) -> T:
    if one.sent:
        return T("arrived")
    if one.unreachable is not None:
        return overview.reason(one.unreachable)
    return T("on its way") if one.waits else T("nobody knows")


def _funnel(found: Figures) -> Table:
    counted: list[tuple[Words, int]] = [(T("It is for"), found.people)]
    counted += [(words, getattr(found, measure)) for measure, words in MEASURES.items()]
    rest: list[tuple[Words, int]] = [
        (T("On its way"), found.on_their_way),
        (T("Waits for the hour at their place"), found.later),
        (T("Nobody knows whether it arrived"), found.uncertain),
    ]
    rest += [(T("Not reached: {reason}", reason=words), people) for words, people in overview.reasons(found)]
    rows = [*counted, *((words, people) for words, people in rest if people)]
    return Table(
        T("How far it got"),
        (T("Step"), _PEOPLE, T("Share")),
        tuple((words, number(n), T("{percent} %", percent=percent(n, found.people))) for words, n in rows),
        tuple(share(n, found.people) for _, n in rows),
    )


def _asked(session: Session, announcement: Announcement) -> list[Element]:
    matters, asked = questions.count_open(session, announcement)
    if not asked:
        return []
    words = T("{n} question waits for an answer.", "{n} questions wait for an answer.", n=matters)
    return [Text(words), Link(T("Read what is asked"), f"/announcements/{announcement.id}/said")]


def _poll(session: Session, poll: Poll) -> list[Element | Table]:
    found = polls.results(session, poll)
    if found.hidden:
        few = T("The result appears once {n} person took part.", "The result appears once {n} people took part.",
                n=polls.STEP)  # fmt: skip
        return [Heading(User(poll.words)), Text(few, subtle=True)]
    rows = list(zip(poll.options, found.votes, strict=True))
    return [
        Table(
            User(poll.words),
            (T("Answer"), _PEOPLE, T("Share")),
            tuple((User(o), number(n), T("{percent} %", percent=percent(n, found.people))) for o, n in rows),
            tuple(share(n, found.people) for _, n in rows),
        )
    ]


def _over_time(session: Session, person: Person, announcement: Announcement, found: Figures) -> list[Element | Table]:
    by_day = announcement.sent_at is not None and now() - announcement.sent_at > _BY_HOUR
    happened = figures.over_time(session, announcement, person.zone, by_day)
    if not happened:
        return []
    steady = groups.steady(list(happened.values()))
    if not any(getattr(steady[-1], measure) for measure in MEASURES):  # so few people that it would say nothing
        return []
    rows = _thinned(dict(zip(happened, steady, strict=True)))
    table = Table(
        T("How it went, day by day") if by_day else T("How it went, hour by hour"),
        (T("Until the end of") if by_day else T("In the hour from"), *MEASURES.values()),
        tuple((Moment(begin, date_only=by_day), *overview.values(counted)) for begin, counted in rows.items()),
        tuple(share(counted.acknowledged, found.people) for counted in rows.values()),
    )
    few = T("What fewer than {least} people did is shown with what follows.", least=groups.LEAST)
    notes = (Text(T("The bars show who said “Got it”."), subtle=True), Text(few, subtle=True))
    return [Heading(T("Over time")), table, *notes]


def _thinned(happened: Mapping[datetime, Counted]) -> dict[datetime, Counted]:
    """Not more rows than can be read: every second, every third …, and always the last."""
    ordered = list(happened.items())
    step = ceil(len(ordered) / _MOST)
    return dict(ordered[(len(ordered) - 1) % step :: step])


def _groups(session: Session, announcement: Announcement) -> list[Element | Table]:
    """By department and language, without what would tell of single people."""
    shown: list[Element | Table] = []
    found = figures.by_group(session, announcement)
    departments = groups.rows(found.departments)
    if departments:
        table = _group_table(T("How far each department is"), T("Department"), departments)
        shown += [Heading(T("By department")), table]
    languages = groups.rows(found.languages)
    if languages:
        table = _group_table(T("How far each language is"), T("Language"), languages, spoken=True)
        shown += [Heading(T("By language")), table]
    if shown:
        least = T("Groups of fewer than {least} people stand together.", least=groups.LEAST)
        shown += [Text(least, subtle=True), Text(T("A dash stands for what would tell what few people did."), True)]
    return shown


def _group_table(title: T, column: T, rows: Sequence[groups.Row], spoken: bool = False) -> Table:
    shares = [(row.shown["acknowledged"], row.people) for row in rows]
    return Table(
        title,
        (column, *_COLUMNS),
        tuple((_name(row, spoken), number(row.people), *overview.values(row.shown)) for row in rows),
        tuple(None if part is None else share(part, people) for part, people in shares),
    )


def _name(row: groups.Row, spoken: bool) -> Words:
    if row.joined:
        return T("{n} group together", "{n} groups together", n=row.joined)
    if row.name is None:
        return T("not known")
    return Language(row.name) if spoken else User(row.name)
