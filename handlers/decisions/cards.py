"""What people see of a decision: one card in its thread and in the chats of those who were asked, the same for all of
them, and what is said when something comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Actions, Button, Card, Element, Fields, Heading, Link, Markdown, Moment, T, Text, User, Words
from bot.mentions import named
from bot.shorten import shortened
from bot.words import in_a_row
from models.decisions.counting import LEAST_SHOWN, Count, least, may_go_on, shows_votes
from models.decisions.tables import DECIDED, NAMED, ONE, OPEN, UNDECIDED, Decision, DecisionOption
from models.decisions.voices import Said
from models.people import Person

_NAMED, _REASONS, _DETAILS, _REASON = 8, 5, 1_500, 300


@dataclass(frozen=True)
class State:
    """A decision with all that is shown of it. ``replaced``: the decision that took its place; ``translation``: the way
    to it in another language."""

    decision: Decision
    options: Sequence[DecisionOption]
    counted: Count
    said: Sequence[Said] = ()
    named: Sequence[Person] = ()
    replaced: Decision | None = None
    translation: tuple[Actions, ...] = ()

    def words(self, position: int | None) -> str:
        """The option at this position."""
        return next((each.words for each in self.options if each.position == position), "")


def path(decision: Decision) -> str:
    """Its page."""
    return f"/decisions/{decision.id}"


def whole(decision: Decision) -> Link:
    """The way to it."""
    return Link(T("All about this decision"), path(decision))


def of(state: State) -> Card:
    """The card that was posted when it began, as it reads now."""
    return running(state) if state.decision.state == OPEN else ended(state)


def as_it_is(state: State) -> Card:
    """The same, or in full what was decided."""
    return result(state) if state.decision.state == DECIDED else of(state)


def running(state: State) -> Card:
    """While people have their say."""
    decision = state.decision
    said: Words = T("{name} asks you to decide: {title}", name=named(decision.asker), title=User(decision.title))
    buttons = [Button(T("Have your say"), "decisions.say", decision.id, "primary", opens="form")]
    if decision.mode == ONE:
        buttons.append(Button(T("Decide"), "decisions.decide", decision.id, opens="form"))
    buttons.append(Button(T("More"), "decisions.more", decision.id))
    shown = [
        Text(T("{name} asks you to decide:", name=named(decision.asker)), subtle=True),
        Heading(User(decision.title)),
        *_details(decision),
        *choices(state),
        Text(progress(state.counted)),
        *(Text(line, subtle=True) for line in terms(state)),
        *state.translation,
        Actions(tuple(buttons)),
    ]
    return Card(said, tuple(shown))


def ended(state: State) -> Card:
    """Once it is over: short, since what came of it is posted below."""
    decision = state.decision
    said = outcome(state)
    shown: list[Element] = [Heading(User(decision.title)), Text(said), *state.translation]
    if state.replaced is not None:
        shown.append(replaced(state.replaced))
    return Card(said, (*shown, whole(decision)))


def outcome(state: State) -> T:
    """What came of it, in one sentence."""
    decision, title = state.decision, User(state.decision.title)
    if decision.state == DECIDED:
        return T("Decided: {option}", option=User(state.words(decision.chosen)))
    if decision.state == UNDECIDED:
        return why_not(state, T("Not decided: {title}", title=title))
    return T("Withdrawn: {title}", title=title)


def why_not(state: State, otherwise: T) -> T:
    """Why nothing was chosen."""
    counted, needed = state.counted, least(state.decision)
    if state.decision.mode == ONE:
        return otherwise
    if counted.people < needed:
        return T(
            "Not decided: {n} person took part, and {least} were needed.",
            "Not decided: {n} people took part, and {least} were needed.",
            n=counted.people,
            least=needed,
        )
    most = max(counted.votes.values(), default=0)
    first = [state.words(option) for option, number in counted.votes.items() if number == most]
    return T("Not decided: there was a tie between {options}.", options=in_a_row([User(words) for words in first]))


def result(state: State) -> Card:
    """What was decided, and why: posted in the thread."""
    decision = state.decision
    said = outcome(state)
    task = Button(T("Make a task of it"), "tasks.from_decision", decision.id, opens="form")
    shown: list[Element] = [Text(User(decision.title), subtle=True), Heading(said), *reasons(state)]
    if shows_votes(decision, state.counted) and state.counted.people:
        shown += choices(state)
    shown += [Text(by_whom(state), subtle=True), *state.translation]
    if state.replaced is not None:
        shown.append(replaced(state.replaced))
        return Card(said, (*shown, whole(decision)))
    more = Button(T("More"), "decisions.more", decision.id)
    return Card(T("{title} Decided: {option}", title=User(decision.title), option=User(state.words(decision.chosen))),
                (*shown, whole(decision), Actions((task, more))))  # fmt: skip


def reasons(state: State, most: int = _REASONS) -> list[Element]:
    """Why it was decided so, and what those said who chose it, as far as they did so openly."""
    decision = state.decision
    shown: list[Element] = [Markdown(decision.reasons, decision.language)] if decision.reasons else []
    given = [each for each in state.said if each.reason]
    given.sort(key=lambda each: each.choice != decision.chosen)
    for each in given[:most]:
        option = User(state.words(each.choice))
        words = User(shortened(each.reason, _REASON))
        shown.append(Text(T("{name}, for {option}: {reason}", name=named(each.person), option=option, reason=words)))
    if len(given) > most:
        left = len(given) - most
        shown.append(Text(T("{n} more reason", "{n} more reasons", n=left), subtle=True))
    return shown


def choices(state: State) -> list[Element]:
    """What can be chosen, and who chose it, or how many, as far as that may be shown."""
    if not shows_votes(state.decision, state.counted):
        return [Text(User(f"{each.position}. {each.words}")) for each in state.options]
    pairs: list[tuple[Words, Words]] = []
    for each in state.options:
        people = [one.person for one in state.said if one.choice == each.position]
        votes = state.counted.votes.get(each.position, 0)
        pairs.append((User(each.words), _votes(votes, people)))
    return [Fields(tuple(pairs))]


def progress(counted: Count) -> T:
    """How many have had their say."""
    if counted.asked is None:
        return T("{n} person has had their say.", "{n} people have had their say.", n=counted.people)
    return T("{n} of {all} has had their say.", "{n} of {all} have had their say.", n=counted.people, all=counted.asked)


def terms(state: State) -> list[T]:
    """Who decides, until when, and how."""
    decision = state.decision
    lines = [who(state, moment(decision, decision.closes_at))]
    if decision.anonymous:
        lines.append(T("Anonymous: nobody sees who chose what, and the result appears when it closes."))
    if decision.quorum > 1 and decision.mode != ONE:
        lines.append(T("At least {n} person must take part.", "At least {n} people must take part.", n=decision.quorum))
    if decision.proposals:
        lines.append(T("You can add choices."))
    return lines


def who(state: State, until: Words) -> T:
    """Who decides, and until when."""
    decision = state.decision
    if decision.mode == ONE and decision.decider is not None:
        return T("{name} decides, after hearing everybody until {moment}.", name=named(decision.decider), moment=until)
    if decision.mode == NAMED and state.named:
        return T("{names} decide, until {moment}.", names=_names(state.named), moment=until)
    return T("Everybody here decides, until {moment}.", moment=until)


def by_whom(state: State) -> T:
    """Who decided, and when."""
    decision = state.decision
    day = moment(decision, decision.decided_at or decision.changed_at, date_only=True)
    if decision.mode == ONE and decision.decider is not None:
        return T("{name} decided this on {day}. {asker} had asked.", name=named(decision.decider), day=day,
                 asker=named(decision.asker))  # fmt: skip
    n = state.counted.people
    return T(
        "{n} person decided this on {day}. {asker} had asked.",
        "{n} people decided this on {day}. {asker} had asked.",
        n=n,
        day=day,
        asker=named(decision.asker),
    )


def line(decision: Decision, option: str) -> tuple[Element, ...]:
    """One in a list: what was decided, when, and the way to it."""
    title = User(decision.title)
    if decision.state == DECIDED:
        at = moment(decision, decision.decided_at or decision.changed_at, date_only=True)
        about = T("Decided on {day}: {option}", day=at, option=User(option))
    elif decision.state == OPEN:
        about = T("Open until {moment}", moment=moment(decision, decision.closes_at))
    else:
        about = T("Not decided") if decision.state == UNDECIDED else T("Withdrawn")
    return (Link(title, path(decision)), Text(about, subtle=True))


def more(state: State, manages: bool, who_can: T) -> Card:
    """What else can be done with it, for who ``manages`` it; the others read who does."""
    decision = state.decision
    said: Words = outcome(state) if decision.state != OPEN else User(decision.title)
    shown: list[Element] = [Text(User(decision.title), subtle=True)]
    shown.append(Text(progress(state.counted) if decision.state == OPEN else said))
    if decision.state == OPEN and not decision.anonymous:
        shown += reasons(state)
    shown += [*state.translation, whole(decision)]
    if not manages:
        return Card(said, (*shown, Text(who_can, subtle=True)))
    return Card(said, (*shown, Actions(managing(state))))


def moment(decision: Decision, at: datetime, date_only: bool = False) -> Moment:
    """A moment as many read it: on the clock of whoever asked."""
    return Moment(at, date_only, decision.asker.timezone)


def anonymous_note(state: State) -> T | None:
    """Why no figures are shown."""
    if state.decision.state == OPEN or shows_votes(state.decision, state.counted):
        return None
    return T("How many chose what is shown from {n} people on.", n=LEAST_SHOWN)


def managing(state: State) -> tuple[Button, ...]:
    """What whoever asked, or decides, can do now."""
    decision, number = state.decision, state.decision.id
    drop = Button(T("Withdraw it"), "decisions.withdraw", number, "danger", confirm=T("Nobody can choose any more."))
    again = Button(T("Decide again"), "decisions.again", number, opens="form")
    if decision.state == DECIDED:
        gone = Button(T("It does not hold any more"), "decisions.withdraw", number, "danger",
                      confirm=T("It stays in the log, as withdrawn."))  # fmt: skip
        return (Button(T("Say why"), "decisions.explain", number, opens="form"), again, gone)
    if decision.state == OPEN:
        end = Button(T("Another end"), "decisions.extend", number, opens="form")
        if decision.mode == ONE:
            return (Button(T("Decide"), "decisions.decide", number, opens="form"), end, drop)
        return (Button(T("Close it now"), "decisions.close", number), end, _hand_to(decision), drop)
    if decision.state == UNDECIDED:
        longer = Button(T("Give it more time"), "decisions.extend", number, "primary", opens="form")
        return (longer if may_go_on(decision, state.counted) else again, _hand_to(decision), drop)
    return (again,)


def _hand_to(decision: Decision) -> Button:
    return Button(T("Let one person decide"), "decisions.hand_to", decision.id, opens="form")


def _details(decision: Decision) -> tuple[Element, ...]:
    if not decision.details:
        return ()
    return (Markdown(shortened(decision.details, _DETAILS), decision.language),)


def replaced(by: Decision) -> Element:
    """The way to what took its place."""
    return Link(T("A later decision took its place: {title}", title=User(by.title)), path(by))


def _names(people: Sequence[Person]) -> Words:
    """The first of them, each as their reader reads names, and how many more there are."""
    words = named(people[0])
    for each in people[1:_NAMED]:
        words = T("{first}, {second}", first=words, second=named(each))
    if len(people) > _NAMED:
        left = T("{n} more", "{n} more", n=len(people) - _NAMED)
        words = T("{first}, {second}", first=words, second=left)
    return words


def _votes(votes: int, people: Sequence[Person]) -> Words:
    if not votes:
        return T("nobody")
    if not people:
        return User(str(votes))
    return T("{n}: {names}", n=votes, names=_names(people))
