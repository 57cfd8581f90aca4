"""What asking does: ``check_*`` refuses, ``do_*`` changes the state, then sends and emits."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from bot import metrics
from bot.relay import behind_mask
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.questions import answering, cards, writing
from models import access, masks, steps
from models.announcements.questions import author_of
from models.announcements.tables import Announcement
from models.answers import answers
from models.base import Refusal
from models.experts import absences_of
from models.followers import follow
from models.hours import add_working, hours_a_day
from models.knowledge import Entry
from models.merging import standing
from models.people import MASK, Person
from models.places import Place, place_at
from models.questions import Question, ask
from models.search.asking import says_nothing
from models.search.language import detect
from models.servings import served
from models.thanks import whom

MOST = 40_000
LONGEST_FOR_AUTHOR = timedelta(days=4)  # before they are reminded: a long weekend
RECENT = timedelta(minutes=15)  # how long a question in one's own chat is what the next message may be about


# What no keyboard types, turns the text around it about, or is half a character: all but tabs and new lines.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def check_question(text: str, field: str | None = None) -> str:
    """A new question; refused where there is nothing in it to look for."""
    if text.strip() and says_nothing(_UNSEEN.sub("", text)):
        raise Refusal("says_nothing", field=field)
    return check_text(text, field)


def check_text(text: str, field: str | None = None) -> str:
    """The question without the spaces around it; refused where nothing is left or it is too long."""
    wanted = _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()
    if not wanted:
        raise Refusal("empty_text", field=field)
    if len(wanted) > MOST:
        raise Refusal("too_long", field=field, most=MOST)
    return wanted


def do_ask(
    turn: Turn, text: str, place: Place, thread: str | None, quiet: bool = False, about: Announcement | None = None
) -> Question | None:
    """A new question in ``place``, answered at once with what is known. ``quiet``: only where something is. What is not
    known of an announcement that it is ``about`` waits for its author."""
    turn.require("ask", "question")
    turn.require("post", place)
    kept = without_secrets(turn, text)
    text = kept.text
    question = Question(
        asker=turn.actor,
        asker_id=turn.actor.id,
        text=text,
        more=[],
        language=detect(text, turn.actor.locale),
        place=place,
        place_id=place.id,
        thread=thread,
        audience=access.thread_audience(place),
        message=turn.inbound.message if turn.inbound.kind == "message" else None,
        announcement_id=about.id if about else None,
    )
    if about is not None:
        ask(turn.session, question)  # who asks behind a mask is known by that to have got it
    found = answering.look(turn, question)
    if quiet and not (found.anything and found.sure):
        return None
    question.topic_id, question.like_id = found.topic_id, found.before.id if found.before else None
    question.repeats_id = found.repeats_id
    if about is not None:
        do_take_to_author(turn, question, found)
    else:
        ask(turn.session, question)
    turn.emit("question.asked", question, found=len(found.openly) + len(found.alone))
    metrics.answered(metrics.SERVED if found.anything else metrics.NOTHING)
    show(turn, question, found)
    tell_masked(turn, question, kept.found)
    return question


def do_take_to_author(turn: Turn, question: Question, found: answering.Found | None = None) -> bool:
    """Whoever announced what it is about gets it next, unless what was ``found`` answers it; whether they do."""
    author = None if found is not None and found.anything and found.sure else author_of(turn.session, question)
    if author is None:
        return False
    question.wait_for_author(author, steps.REMIND_AUTHOR, _author_until(turn, author))
    return True


def _author_until(turn: Turn, author: Person) -> datetime:
    """A working day of theirs, also where they are away for long: then others are asked soon."""
    until = add_working(author, turn.now, hours_a_day(author), absences_of(turn.session, author))
    return min(until, turn.now + LONGEST_FOR_AUTHOR)


def do_repeat(turn: Turn, text: str, place: Place) -> None:
    """Show a question that came by a form or a command where its answer will stand."""
    anonymously = turn.actor.kind == MASK
    text = without_secrets(turn, text).text
    turn.post(place, cards.asked_elsewhere(text, detect(text, turn.actor.locale), anonymously))


def do_mask(turn: Turn) -> None:
    """The actor goes on behind a mask: from here on nothing that is stored leads back to them but the seal."""
    for account in turn.actor.accounts:
        if (account.platform, account.installation) == (turn.inbound.platform, turn.inbound.installation):
            mask, place = masks.put_on(turn.session, turn.actor, account)
            turn.put_on_mask(mask, behind_mask(turn.session, turn.inbound, place.key)[0])
            return
    raise Refusal("no_own_chat")


def do_follow_up(turn: Turn, question: Question, text: str) -> None:
    """The asker says more: looked for together with what they asked."""
    kept = without_secrets(turn, text)
    question.more = [*question.more, kept.text][-20:]
    turn.emit("question.continued", question)
    show(turn, question, answering.look(turn, question))
    tell_masked(turn, question, kept.found)


def tell_masked(turn: Turn, question: Question, found: Collection[str]) -> None:
    """Say that secrets of these kinds were left out of ``question``, if any were."""
    if found:
        turn.emit("question.masked", question, kinds=sorted(found))


def show(turn: Turn, question: Question, found: answering.Found) -> None:
    """Post what was found where it may be seen."""
    _learn(question, found)
    answering.remember(turn, question, found)
    card = cards.answer(question, found, writing.answer(turn, question, found))
    turn.post(question.place, card, about=question.about, thread=_shown_in(question))
    if found.alone:
        card = cards.alone(question, found)
        turn.post(question.place, card, thread=_shown_in(question), only_for=turn.actor, account=turn.inbound.actor)


def do_solve(turn: Turn, question: Question) -> None:
    """The asker has what they wanted: the entry shown first, where no person answered, gets the credit."""
    given = answers(turn.session, question)
    if len(given) > 1:
        raise Refusal("which_answer")
    credited = None if given else _first_standing(turn, question)
    question.solve(credited.id if credited else None)
    turn.emit("question.solved", question, entry_id=question.solved_by_id)
    metrics.answered(metrics.SOLVED)
    openly = credited is not None and _is_open(turn, question, credited)
    thank = bool(whom(turn.session, question))
    turn.edit(question.about, cards.solved(question, credited if openly else None, bool(given), thank))


def do_reopen(turn: Turn, question: Question) -> None:
    """The asker takes "solved" back."""
    credited = question.solved_by_id
    question.reopen()
    for serving in served(turn.session, question):
        if serving.entry_id == credited:
            serving.helped = None
    turn.emit("question.reopened", question)


def do_show_again(turn: Turn, question: Question) -> None:
    """The thread's card says what is found now."""
    turn.session.flush()
    found = answering.look(turn, question)
    _learn(question, found)
    answering.remember(turn, question, found)
    turn.edit(question.about, cards.answer(question, found, writing.answer(turn, question, found)))
    if found.alone and turn.actor.id == question.asker_id:
        turn.whisper(cards.alone(question, found))


