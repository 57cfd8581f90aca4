"""What was decided becomes knowledge, in the language of the decision, and goes with it."""

from __future__ import annotations

from bot.cards import T, User
from bot.mentions import named
from bot.previews import plain
from bot.texts import Reader, say
from bot.turn import Turn
from bot.words import in_a_row
from handlers.decisions import cards, showing
from handlers.decisions.cards import State
from models.decisions import knowledge
from models.decisions.tables import Decision

_TITLE = 250  # characters: the question and what was chosen


def follow(turn: Turn, decision: Decision) -> None:
    """Let it be found as it reads now, unless a later one took its place meanwhile."""
    state = showing.state_of(turn.session, decision)
    if state.replaced is not None:
        return
    knowledge.publish(turn.session, decision, title(state), body(state))


def forget(turn: Turn, decision: Decision) -> None:
    """It does not hold any more."""
    knowledge.forget(turn.session, decision)


def title(state: State) -> str:
    """What was to be decided, and what was."""
    asked = state.decision.title
    between = " " if asked.endswith(("?", "؟", ".", "!", ":")) else ": "
    return f"{asked}{between}{state.words(state.decision.chosen)}"[:_TITLE]


def body(state: State) -> str:
    """What was decided, why, by whom, and what else could have been: Markdown."""
    decision = state.decision
    reader = Reader(decision.language, decision.asker.timezone)
    chosen = User(plain(state.words(decision.chosen)))
    parts = [say(T("We decided: {option}", option=chosen), reader)]
    if decision.reasons:
        parts.append(decision.reasons)
    parts += [
        say(T("{name}: {reason}", name=named(each.person), reason=User(plain(" ".join(each.reason.split())))), reader)
        for each in state.said
        if each.reason and each.choice == decision.chosen
    ]
    parts.append(say(cards.by_whom(state), reader))
    others = [User(plain(each.words)) for each in state.options if each.position != decision.chosen]
    parts.append(say(T("Not chosen: {options}", options=in_a_row(others)), reader))
    return "\n\n".join(parts)
