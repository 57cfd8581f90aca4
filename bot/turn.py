"""What a handler may do. A turn lives inside one transaction: everything it does is a row, or did not happen."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cards import Card, Form, Reply, T, to_json
from bot.gateway import DELETE, EDIT, HOME, POST, UNFURL
from bot.inbound import Inbound
from models import access
from models.base import Base, Refusal, now
from models.facts import Fact
from models.mail import Job, lane_of
from models.masks import RELAY
from models.pending import forget, pending, standing_about
from models.people import Person, own_chat
from models.places import Place, place_at
from models.rows import rows_of
from models.search.asking import sought
from models.search.pool import Space, Vector

Entity = TypeVar("Entity", bound=Base)
Vectors = Mapping[str, Mapping[Space, Vector]]
"""By text, then by space."""
_OVERHEARD = frozenset({"message", "message_changed", "message_deleted", "reaction", "read", "unfurl", "directory"})


class Turn:
    """One event being handled: who acts, where, and what follows from it."""

    def __init__(
        self, session: Session, inbound: Inbound, correlation: str, actor: Person | None, place: Place | None = None
    ) -> None:
        self.session = session
        self.inbound = inbound
        self.correlation = correlation
        self.facts: list[Fact] = []
        self.sent = 0
        self._actor = actor
        self._place = place
        self._keys: list[str] | None = None
        self.unlinked = False
        """Nothing that is stored of this turn may lead from what was done to who did it."""
        self.prepared: Vectors = {}
        """The vectors of what this turn looks for, made before it began."""

    # -- who and where

    @property
    def actor(self) -> Person:
        """The person who acts; ``Refusal("unknown_person")`` where Agora itself does."""
        if self._actor is None:
            raise Refusal("unknown_person")
        return self._actor

    @property
    def place(self) -> Place:
        """Where it happens; ``Refusal("unknown_place")`` where Agora does not know it."""
        if self._place is None:
            heard = self.inbound
            self._place = place_at(self.session, heard.platform, heard.installation, heard.conversation)
            if self._place is None:
                raise Refusal("unknown_place")
        return self._place

    @property
    def keys(self) -> list[str]:
        """The audience keys that the actor holds."""
        if self._keys is None:
            self._keys = access.keys_of(self.session, self.actor)
        return self._keys

    def put_on_mask(self, mask: Person, inbound: Inbound) -> None:
        """Go on as a mask: what is emitted, sent and remembered from now on leads to it, not to its wearer."""
        self._actor, self.inbound = mask, inbound
        self._place = self._keys = None
        self.correlation = secrets.token_hex(6)
        self.unlinked = True

    @property
    def private(self) -> bool:
        """Whether this is the actor's own chat with Agora."""
        return access.is_own_chat(self.place)

    @property
    def came_to_nothing(self) -> bool:
        """Whether nothing followed from what somebody else's talk or directory said: then its content is not kept."""
        return self.inbound.kind in _OVERHEARD and not self.sent and not self.facts

    @property
    def now(self) -> datetime:
        """The present moment."""
        return now()

    def vectors(self, text: str) -> Mapping[Space, Vector]:
        """``text`` as encoders see it, to search with; empty where it was not prepared (``router.seeks``), or no
        encoder answered in time: then words decide. Nothing is encoded here, since nobody waits inside a
        transaction."""
        return self.prepared.get(sought(text), {}) if self.prepared else {}

    # -- what may be touched

    def fetch(self, kind: type[Entity], id: int, to: str) -> Entity:
        """The row, locked until the end of the turn, if the actor may ``to`` it; else a refusal."""
        found = rows_of(kind).locked(self.session, id)
        if found is None:
            raise Refusal("not_found")
        access.require(self.session, self.actor, to, found)
        return found

    def require(self, verb: str, thing: Base | str) -> None:
        """A refusal unless the actor may ``verb`` this thing, or any thing of this name."""
        access.require(self.session, self.actor, verb, thing)

    # -- what follows

    def reply(self, card: Card, about: str | None = None, thread: str | None = None) -> None:
        """Post ``card`` where this happens, in its thread (``thread``: in that one), for all who are there."""
        self.post(self.place, card, about=about, thread=thread or self.inbound.thread)

    def whisper(self, card: Card, about: str | None = None) -> None:
        """Post ``card`` where this happens, for the actor alone."""
        if self.private:
            self.reply(card, about)
            return
        self.post(self.place, card, about=about, thread=self.inbound.thread, only_for=self.actor,
                  account=self.inbound.actor)  # fmt: skip

    def post(
        self,
        place: Place,
        card: Card,
        *,
        about: str | None = None,
        thread: str | None = None,
        only_for: Person | None = None,
        account: str | None = None,
    ) -> None:
        """Post ``card`` in ``place``. ``about`` lets ``edit`` find it again; ``only_for`` alone sees it, by
        ``account``."""
        payload = {
            "card": to_json(card),
            "thread": thread,
            "place_id": place.id,
            "person_id": only_for.id if only_for else None,
            "only_for": account,
        }
        about = about or _relayed(place.platform, place.key)
        self._out(POST, place.platform, place.installation, place.key, payload, about)

    def send(self, person: Person, card: Card, about: str | None = None) -> bool:
        """Post ``card`` in the person's own chat with Agora; whether they have one."""
        chat = own_chat(self.session, person)
        if chat is None:
            return False
        payload = {"card": to_json(card), "thread": None, "person_id": person.id}
        about = about or _relayed(chat.platform, chat.key)
        self._out(POST, chat.platform, chat.installation, chat.key, payload, about)
        return True

    def edit(self, about: str, card: Card) -> int:
        """Change every card that is about this, wherever it stands; how many there are."""
        return self.edit_all({about: card})

    def edit_all(self, cards: Mapping[str, Card]) -> int:
        """Change every card that is about one of these; how many there are."""
        standing = standing_about(self.session, *cards)
        for posted in standing:
            payload = {"card": to_json(cards[posted.about]), "posted": posted.id, "person_id": posted.person_id}
            self._out(EDIT, posted.platform, posted.installation, posted.conversation, payload)
        return len(standing)

    def replace(self, card: Card) -> None:
        """Change the message on which this was pressed; what was pressed at home is said beside that."""
        heard = self.inbound
        if heard.message is None:
            self.whisper(card)
            return
        payload = {"card": to_json(card), "reference": heard.message, "person_id": self.actor.id}
        self._out(EDIT, heard.platform, heard.installation, heard.conversation, payload)

    def show_home(self, card: Card) -> None:
        """Show ``card`` as the home of the actor, whose chat or home this is."""
        heard = self.inbound
        payload = {"card": to_json(card), "person_id": self.actor.id, "only_for": heard.actor}
        self._out(HOME, heard.platform, heard.installation, heard.conversation, payload)

    def unfurl(self, link: str, card: Card) -> None:
        """Show ``card`` under ``link`` in this message."""
        heard = self.inbound
        payload = {"card": to_json(card), "reference": heard.message, "link": link, "place_id": self.place.id}
        self._out(UNFURL, heard.platform, heard.installation, heard.conversation, payload)

    def operate(
        self, operation: str, platform: str, installation: str, conversation: str, payload: dict[str, Any]
    ) -> None:
        """Let a gateway do what only its platform knows; ``payload`` as ``Delivery`` reads it."""
        self._out(operation, platform, installation, conversation, payload)

    def withdraw(self, about: str) -> None:
        """Remove every card that is about this."""
        standing = standing_about(self.session, about)
        for posted in standing:
            self._out(DELETE, posted.platform, posted.installation, posted.conversation, {"posted": posted.id})
        forget(self.session, standing)

    def open(self, form: Form) -> Reply:
        """Open a form for whoever pressed."""
        return Reply(form=form)

    def errors(self, **by_field: T) -> Reply:
        """Show errors in the submitted form, which stays open."""
        return Reply(errors=by_field)

    def emit(self, verb: str, entity: Base, **data: Any) -> None:
        """Record that ``verb`` happened to ``entity``; other features hear of it in the same transaction."""
        fact = Fact(
            verb=verb,
            actor_id=self._actor.id if self._actor else None,
            entity=entity.__tablename__,
            entity_id=entity.id,  # type: ignore[attr-defined]
            data=data,
            correlation=self.correlation,
        )
        waiting = ("verb", "actor_id", "entity", "entity_id", "data", "correlation")
        pending(self.session).facts.append({name: getattr(fact, name) for name in waiting})
        self.facts.append(fact)

    def later(self, due: datetime, route: str, schedule: str, **args: Any) -> None:
        """Call the timer ``route`` at ``due``. ``schedule`` names what it is for; with ``due`` it is unique: said
        twice, it happens once."""
        slot = due.astimezone(UTC).isoformat()
        values = {"schedule": schedule, "slot": slot, "route": route, "args": args, "due_at": due}
        pending(self.session).timers.append({**values, "correlation": self.correlation})

    def job(self, kind: str, **args: Any) -> Job:
        """Start long work of this kind; its end calls the result route of the same name."""
        job = Job(kind=kind, args=args, correlation=self.correlation)
        self.session.add(job)
        self.session.execute(select(func.pg_notify("agora_job", "")))
        return job

    def _out(
        self,
        operation: str,
        platform: str,
        installation: str,
        conversation: str,
        payload: dict[str, Any],
        about: str | None = None,
    ) -> None:
        """A message waits to be written; what it shows is remembered by what it is ``about``."""
        message = {
            "lane": lane_of(platform, installation, conversation),
            "platform": platform,
            "installation": installation,
            "conversation": conversation,
            "operation": operation,
            "payload": payload,
            "correlation": self.correlation,
            "about": about,
            "thread": payload.get("thread"),
            "person_id": payload.get("person_id"),
        }
        pending(self.session).messages.append(message)
        self.sent += 1


def _relayed(platform: str, conversation: str) -> str | None:
    """What a mask is shown is always remembered: only so can what its wearer presses be done behind it."""
    return conversation if platform == RELAY else None
