"""Putting a question to the readers of an announcement, before it goes out."""

from __future__ import annotations

from typing import Any

from bot.cards import Element, Form, Input, Option, Reply, T, Text, User
from bot.filled import text
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import drafts, forms
from models.announcements import texts
from models.announcements.life import WAITING
from models.announcements.polls import polls_of
from models.announcements.tables import MULTIPLE, POLLS, SCALE, SINGLE, Announcement, Poll
from models.base import Refusal

router = Router()
MOST, MOST_OPTIONS, OPTION, QUESTION = 5, 10, 70, 300
_SCALES = (5, 10)
_KINDS = {SINGLE: T("One of them"), MULTIPLE: T("Several of them"), SCALE: T("A scale from 1 on")}
_NONE = "0"


@router.button("announcements.new_poll")
def new(turn: Turn, announcement_id: int) -> Reply:
    """A question to its readers; or one of those that are there goes."""
    announcement = _waiting(turn, announcement_id)
    return turn.open(_form(announcement, polls_of(turn.session, announcement.id)))


@router.form("announcements.new_poll")
def given(turn: Turn, announcement_id: int, values: dict[str, Any]) -> Reply | None:
    """A question was written."""
    announcement = _waiting(turn, announcement_id)
    there = polls_of(turn.session, announcement.id)
    gone = next((poll for poll in there if str(poll.id) == str(values.get("remove", _NONE))), None)
    if gone is not None:
        turn.session.delete(gone)
        texts.forget_poll(turn.session, announcement, gone)
        turn.session.flush()
    if str(values.get("words", "")).strip() or gone is None:
        _add(turn, announcement, [poll for poll in there if poll is not gone], values)
    turn.session.flush()
    texts.outdate(turn.session, announcement)
    drafts.follow(turn, announcement, drafts.withdrawn(turn, announcement))
    return None


def _add(turn: Turn, announcement: Announcement, there: list[Poll], values: dict[str, Any]) -> None:
    if len(there) >= MOST:
        raise Refusal("too_many_polls", field="words", most=MOST)
    words = " ".join(text(values, "words", QUESTION).split())
    kind = str(values.get("kind", SINGLE))
    options = _scale(values) if kind == SCALE else _options(values)
    if kind not in POLLS:
        raise Refusal("unknown_kind", field="kind")
    position = max((poll.position for poll in there), default=0) + 1
    anonymous, open_ = values.get("anonymous") == forms.YES, values.get("open") == forms.YES
    turn.session.add(Poll(announcement_id=announcement.id, position=position, kind=kind, words=words, options=options,
                          anonymous=anonymous, open=open_))  # fmt: skip


def _options(values: dict[str, Any]) -> list[str]:
    """The answers, one a line, each once."""
    said = text(values, "options", MOST_OPTIONS * (OPTION + 2), required=False)
    lines = (" ".join(line.strip(" -*•").split()) for line in said.splitlines())
    found = list(dict.fromkeys(line for line in lines if line))
    if len(found) < 2:
        raise Refusal("no_options", field="options")
    if len(found) > MOST_OPTIONS:
        raise Refusal("too_many_options", field="options", most=MOST_OPTIONS)
    if longest := max(0, max(map(len, found)) - OPTION):
        raise Refusal("text_too_long", field="options", n=longest, most=OPTION)
    return found


def _scale(values: dict[str, Any]) -> list[str]:
    steps = str(values.get("steps", _SCALES[0]))
    if steps not in map(str, _SCALES):
        raise Refusal("unknown_steps", field="steps")
    return [str(number) for number in range(1, int(steps) + 1)]


def _form(announcement: Announcement, there: list[Poll]) -> Form:
    kinds = tuple(Option(kind, label) for kind, label in _KINDS.items())
    steps = tuple(Option(str(most), T("From 1 to {n}", n=most)) for most in _SCALES)
    yes = (Option(forms.NO, T("No")), Option(forms.YES, T("Yes")))
    inputs = [
        Input("words", T("Your question"), limit=QUESTION, required=not there),
        Input("kind", T("What may be chosen"), "select", SINGLE, options=kinds),
        Input("options", T("Answers, one a line"), "text", required=False, limit=MOST_OPTIONS * (OPTION + 2),
              hint=T("A scale needs none.")),
        Input("steps", T("Scale"), "select", str(_SCALES[0]), options=steps),
        Input("anonymous", T("Anonymous?"), "select", forms.NO, options=yes,
              hint=T("Yes: nobody can see who chose what, you neither. This cannot be changed later.")),
        Input("open", T("May readers see the result?"), "select", forms.NO, options=yes),
    ]  # fmt: skip
    intro: list[Element] = [Text(T("Now: {question}", question=User(poll.words)), subtle=True) for poll in there]
    if there:
        gone = (Option(_NONE, T("None")), *(Option(str(poll.id), User(poll.words)) for poll in there))
        inputs.append(Input("remove", T("Remove"), "select", _NONE, options=gone))
    return Form(T("Poll"), "announcements.new_poll", announcement.id, tuple(inputs), T("Save"), tuple(intro))


def _waiting(turn: Turn, announcement_id: int) -> Announcement:
    """One that is not out: what people may have chosen in is not changed."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    if announcement.state not in WAITING:
        raise Refusal(f"announcement_{announcement.state}")
    return announcement
