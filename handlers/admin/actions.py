"""What an admin does. Every act of power is a fact in the same transaction: what cannot be recorded does not happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.turn import Turn
from handlers.admin import forms, lookup
from models.base import Refusal
from models.company import Audience, AudienceMember, set_setting, setting
from models.knowledge import Topic
from models.people import EMPLOYEE, LOCALES, ROLES, Person, with_role
from models.places import Place

Values = Mapping[str, Any]
MOST_AT_ONCE = 50


def do_first_admin(turn: Turn) -> None:
    """The first employee who asks is the first admin; where there is one, or was, refused."""
    if with_role(turn.session, "admin"):
        raise Refusal("there_is_an_admin")
    if lookup.was_administered(turn.session):
        raise Refusal("admins_have_left")
    if turn.actor.kind != EMPLOYEE:
        raise Refusal("not_allowed")
    turn.actor.roles = [*turn.actor.roles, "admin"]
    turn.emit("person.roles_changed", turn.actor, before=[], after=turn.actor.roles, first=True)


def do_person(turn: Turn, person: Person, values: Values) -> None:
    """Change a person's place and roles. The last admin stays one."""
    before = {"roles": list(person.roles), "kind": person.kind, "active": person.active}
    roles = [role for role in ROLES if values.get(f"role_{role}") == forms.YES]
    active = values.get("active") == forms.YES
    kind = _one_of(values, "kind", forms.KIND_LABELS)
    _check_last_admin(turn.session, person, "admin" in roles and active and kind == EMPLOYEE)
    person.kind = kind
    person.roles, person.active = roles, active
    person.department, person.location = _words(values, "department"), _words(values, "location")
    person.quota = _number(values, "quota", MOST_AT_ONCE)
    after = {"roles": roles, "kind": person.kind, "active": active}
    turn.emit("person.roles_changed", person, before=before, after=after)
    if before["active"] and not active:
        turn.emit("person.left", person)


def do_topic(turn: Turn, topic: Topic | None, values: Values) -> Topic:
    """Make or change a topic."""
    owner = lookup.person(turn.session, str(values.get("owner", "")), "owner")
    deputy = lookup.person_or_none(turn.session, str(values.get("deputy", "")), "deputy")
    for person, field in ((owner, "owner"), (deputy, "deputy")):
        if person is not None and not person.active:
            raise Refusal("not_active", field=field, name=person.name)
    names = {locale: words for locale in LOCALES if (words := _words(values, f"name_{locale}"))}
    if "en" not in names:
        raise Refusal("empty_text", field="name_en")
    strategy = _one_of(values, "strategy", forms.STRATEGY_LABELS)
    if topic is None:
        topic = _new_topic(turn, lookup.key(str(values.get("key", "")), "key"), names)
    elif topic.owner_id != owner.id:
        turn.emit("topic.owner_changed", topic, before=topic.owner_id, after=owner.id)
    topic.names, topic.owner_id, topic.strategy = names, owner.id, strategy
    topic.deputy_id = deputy.id if deputy else None
    turn.session.flush()
    turn.emit("topic.changed", topic)
    return topic


def do_audience(turn: Turn, audience: Audience | None, values: Values) -> Audience:
    """Make or change a named audience."""
    name = _words(values, "name")
    if name is None:
        raise Refusal("empty_text", field="name")
    members = lookup.people(turn.session, str(values.get("members", "")), "members")
    if audience is None:
        audience = Audience(key=_free_key(turn.session, name), name=name)
        turn.session.add(audience)
        turn.session.flush()
    audience.name = name
    turn.session.execute(delete(AudienceMember).where(AudienceMember.audience_id == audience.id))
    turn.session.add_all(AudienceMember(audience_id=audience.id, person_id=person.id) for person in members)
    turn.session.flush()
    turn.emit("audience.changed", audience, members=[person.id for person in members])
    return audience


def do_place(turn: Turn, place: Place, values: Values) -> None:
    """Change when Agora speaks in a channel, in what language, and about what."""
    number = str(values.get("topic", "0"))
    topic = turn.session.get(Topic, int(number)) if number.isdecimal() and number != "0" else None
    place.answers = _one_of(values, "answers", forms.ANSWER_LABELS)
    place.locale = _one_of(values, "locale", dict.fromkeys(LOCALES))
    place.topic_id = topic.id if topic else None
    turn.emit("place.changed", place, answers=place.answers)


def do_company(turn: Turn, values: Values) -> None:
    """Change what holds for everybody."""
    chosen = {key: values.get(key) == forms.YES for key in ("anonymous", "reactions")}
    changed = {"name": _words(values, "name") or "", **chosen}
    before = {key: setting(turn.session, key) for key in changed}
    for key, value in changed.items():
        set_setting(turn.session, key, value)
    turn.emit("company.changed", turn.actor, before=before, after=changed)


def _check_last_admin(session: Session, person: Person, stays: bool) -> None:
    others = [admin for admin in with_role(session, "admin") if admin.id != person.id]
    if person.has("admin") and not stays and not others:
        raise Refusal("last_admin", field="role_admin")


def _new_topic(turn: Turn, key: str, names: dict[str, str]) -> Topic:
    if turn.session.scalar(select(func.count()).select_from(Topic).where(Topic.key == key)):
        raise Refusal("key_taken", field="key")
    topic = Topic(key=key, names=names)
    turn.session.add(topic)
    turn.session.flush()
    turn.emit("topic.created", topic)
    return topic


def _free_key(session: Session, name: str) -> str:
    """A key for an audience: from its name where that is written in Latin letters, else numbered; never one in use."""
    try:
        wanted = lookup.key(name, "name")
    except Refusal:
        wanted = "audience"
    taken = set(session.scalars(select(Audience.key).where(Audience.key.startswith(wanted, autoescape=True))))
    number = 1
    key = wanted
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key


def _words(values: Values, name: str) -> str | None:
    return str(values.get(name, "")).replace("\0", "").strip()[:200] or None


def _one_of(values: Values, name: str, known: Mapping[str, object]) -> str:
    value = str(values.get(name, ""))
    if value not in known:
        raise Refusal("choose_one", field=name)
    return value


def _number(values: Values, name: str, most: int) -> int:
    value = str(values.get(name, "")).strip()
    if not value.isdecimal() or not 0 <= int(value[:9]) <= most:
        raise Refusal("bad_number", field=name, most=most)
    return int(value)