def do_not_meant(turn: Turn, question: Question) -> None:
    """The asker dismisses all that is shown; the next best is shown, if anything is good enough."""
    for serving in served(turn.session, question):
        if serving.helped is None:
            serving.helped = False
    turn.session.flush()
    turn.emit("question.not_meant", question)
    metrics.answered(metrics.NOT_MEANT)
    found = answering.look(turn, question)
    if found.openly or found.alone:
        answering.remember(turn, question, found)
        turn.edit(question.about, cards.answer(question, found, writing.answer(turn, question, found)))
        return
    turn.edit(question.about, cards.nothing_more(question))


def do_join(turn: Turn, question: Question) -> None:
    """The asker follows the earlier question instead of their own."""
    earlier = turn.fetch(Question, question.join(), to="join")
    follow(turn.session, earlier, turn.actor)
    turn.emit("question.joined", question, earlier_id=earlier.id)
    turn.edit(question.about, cards.joined(question, earlier))
    given = [each for each in answers(turn.session, earlier) if access.may(turn.session, turn.actor, "read", each)]
    turn.send(turn.actor, cards.following(earlier, given, turn.actor))


def own_chat(turn: Turn) -> Place:
    """The actor's own chat with Agora on this platform; refused where they have none."""
    for account in turn.actor.accounts:
        here = account.platform == turn.inbound.platform and account.installation == turn.inbound.installation
        if here and account.private:
            place = place_at(turn.session, account.platform, account.installation, account.private)
            if place is not None:
                return place
    raise Refusal("no_own_chat")


def _learn(question: Question, found: answering.Found) -> None:
    """What it is about, and like which one it is: touched only where that is new, which saves writing it."""
    if question.topic_id is None and found.topic_id is not None:
        question.topic_id = found.topic_id
    if found.before is not None and question.like_id != found.before.id:
        question.like_id = found.before.id
    if question.repeats_id is None and found.repeats_id is not None:
        question.repeats_id = found.repeats_id


def _shown_in(question: Question) -> str | None:
    """In one's own chat answers stand below one another; elsewhere in the thread."""
    return None if access.is_own_chat(question.place) and question.thread is None else question.thread


def _first_standing(turn: Turn, question: Question) -> Entry | None:
    for serving in served(turn.session, question):
        if serving.helped is not False:
            serving.helped = True
            return standing(turn.session, turn.session.get_one(Entry, serving.entry_id))
    return None


def _is_open(turn: Turn, question: Question, entry: Entry) -> bool:
    """Whether everybody in the question's place may read ``entry``: it may have been shown to the asker alone."""
    return not set(entry.audience).isdisjoint(access.keys_in(turn.session, question.place))
