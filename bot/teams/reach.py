"""What a delivery needs to know of where it goes: read, and the links of its reader written, in one transaction."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import showing
from bot.cards import Card, Mention, Picture, T, Text, User, to_json
from bot.gateway import EDIT, Delivery
from bot.teams import store
from bot.teams.limits import REFRESHED, ROOM
from bot.teams.render import Scene
from bot.teams.store import PERSONAL, TeamsConversation
from models import access
from models.base import transaction
from models.files import File, content_of
from models.people import Account, Person
from models.places import Membership, Place, place_at
from models.sessions import new_link

PLATFORM = "teams"
SERVICE = "https://smba.trafficmanager.net/teams"
"""Where Teams is reached for a tenant of which nothing was heard yet."""
_ALONE = "only"
_SMALL, _ALL_SMALL = 16_000, 24_000  # bytes of one picture within a message, and of all


@dataclass(frozen=True)
class Target:
    """Where it goes. ``conversation`` is Agora's key, ``external`` Teams' id, ``None`` of a chat that has to be begun;
    ``member`` is who it is with, ``unreachable`` why it is not tried."""

    installation: str
    conversation: str
    kind: str
    external: str | None
    service_url: str
    bot: str
    member: str | None = None
    unreachable: str | None = None
    scene: Scene = field(default_factory=Scene)
    card: Card | None = None


def alone(reference: str, key: str) -> str:
    """The reference of a message that one person alone sees: Teams has none such, so it stands in their own chat."""
    return f"{_ALONE} {key} {reference}"


def where(delivery: Delivery) -> tuple[str, str | None]:
    """In which conversation a delivery goes, and the message there that it changes."""
    reference = delivery.reference
    if reference is not None and reference.startswith(f"{_ALONE} "):
        _, key, reference = reference.split(" ", 2)
        return key, reference
    return (delivery.only_for or delivery.conversation), reference


def target(delivery: Delivery, public_url: str, bot: str) -> Target:
    """All of it. Writes the links of the reader: for threads."""
    key, _ = where(delivery)
    with transaction() as session:
        known = store.reference_of(session, delivery.installation, key)
        place = place_at(session, PLATFORM, delivery.installation, delivery.conversation)
        found = _known(session, delivery, key, known, bot)
        personal = found.kind == PERSONAL
        link = _links(session, delivery, public_url, personal)
        scene = Scene(
            outbox=delivery.outbox_id,
            link=link,
            whole=link(showing.page_of(session, PLATFORM, delivery)),
            there={} if personal or place is None else _there(session, delivery, place),
            pictures=_pictures(session, delivery, place, personal),
            cited=True,
            refreshed=() if personal or place is None else _others(session, delivery, place),
        )
        return replace(found, scene=scene, card=_card(delivery, key, place))


def _known(session: Session, delivery: Delivery, key: str, known: TeamsConversation | None, bot: str) -> Target:
    if known is not None:
        return Target(delivery.installation, key, known.kind, known.external, known.service_url, known.bot,
                      known.member, known.unreachable)  # fmt: skip
    is_own = session.scalar(
        select(Account.id).where(
            Account.platform == PLATFORM, Account.installation == delivery.installation, Account.private == key
        )
    )
    heard = select(TeamsConversation).where(TeamsConversation.installation == delivery.installation)
    last = session.scalars(heard.order_by(TeamsConversation.seen_at.desc()).limit(1)).first()
    service_url, own = (last.service_url, last.bot) if last is not None else (SERVICE, bot)
    reason = None if is_own else "Agora was never added to this conversation"
    return Target(delivery.installation, key, PERSONAL, None, service_url, own, None, reason)


def _card(delivery: Delivery, key: str, place: Place | None) -> Card | None:
    """The card; in somebody's own chat it says which conversation it is about, where that is another."""
    card = delivery.card
    if card is None or key == delivery.conversation or place is None:
        return card
    about = T("About {place}. Only you see this.", place=User(place.name))
    return replace(card, elements=(Text(about, subtle=True), *(card.elements or (Text(card.summary),))))


