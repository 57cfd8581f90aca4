"""How a delivery reaches its readers: the people in it who are there, and the addresses of the pages it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot import showing
from bot.gateway import HOME, UNFURL, Delivery
from bot.slack import feedback, limits, render
from bot.slack.events import PLATFORM
from bot.slack.voice import Voice, mentioned
from bot.slack.wire import is_ephemeral, is_user
from models.base import now, reading, transaction
from models.mail import Outbox, lane_of
from models.masks import RELAY
from models.people import Account
from models.sessions import new_link

_RESPONSE_URL = text("""
select payload ->> 'response_url' from inbox
where lane = :lane and platform = :platform and kind = 'button' and received_at > :since
  and payload -> 'container' ->> 'message_ts' = :ts
order by id desc limit 1
""")


_FORGET = text("""
update inbox set payload = payload - 'response_url'
where platform = :platform and kind = 'button' and received_at < :before and jsonb_exists(payload, 'response_url')
""")


def forget_addresses(session: Session) -> None:
    """Addresses that take changes no more are not kept either."""
    before = now() - timedelta(minutes=limits.RESPONSE_URL_MINUTES)
    session.execute(_FORGET, {"platform": PLATFORM, "before": before})


def shown(delivery: Delivery, public_url: str, pictures: Mapping[int, str]) -> dict[str, Any]:
    """The message, home or unfurl of a delivery, as Slack wants it. Writes the links of its reader: for threads."""
    assert delivery.card is not None
    with transaction() as session:
        voice = Voice(delivery.reader, _people(session, delivery), _addresses(session, delivery, public_url), pictures)
        whole = showing.page_of(session, PLATFORM, delivery)
        match delivery.operation:
            case "home":
                return render.home(delivery.card, voice, whole)
            case "unfurl":
                return render.unfurl(delivery.card, voice, whole)
        said = render.message(delivery.card, voice, whole)
        return feedback.added(said, delivery.card, voice) if is_user(delivery.conversation) else said


def created_at(delivery: Delivery) -> datetime:
    """When the delivery was asked for. Reads the database."""
    lane = lane_of(RELAY, RELAY, delivery.mask) if delivery.mask else _lane(delivery)
    with reading() as session:
        row = session.get(Outbox, (lane, delivery.outbox_id))
    return row.created_at if row is not None else now() - timedelta(hours=1)


def response_url(delivery: Delivery, ts: str) -> str | None:
    """The address that still takes changes of a message that only one person sees: Slack gave it with the last press on
    it, and takes it for half an hour. Reads the database."""
    since = now() - timedelta(minutes=limits.RESPONSE_URL_MINUTES - 1)
    with reading() as session:
        found = session.scalar(_RESPONSE_URL, {"lane": _lane(delivery), "platform": PLATFORM, "since": since, "ts": ts})
    return str(found) if found else None


def account_of(delivery: Delivery) -> str | None:
    """Who a delivery is for, in its workspace. Reads the database."""
    if delivery.only_for is not None or delivery.person_id is None:
        return delivery.only_for
    with reading() as session:
        found = session.scalar(_accounts(delivery).where(Account.person_id == delivery.person_id).limit(1))
    return str(found) if found is not None else None


def _accounts(delivery: Delivery) -> Any:
    here = (Account.platform == PLATFORM) & (Account.installation == delivery.installation)
    return select(Account.external).where(here).order_by(Account.id)


def _people(session: Session, delivery: Delivery) -> dict[int, str]:
    wanted = mentioned(delivery.card)
    if not wanted:
        return {}
    rows = session.execute(
        _accounts(delivery).add_columns(Account.person_id).where(Account.person_id.in_(sorted(wanted)))
    )
    return {person_id: external for external, person_id in rows if is_user(external)}


def _addresses(session: Session, delivery: Delivery, public_url: str) -> Callable[[str], str]:
    """A page opens as its reader where nobody else sees the message; elsewhere whoever comes says who they are."""
    person_id = delivery.person_id if _is_personal(delivery) else None

    def address(path: str) -> str:
        return public_url + (f"/open/{new_link(session, person_id, path)}" if person_id is not None else path)

    return address


def _is_personal(delivery: Delivery) -> bool:
    alone = delivery.only_for is not None or is_ephemeral(delivery.reference) or delivery.operation == HOME
    return delivery.operation != UNFURL and (alone or is_user(delivery.conversation))


def _lane(delivery: Delivery) -> int:
    return lane_of(PLATFORM, delivery.installation, delivery.conversation)
