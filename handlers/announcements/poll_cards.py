"""What people see of the polls of an announcement."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Element, Fields, Form, Input, Option, T, Text, User, Words
from models.announcements.polls import STEP, Results
from models.announcements.tables import MULTIPLE, SCALE, Ballot, Poll

SINGLE_FIELD = "choice"


def form(poll: Poll, before: Sequence[int] = ()) -> Form:
    """The form in which a reader chooses; what they chose ``before`` is filled in."""
    intro: list[Element] = [Text(User(poll.words))]
    if poll.anonymous:
        note = T("Anonymous: I keep that you took part, and how many chose what, but not who chose what. So what you "
                 "choose cannot be changed afterwards.")  # fmt: skip
        intro.append(Text(note, subtle=True))
    else:
        intro.append(Text(T("Whoever announced it sees what you choose. You can change it later."), subtle=True))
    return Form(T("Choose"), "announcements.poll", poll.id, tuple(_inputs(poll, before)), T("Send"), tuple(intro))


def chosen(poll: Poll, values: dict[str, object]) -> list[int]:
    """The options that were chosen in the form, from 1; what is no number of one is 0."""
    if poll.kind == MULTIPLE:
        return [number for number in range(1, len(poll.options) + 1) if values.get(_field(number)) == "yes"]
    value = str(values.get(SINGLE_FIELD, "")).strip()
    return [int(value) if value.isdecimal() and len(value) < 4 else 0] if value else []


def voted(poll: Poll, given: Ballot, found: Results | None) -> tuple[Element, ...]:
    """What stands below a poll once its reader took part; ``found`` where they may see that."""
    elements: list[Element] = []
    if given.choices is None:
        elements.append(Text(T("✓ You took part."), subtle=True))
    else:
        names = ", ".join(poll.options[each - 1] for each in given.choices if each <= len(poll.options))
        elements.append(Text(T("✓ You chose: {options}", options=User(names)), subtle=True))
    if found is not None:
        elements += outcome(poll, found)
    if not poll.anonymous:
        change = Button(T("Choose otherwise"), "announcements.poll", poll.id, opens="form")
        elements.append(Actions((change,)))
    return tuple(elements)


def outcome(poll: Poll, found: Results) -> tuple[Element, ...]:
    """How many chose what."""
    if found.hidden:
        words = T(
            "The result appears once {n} person took part.", "The result appears once {n} people took part.", n=STEP
        )
        return (Text(words, subtle=True),)
    share = max(1, found.people)
    pairs: list[tuple[Words, Words]] = [
        (User(option), T("{n} ({percent} %)", n=votes, percent=round(100 * votes / share)))
        for option, votes in zip(poll.options, found.votes, strict=True)
    ]
    shown: list[Element] = [Text(T("{n} person took part.", "{n} people took part.", n=found.people), subtle=True)]
    if poll.anonymous:
        shown.append(Text(T("Counted in steps of {n}, so that nobody's choice can be told.", n=STEP), subtle=True))
    if poll.kind == SCALE and found.people:
        total = sum(at * votes for at, votes in enumerate(found.votes, 1))
        shown.append(Text(T("On average: {number}", number=User(f"{total / found.people:.1f}")), subtle=True))
    return (Fields(tuple(pairs)), *shown)


def _inputs(poll: Poll, before: Sequence[int]) -> list[Input]:
    if poll.kind == MULTIPLE:
        yes = (Option("yes", T("Yes")), Option("no", T("No")))
        return [
            Input(_field(number), T("{option}", option=User(option)), "select", "yes" if number in before else "no",
                  required=False, options=yes)
            for number, option in enumerate(poll.options, 1)
        ]  # fmt: skip
    options = tuple(Option(str(number), User(_named(poll, number))) for number in range(1, len(poll.options) + 1))
    value = str(before[0]) if before else ""
    return [Input(SINGLE_FIELD, T("Your choice"), "select", value, options=options)]


def _named(poll: Poll, number: int) -> str:
    """On a scale the number counts; the ends may have words."""
    option = poll.options[number - 1]
    return f"{number} – {option}" if poll.kind == SCALE and option != str(number) else option


def _field(number: int) -> str:
    return f"option{number}"
