"""Somebody's home as a card: what every feature contributes to it, for platforms that show one.

Who opened theirs a short while ago sees what changes in it: every few seconds the homes that are looked at are made
anew, if anything happened, and shown again where they differ. Nothing of that burdens the turns in which things happen.
"""

from __future__ import annotations

import asyncio
import hashlib
from itertools import chain

import orjson
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cards import Card, Divider, Element, T, to_json
from bot.gateway import HOME
from bot.router import Router
from bot.turn import Turn
from models import homes
from models.base import now, reading, transaction
from models.facts import Fact
from models.homes import RECENT, HomeView
from models.joining import find_account
from models.mail import Outbox, lane_of
from models.people import Account, Person

log = structlog.get_logger(__name__)
EVERY = 5.0  # seconds
MOST = 50  # homes in one round


def home_card(router: Router, session: Session, person: Person) -> Card:
    """All sections that have something to show, with lines between them."""
    sections = [shown for _, section in router.sections if (shown := section(session, person))]
    elements: tuple[Element, ...] = tuple(chain.from_iterable((*shown, Divider()) for shown in sections))
    return Card(T("Your home"), elements[:-1])


def show(router: Router, turn: Turn) -> None:
    """Show the home of the actor, who looks at it."""
    card = home_card(router, turn.session, turn.actor)
    turn.show_home(card)
    heard = turn.inbound
    account = find_account(turn.session, heard.platform, heard.installation, heard.actor or "")
    if account is not None:
        homes.opened(turn.session, account, _digest(card))


class Refresher:
    """Brings the homes of one platform up to date."""

    def __init__(self, router: Router, platform: str) -> None:
        self._router, self._platform = router, platform
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
        where = (account.platform, account.installation, account.private or account.external)
        payload = {"card": to_json(card), "person_id": person.id, "only_for": account.external}
        session.add(
            Outbox(lane=lane_of(*where), platform=where[0], installation=where[1], conversation=where[2],
                   operation=HOME, payload=payload, correlation=f"home {digest.hex()[:12]}")
        )  # fmt: skip
        return 1


def _digest(card: Card) -> bytes:
    return hashlib.sha256(orjson.dumps(to_json(card), option=orjson.OPT_SORT_KEYS)).digest()