def _links(session: Session, delivery: Delivery, public_url: str, personal: bool) -> Callable[[str], str]:
    """A page opens as its reader where nobody else sees the message; elsewhere whoever comes says who they are."""
    reader = delivery.person_id if personal else None
    made: dict[str, str] = {}

    def link(path: str) -> str:
        if path not in made:
            way = path if reader is None else f"/open/{new_link(session, reader, path)}"
            made[path] = f"{public_url}{way}"
        return made[path]

    if delivery.card is not None:  # written now, while there is a transaction
        whole = [showing.page_of(session, PLATFORM, delivery)] if is_long(delivery.card) else []
        for path in [*paths(delivery.card), *whole]:
            link(path)
    return lambda path: made.get(path, f"{public_url}{path}")


def is_long(card: Card) -> bool:
    """Whether there may be no room for all of it: only then its page needs a link of its own."""
    return len(orjson.dumps(to_json(card))) > ROOM


def paths(part: Any) -> Iterable[str]:
    """The pages and files that a card leads to."""
    if isinstance(part, tuple | list):
        for each in part:
            yield from paths(each)
        return
    file = getattr(part, "file_id", None)
    if file is not None:
        yield f"/files/{file}"
    path = getattr(part, "path", None)
    if isinstance(path, str):
        yield path
    for name in ("elements", "intro", "link"):
        if (inner := getattr(part, name, None)) is not None:
            yield from paths(inner)


def _there(session: Session, delivery: Delivery, place: Place) -> dict[int, str]:
    """Those mentioned in the card who are in the place, with their ids."""
    wanted = set(_mentioned(delivery.card))
    if not wanted:
        return {}
    rows = session.execute(
        select(Account.person_id, Account.external)
        .join(Membership, (Membership.person_id == Account.person_id) & (Membership.place_id == place.id))
        .where(_here(delivery), Account.person_id.in_(wanted))
        .order_by(Account.id.desc())
    )
    return {row.person_id: row.external for row in rows}


def _mentioned(part: Any) -> Iterable[int]:
    if isinstance(part, Mention):
        yield part.person_id
    values = part.values() if isinstance(part, dict) else vars(part).values() if hasattr(part, "__dict__") else part
    if isinstance(part, tuple | list | dict) or hasattr(part, "__dict__"):
        for value in values:
            yield from _mentioned(value)


def _others(session: Session, delivery: Delivery, place: Place) -> list[str]:
    """The members who read another language than the place, as Teams calls them: they see the card in theirs."""
    if delivery.operation not in ("post", EDIT) or delivery.person_id is not None:
        return []
    rows = session.scalars(
        select(TeamsConversation.member)
        .join(Account, (Account.installation == TeamsConversation.installation)
              & (Account.external == TeamsConversation.conversation))
        .join(Membership, Membership.person_id == Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(_here(delivery), Membership.place_id == place.id, Person.locale != place.locale,
               TeamsConversation.member.is_not(None))
        .order_by(Account.id)
        .limit(REFRESHED)
    )  # fmt: skip
    return [str(member) for member in rows]


def _here(delivery: Delivery) -> Any:
    return (Account.platform == PLATFORM) & (Account.installation == delivery.installation)


def _pictures(session: Session, delivery: Delivery, place: Place | None, personal: bool) -> dict[int, str]:
    """Small pictures as data: Teams could not fetch them from a page that asks who is there. What one person caused to
    be changed where several are shows none that is for that person."""
    reader = session.get(Person, delivery.person_id) if personal and delivery.person_id is not None else None
    wanted = [each.file_id for each in delivery.card.elements if isinstance(each, Picture)] if delivery.card else []
    room, found = _ALL_SMALL, {}
    for file in session.scalars(select(File).where(File.id.in_(wanted), File.size <= _SMALL).order_by(File.id)):
        if file.is_picture and file.size <= room and _may_see(session, reader, place, file):
            data = base64.b64encode(content_of(session, file)).decode()
            found[file.id] = f"data:{file.media_type};base64,{data}"
            room -= file.size
    return found


def _may_see(session: Session, reader: Person | None, place: Place | None, file: File) -> bool:
    if reader is not None:
        return access.may(session, reader, "read", file)
    return place is not None and file.place_id == place.id
