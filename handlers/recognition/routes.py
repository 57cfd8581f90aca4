"""The ways to thank, and to see what people gave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Element, Heading, Link, Reply, T
from bot.router import Page, Router
from bot.turn import Turn
from handlers.recognition import actions, cards
from models import access, joins, recognition
from models.base import Refusal
from models.facts import Fact
from models.knowledge import Entry
from models.people import EMPLOYEE, Person, by_handle
from models.questions import Question
from models.thanks import choice

router = Router()
router.refusal(
    thanked_already=T("You have said thanks for this already."),
    nobody_to_thank=T("There is nobody to thank: it is not solved, or whoever wrote the answer has left."),
    no_profile=T("I have nothing to show of them. Check the name, or write /thanks alone for what you gave yourself."),
    no_ranking=T("Your company does not compare people here."),
)
_LISTED, _ENTRIES, _RANKED = 50, 10, 50


@router.button("recognition.thank")
def thank(turn: Turn, question_id: int) -> Reply:
    """Whoever asked wants to thank."""
    question = turn.fetch(Question, question_id, to="solve")
    return turn.open(cards.thank_form(question, turn.actor, actions.check_whom(turn, question)))


@router.form("recognition.thank")
def thanked(turn: Turn, question_id: int, values: dict[str, Any]) -> Reply:
    """Whoever asked thanks."""
    words = actions.check_words(str(values.get("words") or ""))
    actions.do_thank(turn, turn.fetch(Question, question_id, to="solve"), words)
    return Reply(notice=T("Your thanks are on their way."))


@router.timer("recognition.thanks")
def tell_thanks(turn: Turn, person_id: int) -> None:
    """Somebody was thanked."""
    person = _told(turn, person_id)
    if person is not None:
        actions.do_tell_thanks(turn, person)


@router.fact("question.solved")
def solved_again(turn: Turn, fact: Fact) -> None:
    """What somebody wrote helped once more."""
    if fact.data.get("entry_id") is not None:
        actions.plan_again(turn, turn.session.get_one(Question, fact.entity_id))


@router.timer("recognition.again")
def tell_again(turn: Turn, person_id: int, since: str) -> None:
    """Somebody's entries helped."""
    person = _told(turn, person_id)
    if person is not None:
        actions.do_tell_again(turn, person, datetime.fromisoformat(since))


@router.command("thanks", T("/thanks: what you gave, and for what; /thanks name: what a colleague gave"))
def show(turn: Turn) -> Reply | None:
    """``/thanks`` and ``/thanks HANDLE``."""
    name = turn.inbound.text.strip()
    other = by_handle(turn.session, name) if name else turn.actor
    if other is not None and other.id == turn.actor.id:
        turn.whisper(cards.own(turn.actor, recognition.gave(turn.session, turn.actor)))
    else:
        found = _profile(turn.session, turn.actor, other)
        turn.whisper(cards.shown(found[0], found[1]))
    return None


@router.page("/thanks/{id}")
def page(session: Session, person: Person, id: int) -> Page:
    """What somebody gave; of oneself also for what."""
    other = session.get(Person, id)
    if other is None or other.id != person.id:
        found, gave = _profile(session, person, other)
        return Page(found.name, cards.profile(found, gave, _helped(session, person, gave)))
    return Page(T("What you gave"), _mine(session, person, recognition.gave(session, person)))


@router.page("/ranking")
def ranking(session: Session, person: Person) -> Page:
    """Who gave most, where the company wants that, for administrators."""
    access.require(session, person, "administer", "company")
    if not recognition.ranking_wanted():
        raise Refusal("no_ranking")
    return Page(T("Who gave most"), cards.ranking(recognition.ranking(session, _RANKED)))


@router.home(45)
def what_i_gave(session: Session, person: Person) -> tuple[Element, ...]:
    """What I gave, and how I want to be thanked."""
    return cards.home(person, recognition.often(session, person))


@router.home(91)
def way_to_ranking(session: Session, person: Person) -> tuple[Element, ...]:
    """An administrator's way to the ranking, where there is one."""
    if not recognition.ranking_wanted() or not access.may(session, person, "administer", "company"):
        return ()
    return (Heading(T("Who gave most")), Link(T("Open the list"), "/ranking"))


@router.digest(45)
def helped_since(session: Session, person: Person, since: datetime) -> tuple[Element, ...]:
    """Whom my entries helped since I was told last."""
    if not choice(session, person).told:
        return ()
    return cards.again_digest(recognition.helped_again(session, person, since))


@router.button("recognition.settings")
def settings(turn: Turn, id: int) -> Reply:
    """The form."""
    return turn.open(cards.settings_form(choice(turn.session, turn.actor)))


@router.form("recognition.settings")
def change(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """They chose how they want to be thanked."""
    counted, told = (values.get(name) == cards.YES for name in ("counted", "told"))
    actions.do_choose(turn, counted, told)
    turn.whisper(cards.chosen(counted, told))
    return None


@router.button("recognition.quiet")
def quiet(turn: Turn, id: int) -> Reply | None:
    """No more messages."""
    actions.do_choose(turn, choice(turn.session, turn.actor).counted, False)
    turn.replace(cards.quiet())
    return None


@router.button("recognition.undo")
def undo(turn: Turn, id: int) -> Reply | None:
    """Messages after all."""
    counted = choice(turn.session, turn.actor).counted
    actions.do_choose(turn, counted, True)
    turn.replace(cards.chosen(counted, True))
    return None


def _told(turn: Turn, person_id: int) -> Person | None:
    """Who ``person_id`` is by now, locked, so that nobody is told twice; ``None`` where they have left."""
    person = joins.who_stands_for(turn.session, turn.session.get_one(Person, person_id))
    person = turn.session.get_one(Person, person.id, with_for_update=True, populate_existing=True)
    return person if person.active else None


def _profile(session: Session, reader: Person, other: Person | None) -> tuple[Person, recognition.Gave]:
    """What another gave. Of who does not want that, has left or is not known, the same is said."""
    seen = other is not None and other.active and EMPLOYEE == other.kind == reader.kind
    found = recognition.gave(session, other) if other is not None and seen else None
    if other is None or found is None:
        raise Refusal("no_profile")
    return other, found


def _helped(session: Session, reader: Person, gave: recognition.Gave) -> list[tuple[Entry, int]]:
    """The entries with which they helped that ``reader`` may read, and how many people each helped."""
    numbers = {credit.entry_id for credit in gave.credits if credit.kind == recognition.REUSED}
    entries = session.scalars(select(Entry).where(Entry.id.in_(numbers)).order_by(Entry.id.desc())).all()
    readable = access.readable(entries, session, reader)[:_ENTRIES]
    return [(entry, recognition.helped(session, entry)) for entry in readable]


def _mine(session: Session, person: Person, gave: recognition.Gave | None) -> tuple[Element, ...]:
    shown = gave.credits[:_LISTED] if gave else ()
    asked = select(Question).where(Question.id.in_({one.question_id for one in shown}))
    written = select(Entry).where(Entry.id.in_({one.entry_id for one in shown}))
    questions = [one for one in session.scalars(asked) if access.may(session, person, "read", one)]
    entries = access.readable(session.scalars(written), session, person)
    read = ({one.id: one for one in questions}, {one.id: one for one in entries})
    return cards.mine(gave, *read, _LISTED)
