"""What I am asked about: my topics with what speaks for me, and what I say to that."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Form, Heading, Input, Names, Option, Reply, T, Text, User, simple
from bot.mentions import named
from bot.router import Router
from bot.turn import Turn
from handlers.experts import reasons
from handlers.experts.rerouting import reroute
from models.base import Refusal
from models.expertise.evidence import evidence
from models.experts import DECLINED, OFFERED, live_of
from models.interests import MORE, NEVER, forget, wish, wishes_of
from models.knowledge import Topic, topics
from models.people import EMPLOYEE, Person, by_handle

router = Router()
router.refusal(
    unknown_topic=T("Choose a topic from the list."),
    not_your_topic=T("Somebody else looks after this topic now."),
    no_deputy=T("I know nobody who can stand in by that name. Write the handle or the e-mail address of a colleague."),
)
_MOST = 8
_NO_MORE, _MORE = T("I no longer do this"), T("Ask me more about this")


@router.button("experts.no_more")
def no_more(turn: Turn, topic_id: int) -> Reply | None:
    """Nothing of this topic is offered to them any more; what is offered now goes on to others."""
    topic = _wish(turn, topic_id, NEVER)
    for offer in sorted(live_of(turn.session, turn.actor, (OFFERED,)), key=lambda one: one.question_id):
        if offer.question.topic_id == topic.id:
            reroute(turn, offer, DECLINED)  # without a reason: what they wish says it all, and can be taken back
    return _said(turn, topic, NEVER)


@router.button("experts.more")
def more(turn: Turn, topic_id: int) -> Reply | None:
    """They are asked before others who know as much."""
    return _said(turn, _wish(turn, topic_id, MORE), MORE)


@router.button("experts.as_before")
def as_before(turn: Turn, topic_id: int) -> Reply | None:
    """What they did speaks for them again, and nothing else."""
    topic = _topic(turn, topic_id)
    if forget(turn.session, turn.actor, topic.id):
        turn.emit("interest.changed", topic, wish=None)
    return _said(turn, topic, None)


@router.button("experts.volunteer")
def volunteering(turn: Turn, id: int) -> Reply:
    """Of what else would they like to be asked?"""
    turn.require("follow", "topic")
    options = tuple(Option(str(one.id), Names(dict(one.names))) for one in topics(turn.session))
    what = Input("topic", T("Topic"), "select", options=options)
    return turn.open(Form(T("Ask me about another topic"), "experts.volunteer", 0, (what,), T("Save")))


@router.form("experts.volunteer")
def volunteer(turn: Turn, id: int, values: dict[str, Any]) -> Reply:
    """They are asked about it."""
    number = str(values.get("topic") or "")
    topic = _wish(turn, int(number) if number.isdecimal() and len(number) < 18 else 0, MORE, "topic")
    return Reply(notice=_words(topic, MORE))


@router.button("experts.deputy")
def naming_deputy(turn: Turn, topic_id: int) -> Reply:
    """Who stands in?"""
    topic = _mine(turn, topic_id)
    deputy = turn.session.get(Person, topic.deputy_id) if topic.deputy_id else None
    who = Input("deputy", T("Deputy"), value=deputy.handle if deputy else "", required=False, limit=200,
                hint=T("A colleague's handle or e-mail address; empty for nobody."))  # fmt: skip
    note = Text(T("Your deputy is asked after you, and in your place while you are away."), subtle=True)
    return turn.open(Form(T("Deputy"), "experts.deputy", topic.id, (who,), T("Save"), (note,)))


@router.form("experts.deputy")
def name_deputy(turn: Turn, topic_id: int, values: dict[str, Any]) -> Reply:
    """Somebody stands in for whoever looks after a topic."""
    topic = _mine(turn, topic_id)
    words = str(values.get("deputy") or "").replace("\0", "").strip()
    deputy = by_handle(turn.session, words) if words else None
    if words and (deputy is None or deputy.kind != EMPLOYEE or deputy.id == turn.actor.id):
        raise Refusal("no_deputy", field="deputy")
    topic.deputy_id = deputy.id if deputy else None
    turn.emit("topic.changed", topic)
    return Reply(notice=T("The topic {key} is saved.", key=topic.key))


@router.home(30)
def my_topics(session: Session, person: Person) -> tuple[Element, ...]:
    """My topics, what speaks for me, and the ways to say otherwise."""
    if person.kind != EMPLOYEE:
        return ()
    wishes = wishes_of(session, person)
    found = evidence(session, person)
    known = {one.id for one, _ in found if isinstance(one, Topic)}
    found += [(session.get_one(Topic, number), []) for number in sorted(wishes) if number not in known]
    elements: list[Element] = []
    for about, speaks in found[:_MOST]:
        elements += _section(session, person, about, speaks, wishes)
    if not elements:
        return ()
    another = Button(T("Ask me about another topic"), "experts.volunteer", 0, opens="form")
    return (Heading(T("What you are asked about")), *elements, Actions((another,)))


def _section(
    session: Session, person: Person, about: Topic | str, speaks: list[dict[str, Any]], wishes: dict[int, str]
) -> list[Element]:
    topic = about if isinstance(about, Topic) else None
    said = [words for one in speaks if (words := reasons.to_themselves(one, topic))]
    lines = [Text(words, subtle=True) for words in said]
    if topic is None:
        return [Text(User(str(about)) if about else T("Other questions")), *lines]
    mine = topic.owner_id == person.id
    if mine:
        lines.append(Text(_deputy(session, topic), subtle=True))
    wished = wishes.get(topic.id)
    if wished is not None:
        lines.append(Text(_words(topic, wished), subtle=True))
    deputy = (Button(T("Deputy"), "experts.deputy", topic.id, opens="form"),) if mine else ()
    return [Text(Names(dict(topic.names))), *lines, Actions((*_buttons(topic, wished), *deputy))]


def _deputy(session: Session, topic: Topic) -> T:
    deputy = session.get(Person, topic.deputy_id) if topic.deputy_id else None
    return T("{name} stands in for you.", name=named(deputy)) if deputy else T("Nobody stands in for you.")


def _buttons(topic: Topic, wished: str | None) -> tuple[Button, ...]:
    never, often = Button(_NO_MORE, "experts.no_more", topic.id), Button(_MORE, "experts.more", topic.id)
    before = Button(T("Ask me as before"), "experts.as_before", topic.id)
    return {NEVER: (before,), MORE: (never, before)}.get(wished or "", (never, often))


def _said(turn: Turn, topic: Topic, wished: str | None) -> Reply | None:
    """Said where it was pressed: on the card, which keeps the way back, or beside their home."""
    if turn.inbound.message is None:
        return Reply(notice=_words(topic, wished))
    turn.replace(_card(turn, topic, wished))
    return None


def _card(turn: Turn, topic: Topic, wished: str | None) -> Card:
    still = topic.owner_id == turn.actor.id and wished == NEVER
    note = T("You still look after this topic. An administrator can name somebody else.")
    more = (Text(note, subtle=True),) if still else ()
    return simple(_words(topic, wished), *more, Actions(_buttons(topic, wished)))


def _words(topic: Topic, wished: str | None) -> T:
    name = Names(dict(topic.names))
    match wished:
        case "never":
            return T("Questions on {topic} are not offered to you.", topic=name)
        case "more":
            return T("Questions on {topic} are offered to you more often.", topic=name)
    return T("Questions on {topic} are offered to you as before.", topic=name)


def _wish(turn: Turn, topic_id: int, what: str, field: str | None = None) -> Topic:
    turn.require("follow", "topic")
    topic = _topic(turn, topic_id, field)
    if wish(turn.session, turn.actor, topic.id, what):
        turn.emit("interest.changed", topic, wish=what)
    return topic


def _topic(turn: Turn, topic_id: int, field: str | None = None) -> Topic:
    topic = turn.session.get(Topic, topic_id)
    if topic is None:
        raise Refusal("unknown_topic", field=field)
    return topic


def _mine(turn: Turn, topic_id: int) -> Topic:
    topic = turn.session.get(Topic, topic_id, with_for_update=True)
    if topic is None or topic.owner_id != turn.actor.id:
        raise Refusal("not_your_topic")
    return topic
