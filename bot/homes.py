"""Somebody's home as a card: what every feature contributes to it.

Where a platform has no place for homes, it is a message in their own chat: posted when they ask for it, and changed
where it stands. Who opened theirs a short while ago sees what changes in it: every few seconds the homes that are
looked at are made anew, if anything happened, and shown again where they differ. Nothing of that burdens the turns in
which things happen.
"""

from __future__ import annotations

import asyncio
import hashlib
from itertools import chain
from typing import Any

import orjson
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cards import Card, Divider, Element, T, to_json
from bot.gateway import EDIT, HOME
from bot.router import Router
from bot.turn import Turn
from models import homes
from models.base import now, reading, transaction
from models.facts import Fact
from models.homes import RECENT, HomeView
from models.joining import find_account
from models.mail import Outbox, PostedCard, lane_of
from models.people import Account, Person

log = structlog.get_logger(__name__)
EVERY = 5.0  # seconds
MOST = 50  # homes in one round


def home_card(router: Router, session: Session, person: Person) -> Card:
    """All sections that have something to show, with lines between them."""
    sections = [shown for _, section in router.sections if (shown := section(session, person))]
    elements: tuple[Element, ...] = tuple(chain.from_iterable((*shown, Divider()) for shown in sections))
    return Card(T("Your home"), elements[:-1], home=True)


def show(router: Router, turn: Turn, in_chat: bool = False) -> None:
    """Show the home of the actor, who looks at it; ``in_chat`` as a message."""
    card, heard = home_card(router, turn.session, turn.actor), turn.inbound
    account = find_account(turn.session, heard.platform, heard.installation, heard.actor or "")
    if not in_chat:
        turn.show_home(card)
    elif heard.kind == "home" or account is None:
        turn.whisper(card, f"home:{turn.actor.id}")
    elif (posted := _posted(turn.session, account)) is not None:
        operation, conversation, payload = _shown(posted, turn.actor, card)
        turn.operate(operation, posted.platform, posted.installation, conversation, payload)
    if account is not None:
        homes.opened(turn.session, account, _digest(card))


def _posted(session: Session, account: Account) -> PostedCard | None:
    """The newest message that is the home of whose account this is, on its platform."""
    here = (PostedCard.platform == account.platform) & (PostedCard.installation == account.installation)
    query = select(PostedCard).where(PostedCard.about == f"home:{account.person_id}", here)
    return session.scalars(query.order_by(PostedCard.id.desc()).limit(1)).first()


class Refresher:
    """Brings the homes of one platform up to date; ``in_chat``: they are messages."""

    def __init__(self, router: Router, platform: str, in_chat: bool = False) -> None:
        self._router, self._platform, self._in_chat = router, platform, in_chat
        self._seen = -1

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await asyncio.to_thread(self.refresh)
            except SQLAlchemyError as error:
                log.warning("homes not refreshed", error=type(error).__name__)

    def refresh(self) -> int:
        """Show anew what changed; how many homes that were. Two processes do not do the same one."""
        with reading() as session:
            newest = session.scalar(select(func.max(Fact.id))) or 0
        if newest == self._seen:
            return 0
        with transaction() as session:
            shown = sum(self._again(session, *row) for row in self._looked_at(session))
            if shown:
                session.execute(select(func.pg_notify("agora_outbox", "")))
        self._seen = newest
        return shown

    def _looked_at(self, session: Session) -> list[tuple[HomeView, Account, Person]]:
        query = (
            select(HomeView, Account, Person)
            .join(Account, Account.id == HomeView.account_id)
            .join(Person, Person.id == Account.person_id)
            .where(HomeView.opened_at > now() - RECENT, Account.platform == self._platform, Person.active)
            .order_by(HomeView.opened_at.desc())
            .limit(MOST)
            .with_for_update(of=HomeView, skip_locked=True)
        )
        return [(view, account, person) for view, account, person in session.execute(query)]

    def _again(self, session: Session, view: HomeView, account: Account, person: Person) -> int:
        card = home_card(self._router, session, person)
        digest = _digest(card)
        if digest == view.digest:
            return 0
        view.digest = digest
        there = _posted(session, account) if self._in_chat else account
        if there is None:
            return 0
        operation, conversation, payload = _shown(there, person, card)
        where = (account.platform, account.installation, conversation)
        session.add(
            Outbox(lane=lane_of(*where), platform=where[0], installation=where[1], conversation=where[2],
                   operation=operation, payload=payload, correlation=f"home {digest.hex()[:12]}")
        )  # fmt: skip
        return 1


def _shown(there: PostedCard | Account, person: Person, card: Card) -> tuple[str, str, dict[str, Any]]:
    """What the outbox does to show it: the operation, where, and the payload."""
    payload = {"card": to_json(card), "person_id": person.id}
    if isinstance(there, PostedCard):
        return EDIT, there.conversation, {**payload, "posted": there.id}
    return HOME, there.private or there.external, {**payload, "only_for": there.external}


def _digest(card: Card) -> bytes:
    return hashlib.sha256(orjson.dumps(to_json(card), option=orjson.OPT_SORT_KEYS)).digest()
