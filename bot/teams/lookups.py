"""What Teams asks and only wants to read: a search, what a link leads to, a card as its reader should see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import literal, or_, select
from sqlalchemy.orm import Session

from bot.cards import Card, T, from_json
from bot.gateway import EDIT, POST, Delivery
from bot.router import Hit
from bot.runtime import Runtime
from bot.teams import answers
from bot.teams.activity import Activity, actor, conversation, external, identifier, kind, objects, part, tenant, text
from bot.teams.blocks import Block
from bot.teams.parse import PLATFORM
from bot.teams.reach import alone
from bot.teams.render import Scene, render
from bot.teams.sentences import said
from bot.teams.store import PERSONAL, reference_of
from bot.texts import Reader
from models import access
from models.base import Refusal, now
from models.files import File
from models.mail import DROPPED, FAILED, Outbox, PostedCard, lane_of
from models.people import Account, Person, by_account
from models.places import place_at
from models.search.pool import Space, Vector

_MOST_WORDS = 300  # characters of what is looked for
_MOST_HITS = 25
_LATELY, _MOST_FILES = timedelta(days=7), 20
_OURS = literal(PLATFORM, literal_execute=True)  # as the index of these cards says it
_NOTHING = T("Nothing was found.")


def reader_of(session: Session, activity: Activity) -> Reader:
    """In what language and zone whoever did it reads; by what Teams says of somebody who is not known."""
    try:
        person = by_account(session, PLATFORM, tenant(activity), actor(activity) or "")
    except Refusal:
        return Reader(text(activity, "locale") or "en")
    return Reader(person.locale, person.timezone)


def person_of(session: Session, activity: Activity) -> Person:
    """Whoever did it; ``Refusal("unknown_person")``."""
    return by_account(session, PLATFORM, tenant(activity), actor(activity) or "")


def files_of(session: Session, activity: Activity) -> list[tuple[int, str]]:
    """What whoever did it sent lately, and was put into nothing yet: by number and name, the newest first."""
    who = (Account.platform == PLATFORM) & (Account.installation == tenant(activity))
    account = select(Account.person_id).where(who, Account.external == (actor(activity) or ""))
    lately = (File.owner_id == account.scalar_subquery()) & (File.created_at > now() - _LATELY)
    free = (File.place_id.is_(None), File.question_id.is_(None), File.answer_id.is_(None), File.entry_id.is_(None))
    found = session.execute(select(File.id, File.name).where(lately, *free).order_by(File.id.desc()).limit(_MOST_FILES))
    return [(row.id, row.name) for row in found]


def search(session: Session, runtime: Runtime, activity: Activity, vectors: Mapping[Space, Vector]) -> Block:
    """What a message extension found: each can be put into a message. ``vectors`` are of its ``words``."""
    looked_up = runtime.router.searches.get(identifier(activity, "value", "commandId") or "")
    person, reader = person_of(session, activity), reader_of(session, activity)
    if looked_up is None:
        return answers.results([])
    options = part(activity, "value", "queryOptions")
    skip, count = _number(part(options, "skip"), 0), _number(part(options, "count"), _MOST_HITS)
    hits = looked_up(session, person, words(activity), vectors)[skip : skip + min(count, _MOST_HITS)]
    if not hits and not skip:
        return answers.says(_NOTHING, reader)
    return answers.results([_hit(hit, reader, runtime) for hit in hits])


def unfurled(session: Session, runtime: Runtime, activity: Activity) -> Block:
    """What a link shows under a message that is being written: only what everybody there may read. Of a place that
    Agora does not know it cannot say who is there; a chat with somebody else looks like one's own."""
    path = path_of(text(activity, "value", "url"), runtime.settings.public_url)
    found = runtime.router.unfurl_at(path) if path is not None else None
    place = place_at(session, PLATFORM, tenant(activity), conversation(activity) or "")
    if found is None or place is None or not _is_here(session, activity):
        return answers.results([])
    shown: Card | None = found[0](session, access.keys_in(session, place), **found[1])
    if shown is None:
        return answers.results([])
    reader = Reader(place.locale)
    return answers.results([({"title": _line(said(shown.summary, reader))}, _rendered(shown, reader, runtime))])


