"""The log of decisions: listed, looked through, opened, and shown where people post links to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Divider, Element, Heading, Link, Markdown, Reply, T, Text, User
from bot.inbound import Inbound
from bot.router import Hit, Page, Router
from bot.translating import on_page_of
from bot.turn import Turn
from handlers.decisions import cards, showing
from models import access
from models.base import Refusal
from models.decisions import log
from models.decisions.find import find
from models.decisions.tables import DECIDED, OPEN, Decision
from models.people import Person
from models.search.language import detect
from models.search.pool import Space, Vector

router = Router()
_LISTED, _FOUND, _ALL, _WORDS = 10, 8, 200, 300


@router.command("decisions", T("/decisions: what was decided; /decisions words: look for one; /decisions 12: that one"))
def decisions(turn: Turn) -> Reply | None:
    """Without words the newest; with a number that one; with words those that are about them."""
    said = turn.inbound.text.strip()
    number = said.lstrip("#")
    if not said:
        turn.whisper(_list(turn.session, turn.actor))
    elif number.isascii() and number.isdecimal():
        if len(number) >= 18:
            raise Refusal("unknown_decision")
        decision = turn.fetch(Decision, int(number), to="read")
        turn.whisper(cards.as_it_is(showing.state_of(turn.session, decision, turn.actor)))
    else:
        words = said[:_WORDS]
        found = find(turn.session, turn.actor, words, detect(words, turn.actor.locale), _FOUND, turn.vectors(words))
        turn.whisper(_found(turn.session, words, [one.decision for one in found]))
    return None


@router.button("decisions.list")
def listed(turn: Turn, id: int) -> Reply | None:
    """The newest, from one's home."""
    turn.whisper(_list(turn.session, turn.actor))
    return None


@router.seeks("command", "decisions")
def sought(session: Session, inbound: Inbound) -> list[str]:
    """What ``/decisions`` looks for."""
    said = inbound.text.strip()[:_WORDS]
    return [said] if said and not said.lstrip("#").isdecimal() else []


@router.page("/decisions")
def page(session: Session, person: Person) -> Page:
    """All that was decided, newest first; what is still open comes before."""
    found = log.log(session, person, _ALL + 1, (OPEN, DECIDED))
    if not found:
        return Page(T("Decisions"), (Text(T("Nothing was decided yet where you can read it.")),))
    more = (Text(T("There are more: look for them by words, as in /decisions parking."), subtle=True),)
    shown = [*_lines(session, found[:_ALL]), *(more if len(found) > _ALL else ())]
    return Page(T("Decisions"), tuple(shown))


@router.page("/decisions/{id}")
def one(session: Session, person: Person, id: int) -> Page:
    """One of them: what, why, who and when, and what came before and after it."""
    decision = session.get(Decision, id)
    if decision is None or not access.may(session, person, "read", decision):
        raise Refusal("not_found")
    state = showing.state_of(session, decision)
    shown: list[Element] = [Text(cards.outcome(state) if decision.state != OPEN else cards.progress(state.counted))]
    shown += on_page_of(session, "decision", decision, person)
    if decision.details:
        shown.append(Markdown(decision.details, decision.language))
    shown += [*cards.reasons(state, most=_ALL), *cards.choices(state)]
    note = cards.anonymous_note(state)
    lines = [*([note] if note else []), *cards.terms(state)] if decision.state == OPEN else [cards.by_whom(state)]
    shown += [Text(words, subtle=True) for words in lines if decision.state in (OPEN, DECIDED)]
    shown += _history(session, person, state)
    return Page(User(decision.title), tuple(shown), decision.language)


@router.unfurl("/decisions/{id}")
def unfurled(session: Session, keys: Sequence[str], id: int) -> Card | None:
    """One, where everybody who reads it there may."""
    decision = session.get(Decision, id)
    if decision is None or set(decision.audience).isdisjoint(keys):
        return None
    state = showing.state_of(session, decision)
    title = Text(User(decision.title), subtle=True)
    if decision.state != DECIDED:
        words = cards.outcome(state) if decision.state != OPEN else cards.progress(state.counted)
        return Card(User(decision.title), (Heading(User(decision.title)), Text(words)))
    return Card(cards.outcome(state), (title, Heading(cards.outcome(state)), *cards.reasons(state)))


@router.search("decisions", T("Search decisions"), T("Find what was decided and why, and put it into your message."))
def search(session: Session, person: Person, words: str, vectors: Mapping[Space, Vector]) -> Sequence[Hit]:
    """What was decided about ``words``. A message gets what was to be decided and the link: who is there may not be
    known."""
    wanted = words.replace("\0", "").strip()[:_WORDS]
    if not wanted:
        return []
    found = find(session, person, wanted, detect(wanted, person.locale), _FOUND, vectors)
    options = log.chosen(session, [each.decision for each in found])
    return [_hit(each.decision, options.get(each.decision.id, "")) for each in found]


@router.home(15, digest=True)
def section(session: Session, person: Person) -> tuple[Element, ...]:
    """What waits for their say."""
    waiting = log.waiting(session, person, 5)
    if not waiting:
        return ()
    shown: list[Element] = [Heading(T("To be decided"))]
    for decision in waiting:
        form = "decisions.decide" if decision.decider_id == person.id else "decisions.say"
        label = T("Decide") if decision.decider_id == person.id else T("Have your say")
        shown += [*cards.line(decision, ""), Actions((Button(label, form, decision.id, opens="form"),))]
    return tuple(shown)


def _list(session: Session, person: Person) -> Card:
    found = log.log(session, person, _LISTED, (OPEN, DECIDED))
    begin = Actions((Button(T("Let us decide"), "decisions.new", 0, opens="form"),))
    if not found:
        said = T("Nothing was decided yet where you can read it. Use “Let us decide” on a message, or /decide.")
        return Card(said, (Text(said), begin))
    said = T("The newest decisions:")
    return Card(said, (Heading(T("Decisions")), *_lines(session, found), Link(T("All of them"), "/decisions"), begin))


def _found(session: Session, words: str, found: Sequence[Decision]) -> Card:
    if not found:
        said = T("I know no decision about “{words}”. Try other words, or /decisions alone.", words=User(words))
        return Card(said, (Text(said), Link(T("All of them"), "/decisions")))
    said = T("Decided about “{words}”:", words=User(words))
    return Card(said, (Text(said), *_lines(session, found)))


def _lines(session: Session, found: Sequence[Decision]) -> list[Element]:
    options = log.chosen(session, found)
    return [part for each in found for part in cards.line(each, options.get(each.id, ""))]


def _history(session: Session, person: Person, state: cards.State) -> list[Element]:
    """What took its place, and whose place it took, as far as they may read that."""
    before = [each for each in log.earlier(session, state.decision) if access.may(session, person, "read", each)]
    after = state.replaced
    shown: list[Element] = []
    if after is not None and access.may(session, person, "read", after):
        shown += [Divider(), cards.replaced(after)]
    if before:
        shown += [Divider(), Heading(T("Decided before")), *_lines(session, before)]
    return shown


def _hit(decision: Decision, option: str) -> Hit:
    title, about = User(decision.title), T("Decided: {option}", option=User(option))
    shown = (Heading(title), Link(T("What was decided, and why"), cards.path(decision)))
    return Hit(title, about, Card(title, shown))
