"""From what happened to who handles it. Features register here; the runtime looks up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from bot.cards import T
from bot.contributed import Awaits as Awaits
from bot.contributed import Command as Command
from bot.contributed import DigestSection as DigestSection
from bot.contributed import Document as Document
from bot.contributed import Feed as Feed
from bot.contributed import Handler as Handler
from bot.contributed import Hit as Hit
from bot.contributed import HomeSection as HomeSection
from bot.contributed import Page as Page
from bot.contributed import PageHandler as PageHandler
from bot.contributed import Search as Search
from bot.contributed import Seeking as Seeking
from bot.contributed import Shortcut as Shortcut
from bot.contributed import Unfurl as Unfurl

if TYPE_CHECKING:
    from bot.turn import Turn

Found = TypeVar("Found")


@dataclass
class Router:
    """All routes of one app. A name is registered once: a second time is a ``ValueError``."""

    messages: list[Callable[[Turn], bool]] = field(default_factory=list)
    changes: list[Callable[[Turn], bool]] = field(default_factory=list)
    deletions: list[Callable[[Turn], bool]] = field(default_factory=list)
    commands: dict[str, Command] = field(default_factory=dict)
    buttons: dict[str, Handler] = field(default_factory=dict)
    forms: dict[str, Handler] = field(default_factory=dict)
    shortcuts: dict[str, Shortcut] = field(default_factory=dict)
    timers: dict[str, Handler] = field(default_factory=dict)
    results: dict[str, list[Handler]] = field(default_factory=dict)
    facts: dict[str, list[Callable[..., None]]] = field(default_factory=dict)
    jobs: dict[str, Callable[..., Any]] = field(default_factory=dict)
    quick: set[str] = field(default_factory=set)
    sections: list[tuple[int, HomeSection]] = field(default_factory=list)
    digests: list[tuple[int, DigestSection]] = field(default_factory=list)
    pages: list[tuple[re.Pattern[str], PageHandler]] = field(default_factory=list)
    asked: dict[PageHandler, tuple[str, ...]] = field(default_factory=dict)
    feeds: dict[str, tuple[str, Feed]] = field(default_factory=dict)
    joined: list[Callable[[Turn], bool]] = field(default_factory=list)
    reactions: list[Callable[[Turn], bool]] = field(default_factory=list)
    readings: list[Callable[[Turn], bool]] = field(default_factory=list)
    unfurls: list[tuple[re.Pattern[str], Unfurl]] = field(default_factory=list)
    searches: dict[str, Search] = field(default_factory=dict)
    searched: dict[str, tuple[T, T]] = field(default_factory=dict)
    seeking: dict[str, Seeking] = field(default_factory=dict)
    awaited: list[Awaits] = field(default_factory=list)
    prompts: list[tuple[T, T]] = field(default_factory=list)
    refusals: dict[str, T] = field(default_factory=dict)

    def message(self, handler: Callable[[Turn], bool]) -> Callable[[Turn], bool]:
        """A handler of messages; it returns whether it took the message, and the first that does ends the search."""
        self.messages.append(handler)
        return handler

    def changed(self, handler: Callable[[Turn], bool]) -> Callable[[Turn], bool]:
        """A handler of a message whose author changed it: ``turn.inbound`` reads as it does now. See ``message``."""
        self.changes.append(handler)
        return handler

    def deleted(self, handler: Callable[[Turn], bool]) -> Callable[[Turn], bool]:
        """A handler of a message whose author deleted it. See ``message``."""
        self.deletions.append(handler)
        return handler

    def arrival(self, handler: Callable[[Turn], bool]) -> Callable[[Turn], bool]:
        """A handler of Agora being added to a place, or to somebody's own chat. See ``message``."""
        self.joined.append(handler)
        return handler

    def reaction(self, handler: Callable[[Turn], bool]) -> Callable[[Turn], bool]:
        """A handler of a reaction to a message. See ``message``."""
        self.reactions.append(handler)
        return handler

    def read(self, handler: Callable[[Turn], bool]) -> Callable[[Turn], bool]:
        """A handler of somebody having read their own chat up to a message. See ``message``."""
        self.readings.append(handler)
        return handler

    def command(self, name: str, usage: T, opens: str | None = None) -> Callable[[Handler], Handler]:
        """A handler of ``/name``."""
        return lambda handler: _once(self.commands, name, Command(name, usage, handler, opens)).handler

    def button(self, name: str) -> Callable[[Handler], Handler]:
        """A handler of a button: ``handler(turn, id)``."""
        return lambda handler: _once(self.buttons, name, handler)

    def form(self, name: str) -> Callable[[Handler], Handler]:
        """A handler of a submitted form: ``handler(turn, id, values)``."""
        return lambda handler: _once(self.forms, name, handler)

    def shortcut(self, name: str, label: T, opens: str | None = None) -> Callable[[Handler], Handler]:
        """A handler of something done with a message: ``handler(turn)``; the message is ``turn.inbound``."""
        return lambda handler: _once(self.shortcuts, name, Shortcut(name, label, handler, opens)).handler

    def timer(self, name: str) -> Callable[[Handler], Handler]:
        """A handler of something due: ``handler(turn, **args)``."""
        return lambda handler: _once(self.timers, name, handler)

    def result(self, name: str) -> Callable[[Handler], Handler]:
        """A handler of a finished job: ``handler(turn, job_id, result)``. Several features may hear of one."""

        def register(handler: Handler) -> Handler:
            self.results.setdefault(name, []).append(handler)
            return handler

        return register

    def job(self, name: str, quick: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """The work of a kind of job: ``work(run)``; see ``bot.jobs.Run``. ``quick``: somebody waits for its result,
        so it does not wait for an import."""
        if quick:
            self.quick.add(name)
        return lambda work: _once(self.jobs, name, work)

    def fact(self, verb: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Something another feature does when ``verb`` happened, in the same transaction: ``handler(turn, fact)``."""

        def register(handler: Callable[..., None]) -> Callable[..., None]:
            self.facts.setdefault(verb, []).append(handler)
            return handler

        return register

    def home(self, order: int, digest: bool = False) -> Callable[[HomeSection], HomeSection]:
        """A section of everybody's home: ``section(session, person)``, sorted by ``order``; empty shows nothing.
        ``digest``: what it shows is a reason for a digest, and stands in it."""

        def register(section: HomeSection) -> HomeSection:
            self.sections.append((order, section))
            self.sections.sort(key=lambda item: item[0])
            if digest:
                self.digest(order)(lambda session, person, since: section(session, person))
            return section

        return register

    def digest(self, order: int) -> Callable[[DigestSection], DigestSection]:
        """A section of people's digests: ``section(session, person, since)``, with what waits for them or is new since
        then. It goes through the queues: nothing that must not be kept belongs in it."""

        def register(section: DigestSection) -> DigestSection:
            self.digests.append((order, section))
            self.digests.sort(key=lambda item: item[0])
            return section

        return register

    def page(self, path: str, asks: Sequence[str] = ()) -> Callable[[PageHandler], PageHandler]:
        """A web page at ``path``, such as ``/entries/{id}``: ``handler(session, person, **numbers)``. What its address
        says of ``asks`` (``?words=…``) comes along as strings, which anybody can have written."""

        def register(handler: PageHandler) -> PageHandler:
            self.pages.append((_pattern(path), handler))
            self.asked[handler] = tuple(asks)
            return handler

        return register

    def feed(self, name: str, media_type: str) -> Callable[[Feed], Feed]:
        """What other programs read at ``/feeds/{secret}/{name}``, without a session: ``handler(session, secret,
        public_url)``, or ``None`` where nobody has that secret."""

        def register(handler: Feed) -> Feed:
            _once(self.feeds, name, (media_type, handler))
            return handler

        return register

    def unfurl(self, path: str) -> Callable[[Unfurl], Unfurl]:
        """What a link to the page ``path`` shows where somebody posts it: ``handler(session, keys, **numbers)``, a card
        for readers who hold ``keys``, or ``None`` where they may not see it."""

        def register(handler: Unfurl) -> Unfurl:
            self.unfurls.append((_pattern(path), handler))
            return handler

        return register

    def search(self, kind: str, title: T, about: T) -> Callable[[Search], Search]:
        """A search whose results can be put into a message: ``handler(session, person, words, vectors)``, those as
        encoders see the words, as far as there are any. It only reads. ``title`` and ``about`` say what it finds."""
        _once(self.searched, kind, (title, about))
        return lambda handler: _once(self.searches, kind, handler)

    def seeks(self, kind: str, route: str = "") -> Callable[[Seeking], Seeking]:
        """What the handler of such an event will look for: ``texts(session, inbound)``, asked on a session that only
        reads before the turn begins, so that ``turn.vectors`` has it there."""
        return lambda texts: _once(self.seeking, f"{kind} {route}".strip(), texts)

    def awaits(self, handler: Awaits) -> Awaits:
        """Whether a message is surely answered: ``handler(session, inbound)``, asked where that takes long."""
        self.awaited.append(handler)
        return handler

    def prompt(self, label: T, says: T) -> None:
        """Something to begin with, in a person's own chat: pressed, it is said as if they had written it."""
        self.prompts.append((label, says))

    def refusal(self, **sentences: T) -> None:
        """The sentences of refusal codes: each says what to do next."""
        for code, sentence in sentences.items():
            _once(self.refusals, code, sentence)

    def include(self, feature: Router) -> None:
        """Take over everything that a feature registered with a router of its own."""
        self.messages.extend(feature.messages)
        self.changes.extend(feature.changes)
        self.deletions.extend(feature.deletions)
        for name in ("commands", "buttons", "forms", "shortcuts", "timers", "jobs", "refusals",
                     "searches", "searched", "seeking", "asked", "feeds"):  # fmt: skip
            for key, value in getattr(feature, name).items():
                _once(getattr(self, name), key, value)
        self.quick |= feature.quick
        for several in ("facts", "results"):
            for name, listeners in getattr(feature, several).items():
                getattr(self, several).setdefault(name, []).extend(listeners)
        self.sections.extend(feature.sections)
        self.sections.sort(key=lambda item: item[0])
        self.digests.extend(feature.digests)
        self.digests.sort(key=lambda item: item[0])
        for listed in ("pages", "joined", "reactions", "readings", "unfurls", "prompts", "awaited"):
            getattr(self, listed).extend(getattr(feature, listed))

    def page_at(self, path: str) -> tuple[PageHandler, dict[str, int]] | None:
        """The page handler for ``path`` and its numbers."""
        return _at(self.pages, path)

    def unfurl_at(self, path: str) -> tuple[Unfurl, dict[str, int]] | None:
        """The handler that shows a link to ``path``, and its numbers."""
        return _at(self.unfurls, path)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[0-9]{1,18})", path) + "$")


def _at(handlers: Sequence[tuple[re.Pattern[str], Found]], path: str) -> tuple[Found, dict[str, int]] | None:
    for pattern, handler in handlers:
        if match := pattern.match(path):
            return handler, {name: int(value) for name, value in match.groupdict().items()}
    return None


def _once(registry: dict[str, Any], name: str, handler: Any) -> Any:
    if name in registry and registry[name] != handler:  # two features may say the same sentence
        raise ValueError(f"{name} is registered twice")
    registry[name] = handler
    return handler
