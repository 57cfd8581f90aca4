"""When I am there, how much I take, and how I am told: absence, working hours, language, quota and digest."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import (
    Actions,
    Button,
    Card,
    Element,
    Fields,
    Form,
    Heading,
    Input,
    Language,
    Moment,
    Option,
    Reply,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.router import Router
from bot.turn import Turn
from handlers.home import deputy, digest, fields
from models import digests
from models.base import Refusal, now
from models.experts import asked_this_week, away_until, come_back, set_away
from models.people import LOCALES, Person

router = Router()
router.refusal(
    unknown_day=T("Write a day, such as 2026-12-31 or 31.12.2026."),
    day_over=T("That day is over. Write a day that comes."),
    day_far=T("That is more than a year away. Write an earlier day."),
    unknown_language=T("Choose a language from the list."),
    unknown_zone=T("I do not know that time zone. Write one such as Europe/Rome or Asia/Jerusalem."),
    unknown_time=T("Write a time, such as 9:00."),
    same_times=T("Work cannot end when it begins. Write another time."),
    unknown_days=T("Choose your working days from the list."),
    unknown_digest=T("Choose from the list how often."),
    quiet_both=T("Write when your quiet hours begin and when they end, or neither."),
    unknown_weekly=T("Write a number from 0 to 100, or nothing for no limit."),
    unknown_quota=T("Write a number from 0 to 20."),
)

_ISO, _DOTTED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_LONGEST = timedelta(days=366)


def command(turn: Turn, words: list[str]) -> Reply | None:
    """``/agora away``, ``/agora away until DAY`` and ``/agora back``; ``words`` are what follows ``/agora``."""
    if words[0] == "back":
        return back(turn, 0)
    given = [word for word in words[1:] if word != "until"]
    if not given:
        return turn.open(_away_form())
    go_away(turn, read_day(given[0]))
    return None


def go_away(turn: Turn, last: date, field: str | None = None) -> None:
    """The actor is away until the end of that day, in their own time zone."""
    today = now().astimezone(turn.actor.zone).date()
    if last < today:
        raise Refusal("day_over", field=field)
    if last > today + _LONGEST:
        raise Refusal("day_far", field=field)
    ends = datetime.combine(last + timedelta(days=1), time(0), turn.actor.zone)
    set_away(turn.session, turn.actor, now(), ends)
    turn.session.flush()
    turn.emit("person.away", turn.actor, until=ends.isoformat())
    turn.whisper(_away_card(ends))


def read_day(text: str, field: str | None = None) -> date:
    """A day as people write it: 2026-12-31, 31.12.2026 or 31/12/2026, in any script's digits."""
    wanted = text.strip()
    iso, dotted = _ISO.fullmatch(wanted), _DOTTED.fullmatch(wanted)
    year, month, day = iso.groups() if iso else dotted.groups()[::-1] if dotted else ("0", "0", "0")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Refusal("unknown_day", field=field) from None


@router.button("home.away")
def going_away(turn: Turn, id: int) -> Reply:
    """The form."""
    return turn.open(_away_form())


