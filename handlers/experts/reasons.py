"""Why somebody was chosen: told to them in full, and to the asker as far as it is nobody's private matter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import object_session

from bot.cards import Month, Names, T, User, Words
from bot.mentions import mention, named
from models.experts import Offer
from models.knowledge import Topic
from models.people import Person

Reason = Mapping[str, Any]


def to_expert(one: Reason, offer: Offer) -> T | None:
    """One reason, said to whom the question is offered; ``None`` where there is nothing to say."""
    if one["why"] == "passed" and offer.by is not None:
        return T("{name} thinks you know.", name=mention(offer.by))
    if one["why"] in ("stands_in", "leads"):
        return _instead_of(one, offer)
    return to_themselves(one, offer.question.topic)


def _instead_of(one: Reason, offer: Offer) -> T | None:
    absent = _absent(one, offer)
    if absent is None:
        return None
    if one["why"] == "stands_in":
        return T("You stand in for {name}.", name=named(absent))
    if absent.active:
        return T("{name} had this and is away. You are their manager, so you decide: answer it, or pass it on.",
                 name=named(absent))  # fmt: skip
    return T("{name} had this and has left. You were their manager, so you decide: answer it, or pass it on.",
             name=named(absent))  # fmt: skip


def to_themselves(one: Reason, topic: Topic | None) -> T | None:
    """What speaks for a person, said to them. Reasons that were kept long ago say less; ``None`` for one that is
    unknown."""
    about = _name(topic)
    n = int(one.get("n", 1))
    match one["why"]:
        case "similar" | "answered":
            return _you_answered(n, _subject(one, topic), _month(one))
        case "replied" if "place" in one:
            return T("You replied in {n} thread in {place}.", "You replied in {n} threads in {place}.",
                     n=n, place=User(str(one["place"])))  # fmt: skip
        case "replied":
            return T("You replied in {n} thread on {topic}.", "You replied in {n} threads on {topic}.",
                     n=n, topic=about)  # fmt: skip
        case "wrote":
            return T("You look after {n} entry on {topic}.", "You look after {n} entries on {topic}.", n=n, topic=about)
        case "verified":
            return T("You verified {n} entry on {topic}.", "You verified {n} entries on {topic}.", n=n, topic=about)
        case "referred":
            return T("{n} colleague said that you know this.", "{n} colleagues said that you know this.", n=n)
        case "active":
            return T("You answered {n} question lately.", "You answered {n} questions lately.", n=n)
    return {
        "owner": T("You look after this topic."),
        "deputy": T("You stand in for whoever looks after this topic."),
        "skill": T("You said that you know about {topic}.", topic=about),
        "asked_for": T("You asked for more questions on {topic}.", topic=about),
        "admin": T("Nobody else could be found, and you are an administrator."),
    }.get(one["why"])


def _you_answered(n: int, subject: Words | None, last: Month | None) -> T:
    if subject is None and last is None:
        return T("You answered a question like this one.", "You answered {n} questions like this one.", n=n)
    if subject is None:
        return T("You answered a question like this one in {month}.",
                 "You answered {n} questions like this one, last in {month}.", n=n, month=last)  # fmt: skip
    if last is None:
        return T("You answered {n} question on {topic}.", "You answered {n} questions on {topic}.", n=n, topic=subject)
    return T("You answered {n} question on {topic}, in {month}.",
             "You answered {n} questions on {topic}, last in {month}.", n=n, topic=subject, month=last)  # fmt: skip


def to_asker(one: Reason, offer: Offer) -> T | None:
    """The same, said to the asker where others may read it too: nothing of who named whom, of what somebody wished for,
    or of what was answered in private. ``None`` where that leaves nothing."""
    name, topic = named(offer.person), offer.question.topic
    n = int(one.get("n", 1))
    match one["why"]:
        case "similar" | "answered":
            return _they_answered(name, n, _subject(one, topic), _month(one))
        case "replied":
            return T("{name} replied in {n} thread on {topic}.", "{name} replied in {n} threads on {topic}.",
                     n=n, name=name, topic=_name(topic))  # fmt: skip
        case "passed" | "referred":
            return T("A colleague thinks that {name} knows.", name=name)
        case "active":
            return T("{name} has answered many questions lately.", name=name)
        case "admin":
            return T("Nobody else could be found, and {name} administers Agora.", name=name)
        case "stands_in" | "leads":
            return _instead_of_whom(one, offer)
    return _place(one["why"], name, _name(topic))


def _instead_of_whom(one: Reason, offer: Offer) -> T | None:
    name, absent = named(offer.person), _absent(one, offer)
    if absent is None:
        return None
    if one["why"] == "stands_in":
        return T("{name} stands in for {other}.", name=name, other=named(absent))
    return T("{other} is not there: {name} decides who answers instead.", name=name, other=named(absent))


def _absent(one: Reason, offer: Offer) -> Person | None:
    session = object_session(offer)
    return session.get(Person, one.get("for_id", 0)) if session else None


def _place(why: str, name: Words, topic: Words) -> T | None:
    """What somebody is to a topic."""
    match why:
        case "owner":
            return T("{name} looks after {topic}.", name=name, topic=topic)
        case "deputy":
            return T("{name} stands in for whoever looks after {topic}.", name=name, topic=topic)
        case "skill":
            return T("{name} knows about {topic}.", name=name, topic=topic)
        case "wrote" | "verified":
            return T("{name} looks after what is written on {topic}.", name=name, topic=topic)
    return None


def _they_answered(name: Words, n: int, subject: Words | None, last: Month | None) -> T:
    if subject is None:
        return T("{name} answered a question like this one.", "{name} answered {n} questions like this one.",
                 n=n, name=name)  # fmt: skip
    if last is None:
        return T("{name} answered {n} question on {topic}.", "{name} answered {n} questions on {topic}.",
                 n=n, name=name, topic=subject)  # fmt: skip
    return T("{name} answered {n} question on {topic}, in {month}.",
             "{name} answered {n} questions on {topic}, last in {month}.",
             n=n, name=name, topic=subject, month=last)  # fmt: skip


def _subject(one: Reason, topic: Topic | None) -> Words | None:
    """What the questions were about: words that they share, or the topic."""
    if one["why"] == "answered":
        return _name(topic)
    return User(str(one["subject"])) if one.get("subject") else None


def _name(topic: Topic | None) -> Words:
    return Names(dict(topic.names)) if topic is not None else T("this")


def _month(one: Reason) -> Month | None:
    try:
        return Month(date.fromisoformat(str(one["last"])[:10]))
    except (KeyError, ValueError):
        return None
