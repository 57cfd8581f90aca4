"""What the demo company consists of: plain, frozen records, as they are written in the files."""

from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

LANGUAGES = ("en", "ar", "he", "it")
PLATFORMS = ("slack", "teams")
ROLES = ("admin", "manager", "expert", "employee")
KINDS = ("employee", "guest")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CompanyError(ValueError):
    """The demo files contradict themselves. The message names the file or record and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When a person works, in their own time zone."""

    days: tuple[str, ...]
    start: time
    end: time


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody in the company, or a guest from another `organisation`. `name` is in the person's own script."""

    handle: str
    name: str
    latin_name: str
    email: str
    locale: str
    timezone: ZoneInfo
    hours: Hours
    title: str
    location: str
    roles: tuple[str, ...]
    platforms: tuple[str, ...]
    skills: tuple[str, ...]
    department: str | None = None
    kind: str = "employee"
    organisation: str | None = None
    manager: str | None = None


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What knowledge is about, and who answers for it. Names and descriptions by language."""

    key: str
    owner: str
    deputy: str
    names: dict[str, str]
    descriptions: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A place on one platform. `members` are handles; with `everyone`, all employees who have an account there."""

    key: str
    name: str
    platform: str
    private: bool
    everyone: bool
    members: tuple[str, ...]
    language: str
    purpose: str
    topic: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A piece of knowledge. The same slug in two languages is one subject, told twice. `body` is Markdown.

    A reader who holds any one of the `audience` keys may read it.
    """

    slug: str
    language: str
    topic: str
    title: str
    author: str
    owner: str
    audience: tuple[str, ...]
    review_on: date
    tags: tuple[str, ...]
    body: str
    verified_by: str | None = None
    verified_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a person; `minutes_ago` counts back from the moment of loading."""

    author: str
    text: str
    minutes_ago: int


@dataclass(frozen=True, kw_only=True)
class Conversation(Message):
    """A message in a channel with the replies in its thread. `open`: a question that nobody has answered yet."""

    channel: str
    replies: tuple[Message, ...] = ()
    open: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question as people type it. `expect` is the slug of the entry that answers it, None if nothing does."""

    text: str
    language: str
    asker: str
    expect: str | None


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What an announcement says in one language. `text` is Markdown."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question about an announcement, and its author's answer, both in `language`."""

    asker: str
    text: str
    language: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """A question that an announcement puts to its readers."""

    kind: str
    words: str
    options: tuple[str, ...]
    spoken: dict[str, list[str]]
    """The question and its options in other languages."""


@dataclass(frozen=True, kw_only=True)
class Announced:
    """An announcement to all employees, written in `language`. Without `days_ago` it goes out when the demo is loaded;
    `confirm` and `ends` count days from when it goes out."""

    author: str
    language: str
    texts: dict[str, Wording]
    confirm: int
    ends: int
    topic: str | None = None
    days_ago: int | None = None
    confirmed: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    poll: Ballot | None = None


@dataclass(frozen=True, kw_only=True)
class Voiced:
    """What somebody chose in a decision, by the number of the option, and why."""

    by: str
    option: int
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Something that `asker` asks a channel to decide: until `days` from when the demo is loaded, `at` their hour; or
    decided `days_ago`, for the option with the number `chosen`."""

    asker: str
    channel: str
    language: str
    title: str
    options: tuple[str, ...]
    voices: tuple[Voiced, ...] = ()
    decider: str | None = None
    days: int = 1
    at: time = time(12)
    days_ago: int = 0
    chosen: int = 0
    reasons: str = ""


@dataclass(frozen=True, kw_only=True)
class Tasked:
    """Something that `asker` asks of `people` in a channel: `days` from when the demo is loaded, `at` their hour, it is
    to be done."""

    asker: str
    people: tuple[str, ...]
    channel: str
    language: str
    title: str
    days: int
    at: time
    details: str = ""
    accepted: bool = False
    checklist: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Company:
    """The whole demo company, consistent in itself. `as_of` is the day on which the dates in the entries are true."""

    name: str
    short_name: str
    domain: str
    description: str
    as_of: date
    people: dict[str, Person] = field(repr=False)
    topics: dict[str, Topic] = field(repr=False)
    channels: dict[str, Channel] = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    conversations: tuple[Conversation, ...] = field(repr=False)
    questions: tuple[Question, ...] = field(repr=False)
    announcements: tuple[Announced, ...] = field(repr=False)
    tasks: tuple[Tasked, ...] = field(repr=False)
    decisions: tuple[Decided, ...] = field(repr=False)