@router.form("home.away")
def away(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """They are away."""
    go_away(turn, read_day(str(values.get("until", "")), "until"), "until")
    return None


@router.button("home.back")
def back(turn: Turn, id: int) -> Reply | None:
    """They are back."""
    come_back(turn.session, turn.actor)
    turn.emit("person.back", turn.actor)
    turn.whisper(simple(T("Welcome back. Questions may be offered to you again.")))
    return None


@router.button("home.settings")
def settings(turn: Turn, id: int) -> Reply:
    """The form."""
    return turn.open(_settings_form(turn.actor))


@router.form("home.settings")
def change(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """They changed how they read and when they work."""
    given = {name: str(value or "").strip() for name, value in values.items()}
    person = turn.actor
    wanted = {
        "locale": fields.language(given.get("locale", "")),
        "timezone": fields.zone(given.get("timezone", "")),
        "work_from": fields.clock_time(given.get("work_from", ""), "work_from"),
        "work_to": fields.clock_time(given.get("work_to", ""), "work_to"),
        "work_days": fields.work_days(given.get("work_days", ""), person),
        "quota": fields.quota(given.get("quota", "")),
        "weekly": fields.weekly(given.get("weekly", fields.number(person.weekly))),
        "digest": fields.how_often(given.get("digest", person.digest)),
        "digest_at": fields.clock_time(given.get("digest_at", f"{person.digest_at:%H:%M}"), "digest_at"),
    }
    if wanted["work_from"] == wanted["work_to"]:
        raise Refusal("same_times", field="work_to")
    wanted["quiet_from"], wanted["quiet_to"] = fields.quiet_hours(given, person)
    for name, value in wanted.items():
        setattr(person, name, value)
    turn.emit("person.settings_changed", person)
    turn.whisper(simple(T("Your settings are changed."), _summary(turn.session, person)))
    return None


@router.home(80)
def my_settings(session: Session, person: Person) -> tuple[Element, ...]:
    """When I am there and how I read, with the ways to change it."""
    until = away_until(session, person, now())
    leave = Button(T("I am away"), "home.away", 0, opens="form")
    here = Button(T("I am back"), "home.back", 0, "primary")
    more = Button(T("My settings"), "home.settings", 0, opens="form")
    standing = T("You are away until {until}.", until=Moment(until)) if until else T("You are there.")
    buttons = Actions((here if until else leave, more))
    stands_in = deputy.standing(session, person)
    return (Heading(T("My availability")), Text(standing), _summary(session, person), buttons, *stands_in)


def _summary(session: Session, person: Person) -> Fields:
    hours = f"{person.work_from:%H:%M}–{person.work_to:%H:%M}"
    quiet = f"{fields.clock(person.quiet_from)}–{fields.clock(person.quiet_to)}"
    pairs: tuple[tuple[Words, Words], ...] = (
        (T("Language"), Language(person.locale)),
        (T("Time zone"), User(person.timezone)),
        (T("Working days"), _week(person)),
        (T("Working hours"), User(hours)),
        (T("Quiet hours"), User(quiet) if person.quiet_from else T("none")),
        (T("Questions at once"), User(str(person.quota))),
        (T("Questions a week"), _week_so_far(session, person)),
        (T("What is new, in one message"), _often(person)),
    )
    return Fields(pairs)


def _week_so_far(session: Session, person: Person) -> Words:
    if person.weekly is None:
        return T("no limit")
    used = asked_this_week(session, [person.id]).get(person.id, 0)
    return T("{used} of {most} in the last seven days", used=User(str(used)), most=User(str(person.weekly)))


def _often(person: Person) -> Words:
    often = digest.MODES[person.digest]
    if person.digest == digests.OFF:
        return often
    return T("{often}, at {time}", often=often, time=User(f"{person.digest_at:%H:%M}"))


def _week(person: Person) -> T:
    known = {tuple(sorted(map(int, days))): words for days, words in fields.WEEKS.items()}
    return known.get(tuple(sorted(person.work_days)), T("As agreed"))


def _away_card(ends: datetime) -> Card:
    words = T("You are away until {until}. Nothing is offered to you until then.", until=Moment(ends))
    return simple(words, Actions((Button(T("I am back"), "home.back", 0),)))


def _away_form() -> Form:
    day = Input("until", T("Away until"), hint=T("The last day of your absence, such as 2026-12-31."), limit=20)
    note = Text(T("Questions that you have are offered to others where they cannot wait."), subtle=True)
    return Form(T("I am away"), "home.away", 0, (day,), T("Save"), (note,))


def _settings_form(person: Person) -> Form:
    days = "".join(map(str, person.work_days))
    kept = () if days in fields.WEEKS else (Option(days or "kept", T("As agreed")),)
    inputs = (
        Input("locale", T("Language"), "select", person.locale,
              options=tuple(Option(code, Language(code)) for code in LOCALES)),
        Input("timezone", T("Time zone"), value=person.timezone, limit=60, hint=T("Such as Europe/Rome.")),
        Input("work_days", T("Working days"), "select", days if days in fields.WEEKS else days or "kept",
              options=(*(Option(code, words) for code, words in fields.WEEKS.items()), *kept)),
        Input("work_from", T("Work begins at"), value=f"{person.work_from:%H:%M}", limit=5),
        Input("work_to", T("Work ends at"), value=f"{person.work_to:%H:%M}", limit=5),
        Input("quiet_from", T("Quiet hours begin at"), value=fields.clock(person.quiet_from), limit=5, required=False,
              hint=T("Such as 12:00. Until they end others are asked before you, and your time stands still.")),
        Input("quiet_to", T("Quiet hours end at"), value=fields.clock(person.quiet_to), limit=5, required=False),
        Input("quota", T("Questions at once"), value=str(person.quota), limit=2,
              hint=T("How many may be offered to you or wait for your answer; 0 for none.")),
        Input("weekly", T("Questions a week"), value=fields.number(person.weekly), limit=3, required=False,
              hint=T("How many may be offered to you in seven days; empty for no limit.")),
        Input("digest", T("What is new, in one message"), "select", person.digest,
              options=tuple(Option(often, words) for often, words in digest.MODES.items()),
              hint=T("In our own chat, and only if there is anything.")),
        Input("digest_at", T("At what time"), value=f"{person.digest_at:%H:%M}", limit=5),
    )  # fmt: skip
    return Form(T("My settings"), "home.settings", 0, inputs, T("Save"))
