"""Whether the demo company agrees with itself. Every rule yields sentences about what breaks it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from handlers.demo.model import (
    DAYS,
    KINDS,
    LANGUAGES,
    PLATFORMS,
    ROLES,
    Announced,
    Channel,
    Company,
    CompanyError,
    Conversation,
    Decided,
    Entry,
    Person,
    Question,
    Tasked,
    Topic,
)


def check(company: Company) -> None:
    """Raises CompanyError with everything that is wrong, one line each."""
    wrong = [
        *(f"person {p.handle}: {problem}" for p in company.people.values() for problem in _person(company, p)),
        *(f"topic {t.key}: {problem}" for t in company.topics.values() for problem in _topic(company, t)),
        *(f"channel {c.key}: {problem}" for c in company.channels.values() for problem in _channel(company, c)),
        *(f"entry {e.slug}.{e.language}: {problem}" for e in company.entries for problem in _entry(company, e)),
        *(f"conversation in {c.channel}: {problem}" for c in company.conversations for problem in _talk(company, c)),
        *(f"question {q.text!r}: {problem}" for q in company.questions for problem in _question(company, q)),
        *(f"announcement of {a.author}: {problem}" for a in company.announcements for problem in _said(company, a)),
        *(f"decision {d.title!r}: {problem}" for d in company.decisions for problem in _decided(company, d)),
        *(f"task {t.title!r}: {problem}" for t in company.tasks for problem in _tasked(company, t)),
        *_repeated("entry", ((e.slug, e.language) for e in company.entries)),
        *_repeated("e-mail address", (p.email for p in company.people.values())),
    ]
    if wrong:
        raise CompanyError("\n".join(wrong))


def _person(company: Company, person: Person) -> Iterator[str]:
    yield from _unknown("language", [person.locale], LANGUAGES)
    yield from _unknown("role", person.roles, ROLES)
    yield from _unknown("kind", [person.kind], KINDS)
    yield from _unknown("platform", person.platforms, PLATFORMS)
    yield from _unknown("day", person.hours.days, DAYS)
    yield from _unknown("topic", person.skills, company.topics)
    yield from _unknown("manager", [person.manager] if person.manager else [], company.people)
    if person.hours.start >= person.hours.end:
        yield "the working day ends before it starts"
    if not person.platforms:
        yield "has no account on any platform"
    if person.email.endswith("@" + company.domain) != (person.kind == "employee"):
        yield f"employees, and only they, have an address at {company.domain}"
    if (person.organisation is None) != (person.kind == "employee"):
        yield "guests, and only they, name their organisation"
    if person.handle in _superiors(company, person):
        yield "is their own superior"


def _superiors(company: Company, person: Person) -> list[str]:
    above: list[str] = []
    current: Person | None = person
    while current and current.manager and current.manager not in above:
        above.append(current.manager)
        current = company.people.get(current.manager)
    return above


def _topic(company: Company, topic: Topic) -> Iterator[str]:
    yield from _unknown("person", [topic.owner, topic.deputy], company.people)
    for texts in (topic.names, topic.descriptions):
        if set(texts) != set(LANGUAGES):
            yield f"names and descriptions are in {', '.join(LANGUAGES)}, not in {', '.join(texts)}"


def _channel(company: Company, channel: Channel) -> Iterator[str]:
    yield from _unknown("platform", [channel.platform], PLATFORMS)
    yield from _unknown("language", [channel.language], LANGUAGES)
    yield from _unknown("topic", [channel.topic] if channel.topic else [], company.topics)
    yield from _unknown("person", channel.members, company.people)
    for handle in channel.members:
        if handle in company.people and channel.platform not in company.people[handle].platforms:
            yield f"{handle} has no account on {channel.platform}"


def _entry(company: Company, entry: Entry) -> Iterator[str]:
    yield from _unknown("topic", [entry.topic], company.topics)
    yield from _unknown("language", [entry.language], LANGUAGES)
    yield from _unknown("audience", entry.audience, audience_keys(company))
    people = [entry.author, entry.owner, *([entry.verified_by] if entry.verified_by else [])]
    yield from _unknown("person", people, company.people)
    if not entry.audience:
        yield "has no audience"
    if (entry.verified_by is None) != (entry.verified_on is None):
        yield "verified_by and verified_on stand together"
    if entry.verified_on and entry.verified_on > company.as_of:
        yield "is verified in the future"


def audience_keys(company: Company) -> set[str]:
    """Every key that an entry of this company may carry."""
    people = company.people.values()
    return {
        "everyone",
        "guests",
        *(f"department:{person.department}" for person in people if person.department),
        *(f"location:{person.location}" for person in people),
        *(f"role:{role}" for role in ROLES),
        *(f"channel:{key}" for key in company.channels),
    }


def _talk(company: Company, talk: Conversation) -> Iterator[str]:
    yield from _unknown("channel", [talk.channel], company.channels)
    members = company.channels[talk.channel].members if talk.channel in company.channels else ()
    yield from _unknown("member", [message.author for message in (talk, *talk.replies)], members)
    moments = [message.minutes_ago for message in (talk, *talk.replies)]
    if moments != sorted(moments, reverse=True):
        yield "replies come before what they reply to"
    if talk.open and talk.replies:
        yield "is open, and yet has replies"


def _question(company: Company, question: Question) -> Iterator[str]:
    yield from _unknown("language", [question.language], LANGUAGES)
    yield from _unknown("person", [question.asker], company.people)
    if question.expect is not None:
        slugs = {entry.slug for entry in company.entries if entry.language == question.language}
        yield from _unknown(f"entry in {question.language}", [question.expect], slugs)


def _said(company: Company, one: Announced) -> Iterator[str]:
    yield from _unknown("person", [one.author, *one.confirmed, *(a.asker for a in one.asked)], company.people)
    yield from _unknown("language", [one.language, *one.texts, *(a.language for a in one.asked)], LANGUAGES)
    yield from _unknown("topic", [one.topic] if one.topic else [], company.topics)
    for language, said in one.poll.spoken.items() if one.poll is not None else ():
        yield from _unknown("language", [language], one.texts)
        if one.poll is not None and len(said) != 1 + len(one.poll.options):
            yield f"the poll has other options in {language}"
    if one.language not in one.texts:
        yield "has no text in its own language"
    if one.days_ago is None and (one.confirmed or one.asked):
        yield "nobody can have said something to what has not gone out"
    if not 0 < one.confirm <= one.ends:
        yield "is to be confirmed before it ends"


def _decided(company: Company, one: Decided) -> Iterator[str]:
    yield from _unknown("channel", [one.channel], company.channels)
    members = company.channels[one.channel].members if one.channel in company.channels else ()
    heard = [voice.by for voice in one.voices]
    yield from _unknown("member", [one.asker, *heard, *([one.decider] if one.decider else [])], members)
    yield from _unknown("language", [one.language], LANGUAGES)
    numbers = [str(number) for number in (*(voice.option for voice in one.voices), one.chosen or 1)]
    yield from _unknown("option", numbers, map(str, range(1, len(one.options) + 1)))


def _tasked(company: Company, one: Tasked) -> Iterator[str]:
    yield from _unknown("channel", [one.channel], company.channels)
    members = company.channels[one.channel].members if one.channel in company.channels else ()
    yield from _unknown("member", [one.asker, *one.people], members)
    yield from _unknown("language", [one.language], LANGUAGES)


def _unknown(what: str, given: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    yield from (f"unknown {what} {item!r}" for item in given if item not in known)


def _repeated(what: str, items: Iterable[object]) -> Iterator[str]:
    yield from (f"{what} {item!r} occurs twice" for item, count in Counter(items).items() if count > 1)
