"""What is said of a decision, in its thread and to those whom it concerns: who is missing, who decides, how it goes
on."""

from __future__ import annotations

from bot.cards import Actions, Button, Card, T, Text, User
from bot.mentions import mention, named
from handlers.decisions import cards
from handlers.decisions.cards import State
from models.decisions import steps
from models.decisions.tables import DECIDED, ONE, Decision
from models.people import Person


def asks_decider(state: State) -> Card:
    """Everybody was heard: it is for one person to decide."""
    decision = state.decision
    said = T("Now it is for you to decide: {title}", title=User(decision.title))
    shown = (
        Text(said),
        *cards.choices(state),
        *cards.reasons(state),
        *state.translation,
        cards.whole(decision),
    )
    return Card(
        said, (*shown, Actions((Button(T("Decide"), "decisions.decide", decision.id, "primary", opens="form"),)))
    )


def asks_why(state: State) -> Card:
    """It was decided by votes: those who ask later want to know why."""
    decision = state.decision
    said = T("“{title}” is decided: {option}. Say why in a few words, so that whoever asks later finds it.",
             title=User(decision.title), option=User(state.words(decision.chosen)))  # fmt: skip
    button = Button(T("Say why"), "decisions.explain", decision.id, "primary", opens="form")
    return Card(said, (Text(said), Actions((button,))))


def asks_asker(state: State) -> Card:
    """Nothing was chosen: whoever asked says how it goes on."""
    decision = state.decision
    said = T("“{title}”: how should it go on?", title=User(decision.title))
    why = cards.why_not(state, T("Nothing was decided in time."))
    return Card(said, (Text(said), Text(why), Actions(cards.managing(state))))


def all_said(state: State) -> Card:
    """Nobody is missing: whoever asked need not wait."""
    decision = state.decision
    said = T("Everybody has had their say on “{title}”. You can close it now.", title=User(decision.title))
    button = Button(T("Close it now"), "decisions.close", decision.id, "primary")
    return Card(said, (Text(said), Actions((button,))))


def reminder(state: State) -> Card:
    """To somebody who has said nothing."""
    decision = state.decision
    at = cards.moment(decision, decision.closes_at)
    said = T("Your say is still missing, until {moment}: {title}", moment=at, title=User(decision.title))
    return Card(said, (Text(said), Actions((_say(decision),))))


def reminder_here(state: State) -> Card:
    """The same in the thread, where everybody decides: it names nobody."""
    decision = state.decision
    at = cards.moment(decision, decision.closes_at)
    said = T("This closes on {moment}: {title}", moment=at, title=User(decision.title))
    return Card(said, (Text(said), Text(cards.progress(state.counted), subtle=True), Actions((_say(decision),))))


def goes_on(state: State) -> Card:
    """It has another end; said in the thread."""
    decision = state.decision
    at = cards.moment(decision, decision.closes_at)
    if decision.mode == ONE and decision.decider is not None and decision.next_step == steps.REMIND_DECIDER:
        said = T("{name} decides now: {title}", name=mention(decision.decider), title=User(decision.title))
    else:
        said = T("You have until {moment} to decide: {title}", moment=at, title=User(decision.title))
    return Card(said, (Text(said), Actions((_say(decision),))))


def over(state: State) -> Card:
    """What a line that said until when becomes."""
    said = cards.outcome(state)
    return Card(said, (Text(User(state.decision.title), subtle=True), Text(said)))


def not_decided(state: State) -> Card:
    """Its time is over; said in the thread."""
    said = cards.outcome(state)
    title = Text(User(state.decision.title), subtle=True)
    note = T("{name} says how it goes on.", name=named(state.decision.asker))
    return Card(said, (title, Text(said), Text(note, subtle=True)))


def withdrawn(decision: Decision, before: str) -> Card:
    """Nobody needs it any more, or it does not hold any more; said in the thread."""
    if before == DECIDED:
        said = T("This does not hold any more: {title}", title=User(decision.title))
    else:
        said = T("This need not be decided any more: {title}", title=User(decision.title))
    return Card(said, (Text(said),))


def who_can(decision: Decision, keeper: Person | None) -> T:
    """Who alone can do more with it: its ``keeper``, or administrators where none is left."""
    name = named(decision.asker)
    if keeper is None:
        return T("{name}, who asked, has left. Only an administrator can change it.", name=name)
    if keeper == decision.asker:
        return T("Only {name}, who asked, can close or change it.", name=name)
    return T("{name}, who asked, has left. Only {other} can change it.", name=name, other=named(keeper))


def looks_after(state: State, left: Person) -> Card:
    """To who looks after it, since who did has left."""
    decision = state.decision
    said = T("{name} has left. “{title}” is yours to look after now.", name=named(left), title=User(decision.title))
    return Card(said, (Text(said), cards.whole(decision), Actions(cards.managing(state))))


def _say(decision: Decision) -> Button:
    return Button(T("Have your say"), "decisions.say", decision.id, "primary", opens="form")