def _is_here(session: Session, activity: Activity) -> bool:
    """Whether it is written in the very conversation that Agora knows by this key."""
    known = reference_of(session, tenant(activity), conversation(activity) or "")
    return kind(activity) != PERSONAL or (known is not None and known.external == external(activity))


def standing(session: Session, activity: Activity, reader: Reader, caused: str | None = None) -> Delivery | None:
    """What brought, or is about to bring, the card on the message at hand, for this reader; with ``caused``, what the
    event of this correlation made of it. ``None`` where it is another's, or no longer kept."""
    message, key = identifier(activity, "replyToId"), conversation(activity) or ""
    if message is None:
        return None
    alike = {key: message}
    posted: list[str] = []
    for row in _posted(session, activity, message, key):
        alike[row.conversation] = row.reference
        posted.append(str(row.id))
    of_message = or_(Outbox.reference.in_(alike.values()), Outbox.payload["reference"].astext == message,
                     Outbox.payload["posted"].astext.in_(posted))  # fmt: skip
    rows = select(Outbox.id, Outbox.operation, Outbox.payload, Outbox.conversation).where(
        Outbox.lane.in_([lane_of(PLATFORM, tenant(activity), each) for each in alike]), of_message,
        Outbox.operation.in_((POST, EDIT)), Outbox.state.not_in((FAILED, DROPPED)), Outbox.conversation.in_(alike),
        Outbox.correlation == caused if caused is not None else Outbox.correlation.is_not(None),
    )  # fmt: skip
    found = session.execute(rows.order_by(Outbox.id.desc()).limit(1)).one_or_none()
    payload = (found.payload or {}) if found is not None else {}
    if found is None or not payload.get("card") or payload.get("only_for") not in (None, actor(activity)):
        return None
    return Delivery(found.id, tenant(activity), found.conversation, found.operation, from_json(payload["card"]), reader,
                    reference=alike[found.conversation], person_id=payload.get("person_id"))  # fmt: skip


def _posted(session: Session, activity: Activity, message: str, key: str) -> Sequence[Any]:
    """The cards that stand as this message. In somebody's own chat stands also what they alone see of others."""
    names = [message, alone(message, key)] if key == actor(activity) else [message]
    cards = select(PostedCard.id, PostedCard.conversation, PostedCard.reference).where(
        PostedCard.platform == _OURS, PostedCard.installation == tenant(activity), PostedCard.reference.in_(names)
    )
    return [row for row in session.execute(cards) if row.conversation == key or row.reference != message]


def path_of(url: str | None, public_url: str) -> str | None:
    """The path of one of Agora's own pages; ``None`` for any other address."""
    try:
        parts, ours = urlsplit(url or ""), urlsplit(public_url)
    except ValueError:
        return None
    base = ours.path.rstrip("/")
    same = (parts.scheme.lower(), parts.netloc.lower()) == (ours.scheme.lower(), ours.netloc.lower())
    return parts.path[len(base) :] if same and parts.path.startswith(f"{base}/") else None


def words(activity: Activity) -> str:
    """What is looked for; nothing when the extension has just been opened."""
    for each in objects(activity, "value", "parameters"):
        if each.get("name") != "initialRun" and isinstance(each.get("value"), str):
            return str(each["value"])[:_MOST_WORDS]
    return ""


def _hit(hit: Hit, reader: Reader, runtime: Runtime) -> tuple[Block, Block]:
    preview = {"title": _line(said(hit.title, reader)), "text": _line(said(hit.about, reader))}
    return preview, _rendered(hit.card, reader, runtime)


def _rendered(shown: Card, reader: Reader, runtime: Runtime) -> Block:
    """For others than the reader too: links lead to the plain pages, which ask who is there."""
    return render(shown, reader, Scene(link=lambda path: f"{runtime.settings.public_url}{path}"))


def _line(words: str) -> str:
    """On one line; Teams reads these as HTML."""
    return escape(" ".join(words.split()), quote=False)


def _number(value: Any, otherwise: int) -> int:
    return value if type(value) is int and 0 <= value < 10_000 else otherwise
