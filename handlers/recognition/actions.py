"""What thanking does: ``check_*`` refuses, ``do_*`` changes the state, then sends and emits."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.recognition import cards
from models import recognition
from models.base import Refusal
from models.digests import OFF
from models.experts import absences_of
from models.hours import next_working
from models.people import Person
from models.questions import Question
from models.thanks import MOST, choice, choose, last_told, thank, thanked, waiting, whom

DAY, WEEK = timedelta(days=1), timedelta(days=7)
_THANKS, _AGAIN = "recognition.thanks", "recognition.again"


def check_whom(turn: Turn, question: Question) -> list[Person]:
    """Who is thanked; refused where there is nobody, or they were."""
    if thanked(turn.session, question):
        raise Refusal("thanked_already")
    people = whom(turn.session, question)
    if not people:
        raise Refusal("nobody_to_thank")
    return people


def check_words(text: str) -> str:
    """The words on one line, without the spaces around them; refused where they are too long."""
    words = " ".join(text.replace("\0", "").split())
    if len(words) > MOST:
        raise Refusal("too_long", field="words", most=MOST)
    return words


def do_thank(turn: Turn, question: Question, words: str) -> None:
    """Whoever asked thanks whoever wrote what solved it."""
    people = check_whom(turn, question)
    kept = without_secrets(turn, words).text
    for person in people:
        said = thank(turn.session, question, turn.actor, person, kept or None)
        turn.emit("thanks.given", said, question_id=question.id)
        plan_thanks(turn, person)


def plan_thanks(turn: Turn, person: Person) -> None:
    """They are told when they work: at once, unless they were within a day. What comes meanwhile goes along."""
    before = last_told(turn.session, person)
    _later(turn, person, _THANKS, before + DAY if before else turn.now)


def do_tell_thanks(turn: Turn, person: Person) -> None:
    """Tell ``person`` who thanked them. Who wants no messages finds the number at home."""
    found = waiting(turn.session, person)
    if not found or not choice(turn.session, person).told:
        return
    before = last_told(turn.session, person)
    if (before is not None and before + DAY > turn.now) or not _works(turn, person):
        plan_thanks(turn, person)
    elif turn.send(person, cards.thanks(found)):
        for one in found:
            one.told_at = turn.now


def plan_again(turn: Turn, question: Question) -> None:
    """An entry solved it: who wrote that hears of it tomorrow, or a week after they last did."""
    for person in whom(turn.session, question):
        told_until = choice(turn.session, person).told_until
        due = max(turn.now + DAY, told_until + WEEK) if told_until else turn.now + DAY
        _later(turn, person, _AGAIN, due, since=turn.now.isoformat())


def do_tell_again(turn: Turn, person: Person, since: datetime) -> None:
    """Tell ``person`` how many people their entries helped since they were told last, else since then. Whom a digest
    tells is told there."""
    chosen = choice(turn.session, person)
    if not chosen.told or person.digest != OFF:
        return
    if chosen.told_until is not None and chosen.told_until + WEEK > turn.now:
        _later(turn, person, _AGAIN, chosen.told_until + WEEK, since=since.isoformat())
        return
    if not _works(turn, person):
        _later(turn, person, _AGAIN, turn.now, since=since.isoformat())
        return
    found = recognition.helped_again(turn.session, person, chosen.told_until or since - timedelta(seconds=1))
    if found and turn.send(person, cards.again(found)):
        chosen.told_until = turn.now
        turn.session.add(chosen)


def do_choose(turn: Turn, counted: bool, told: bool) -> None:
    """How the actor wants to be thanked."""
    choose(turn.session, turn.actor, counted=counted, told=told)
    turn.emit("person.settings_changed", turn.actor)


def _works(turn: Turn, person: Person) -> bool:
    return next_working(person, turn.now, absences_of(turn.session, person)) <= turn.now


def _later(turn: Turn, person: Person, route: str, due: datetime, **args: str) -> None:
    """Call ``route`` when they work, at ``due`` at the earliest."""
    due = next_working(person, max(due, turn.now), absences_of(turn.session, person))
    turn.later(due, route, f"{route}:{person.id}", person_id=person.id, **args)
