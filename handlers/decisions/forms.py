"""The forms of decisions, and how what they send is read: each field that cannot be taken has its own error, and
nothing of the others is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Element, Form, Input, Option, T, Text, User, Words
from bot.dates import moment_in
from bot.filled import Errors, taken, text
from bot.mentions import named
from models.base import Refusal, now
from models.decisions.counting import LEAST_ANONYMOUS
from models.decisions.life import MOST_OPTIONS, Wanted
from models.decisions.tables import ALL, NAMED, ONE, Decision, DecisionForm, DecisionOption, Voice
from models.people import EMPLOYEE, Person
from models.people_named import handles, resolve
from models.places import Place
from models.search.language import detect
from models.secrets import masked

TITLE, OPTION, DETAILS, REASON, PEOPLE, MOMENT = 150, 100, 4_000, 1_000, 2_000, 60
ROOM = 9_000  # characters that a form may send: what is too long comes back whole
NO, YES, NONE = "no", "yes", "0"
MODES = {
    ALL: T("Everybody here"),
    NAMED: T("These people"),
    ONE: T("One person, after hearing everybody"),
}


def begin(
    form: DecisionForm, values: Mapping[str, str], places: Sequence[Place] = (), until: Words | None = None
) -> Form:
    """The form that begins a decision; ``places``: where, if that is still to be said; ``until``: when it closes, as
    that was understood."""
    intro: tuple[Element, ...] = ()
    if until is not None:
        intro = (Text(T("It closes on {moment}. Is that right? Then send it; else write it otherwise.", moment=until)),)
    elif form.filled:
        intro = (Text(T("What you filled in last time could not be taken yet. It is here again."), subtle=True),)
    modes = tuple(Option(mode, label) for mode, label in MODES.items())
    ways = (Option(NO, T("Openly")), Option(YES, T("Anonymously")))
    inputs = [
        Input("title", T("What is to be decided?"), value=values.get("title", ""), limit=TITLE),
        Input("options", T("What can be chosen"), "text", values.get("options", ""), limit=ROOM,
              hint=T("One on each line, up to {most}.", most=MOST_OPTIONS)),
        Input("mode", T("Who decides?"), "select", values.get("mode", ALL), options=modes),
        Input("people", T("Who, if not everybody"), value=values.get("people", ""), limit=PEOPLE, required=False,
              hint=T("For example: @mona, Tom Rossi")),
        _until(values),
        Input("anonymous", T("How?"), "select", values.get("anonymous", NO), options=ways,
              hint=T("Openly: everybody sees who chose what. Anonymously: nobody does, and no choice can be changed.")),
        Input("quorum", T("How many must take part?"), value=values.get("quorum", ""), limit=6, required=False,
              hint=T("Empty: however many do.")),
        Input("proposals", T("May people add choices?"), "select", values.get("proposals", NO), options=_yes()),
        Input("details", T("Details"), "text", values.get("details", ""), required=False, limit=ROOM),
    ]  # fmt: skip
    if places:
        where = tuple(Option(str(place.id), User(place.name)) for place in places)
        inputs.insert(0, Input("place", T("Where?"), "select", values.get("place", where[0].value), options=where))
    return Form(T("Let us decide"), "decisions.begin", form.id, tuple(inputs), T("Ask everybody"), intro)


def say(decision: Decision, options: Sequence[DecisionOption], voice: Voice | None, adds: bool) -> Form:
    """The form in which somebody has their say; what they said before is filled in. ``adds``: they may add a choice."""
    intro: list[Element] = [Text(User(decision.title))]
    if decision.anonymous:
        intro.append(Text(T("Anonymous: I keep that you took part, and how many chose what, but not who chose what. So "
                            "what you choose cannot be changed afterwards."), subtle=True))  # fmt: skip
    else:
        intro.append(Text(T("Everybody who reads this sees what you choose. You can change it until it closes."), True))
    before = str(voice.choice) if voice is not None and voice.choice else ""
    inputs = [_choice(options, before, required=not adds)]
    if adds:
        inputs.append(Input("another", T("Or something else"), limit=OPTION, required=False,
                            hint=T("Others can choose it, too.")))  # fmt: skip
    if not decision.anonymous:
        why = voice.reason or "" if voice is not None else ""
        inputs.append(Input("reason", T("Why?"), "text", why, required=False, limit=REASON))
    return Form(T("Have your say"), "decisions.say", decision.id, tuple(inputs), T("Send"), tuple(intro))


def decide(decision: Decision, options: Sequence[DecisionOption]) -> Form:
    """The form in which one person decides."""
    inputs = (
        _choice(options, ""),
        _reasons(decision, T("Why? Those who were heard read it, and those who ask later.")),
    )
    return Form(T("Decide"), "decisions.decide", decision.id, inputs, T("Decide"), (Text(User(decision.title)),))


def explain(decision: Decision) -> Form:
    """Why it was decided so."""
    inputs = (_reasons(decision, T("Those who ask later find it.")),)
    return Form(T("Say why"), "decisions.explain", decision.id, inputs, T("Save"), (Text(User(decision.title)),))


def extend(decision: Decision) -> Form:
    """Another end."""
    return Form(T("Another end"), "decisions.extend", decision.id, (_until({}),), T("Save"),
                (Text(User(decision.title)),))  # fmt: skip


def hand_to(decision: Decision) -> Form:
    """Who decides, where everybody could not."""
    who = Input("people", T("Who decides?"), limit=PEOPLE, hint=T("One person, such as @mona. You can name yourself."))
    return Form(T("Let one person decide"), "decisions.hand_to", decision.id, (who,), T("Ask them"),
                (Text(User(decision.title)),))  # fmt: skip


def values_of(decision: Decision, options: Sequence[DecisionOption], named: Sequence[Person]) -> dict[str, str]:
    """What stands in the form that decides it again; ``named``: those who were asked by name."""
    people = [decision.decider] if decision.decider is not None else named
    return {"title": decision.title, "options": "\n".join(each.words for each in options), "mode": decision.mode,
            "details": decision.details, "anonymous": YES if decision.anonymous else NO,
            "people": handles(people),
            "quorum": str(decision.quorum or ""), "proposals": YES if decision.proposals else NO}  # fmt: skip


def read(session: Session, asker: Person, values: Mapping[str, Any]) -> tuple[Wanted | None, Errors]:
    """What the form that begins a decision sent; none where something in it cannot be taken, and why."""
    mode = str(values.get("mode", ALL))
    anonymous = values.get("anonymous") == YES
    readers: dict[str, Callable[[], Any]] = {
        "title": lambda: _title(values),
        "options": lambda: _options(values),
        "people": lambda: _people(session, asker, values, mode, anonymous),
        "closes_at": lambda: until(asker, values),
        "quorum": lambda: _quorum(values),
        "details": lambda: text(values, "details", DETAILS, required=False),
    }
    found, errors = taken(readers)
    people: tuple[Person, ...] = found.get("people", ())
    if mode == NAMED and people and found.get("quorum", 0) > len(people):
        errors["quorum"] = Refusal("quorum_too_high", n=len(people))
    if errors:
        return None, errors
    language = detect(f"{found['title']}\n{found['details']}", asker.locale)
    return Wanted(**{**found, "language": language, "mode": mode, "anonymous": anonymous,
                     "proposals": values.get("proposals") == YES}), {}  # fmt: skip


def until(person: Person, values: Mapping[str, Any]) -> datetime:
    """When it closes, on the clock of whoever says so: at the end of their working day where only a day is named."""
    said = text(values, "until", MOMENT)
    try:
        found = moment_in(said, person.locale, person.zone, now(), person.work_to)
    except ValueError:
        raise Refusal("no_moment", field="until") from None
    if found <= now():
        raise Refusal("moment_past", field="until", moment=found)
    return found.astimezone(UTC).replace(second=0, microsecond=0)


def choice(values: Mapping[str, Any]) -> int:
    """The option that was chosen; 0 where none was, -1 where that is none."""
    said = str(values.get("choice") or NONE).strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else -1


def one_person(session: Session, asker: Person, values: Mapping[str, Any]) -> Person:
    """The one who is to decide."""
    found = _people(session, asker, values, ONE, False)
    return found[0]


def _title(values: Mapping[str, Any]) -> str:
    said = " ".join(text(values, "title", TITLE).split())
    if masked(said).found:
        raise Refusal("secret_in_title", field="title")
    return said


def _options(values: Mapping[str, Any]) -> tuple[str, ...]:
    """What can be chosen, one a line, each once."""
    said = text(values, "options", ROOM)
    lines = (" ".join(line.strip(" -*•\t").split()) for line in said.splitlines())
    found = list({line.casefold(): line for line in reversed([line for line in lines if line])}.values())[::-1]
    if len(found) < 2:
        raise Refusal("few_options", field="options")
    if len(found) > MOST_OPTIONS:
        raise Refusal("too_many_choices", field="options", most=MOST_OPTIONS)
    if longest := max(0, max(map(len, found)) - OPTION):
        raise Refusal("text_too_long", field="options", n=longest, most=OPTION)
    return tuple(masked(line).text for line in found)


def _people(
    session: Session, asker: Person, values: Mapping[str, Any], mode: str, anonymous: bool
) -> tuple[Person, ...]:
    said = text(values, "people", PEOPLE, required=False)
    if mode not in MODES:
        raise Refusal("unknown_mode", field="mode")
    if mode == ALL:
        if said:
            raise Refusal("everybody_decides", field="people")
        return ()
    if not said:
        raise Refusal("who_decides", field="people")
    found = tuple(resolve(session, asker, said).people)
    if mode == ONE and len(found) != 1:
        raise Refusal("one_decides", field="people")
    guest = next((person for person in found if person.kind != EMPLOYEE), None)
    if mode == ONE and guest is not None:
        raise Refusal("guest_decides", field="people", name=named(guest))
    if mode == NAMED and anonymous and len(found) < LEAST_ANONYMOUS:
        raise Refusal("too_few_for_anonymous", field="people", least=LEAST_ANONYMOUS)
    return found


def _quorum(values: Mapping[str, Any]) -> int:
    said = text(values, "quorum", 6, required=False)
    if said and not (said.isdecimal() and 0 < int(said) < 10_000):
        raise Refusal("no_quorum", field="quorum")
    return int(said or 0)


def _until(values: Mapping[str, str]) -> Input:
    hint = T("For example: tomorrow 17:00 · Friday · in 3 days")
    return Input("until", T("Until when?"), value=values.get("until", ""), limit=MOMENT, hint=hint)


def _choice(options: Sequence[DecisionOption], before: str, required: bool = True) -> Input:
    choices = tuple(Option(str(each.position), User(each.words)) for each in options)
    return Input("choice", T("Your choice"), "select", before, options=choices, required=required)


def _reasons(decision: Decision, hint: T) -> Input:
    return Input("reasons", T("Reasons"), "text", decision.reasons, hint, required=False, limit=ROOM)


def _yes() -> tuple[Option, ...]:
    return (Option(NO, T("No")), Option(YES, T("Yes")))
