"""What people see of entries in their chats."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import (
    Actions,
    Button,
    Card,
    Divider,
    Element,
    Fields,
    Heading,
    Link,
    Markdown,
    Moment,
    Names,
    Passage,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.mentions import mention, named
from bot.shorten import shortened
from bot.translating import offered
from handlers.knowledge import suggestion_cards
from models.knowledge import CURRENT, DRAFT, REFUSED, RETIRED, VANISHED, WITHDRAWN, Entry
from models.people import Person
from models.search.find import Hit

_MUCH = 1500


def draft(
    entry: Entry,
    audience: Words,
    private: bool,
    files: Sequence[Element] = (),
    again: bool = False,
    reader: Person | None = None,
) -> Card:
    """A draft, shown to ``reader``, who may verify it. What only its asker may read goes through the form, to be
    widened."""
    words = T("A draft waits for you: “{title}”", title=User(entry.title))
    if again:
        words = T("Still waiting for you: “{title}”", title=User(entry.title))
    body = Markdown(shortened(entry.body, _MUCH), entry.language)
    elements: list[Element] = [Text(words), body, *_translation(entry, reader), *files, _about(entry, audience)]
    if private:
        elements.append(Text(T("It was asked in private: choose who may read it before others can find it."), True))
    elements.append(Text(T("Once you verify it, the next one who asks gets it as an answer."), subtle=True))
    elements += suggestion_cards.way(entry)
    return Card(words, (*elements, draft_actions(entry, private)))


def draft_actions(entry: Entry, private: bool) -> Actions:
    """What may be done with a draft."""
    edit = Button(T("Edit"), "knowledge.edit", entry.id, opens="form")
    verify = Button(T("Verify"), "knowledge.verify", entry.id, "primary")
    if private:
        edit = Button(T("Choose who may read it"), "knowledge.edit", entry.id, "primary", opens="form")
    refuse = Button(T("Refuse"), "knowledge.refuse", entry.id, "danger", opens="form")
    return Actions((edit, refuse) if private else (verify, edit, refuse))


def verified(entry: Entry, by: Person, audience: Words) -> Card:
    """What becomes of a draft's card, and of a review's, when somebody says that it is true."""
    words = T("✓ {name} verified “{title}”. Who asks from now on gets it.", name=mention(by), title=User(entry.title))
    pairs: tuple[tuple[Words, Words], ...] = ((T("Who may read it"), audience),)
    return Card(words, (Text(words), Fields(pairs), whole(entry), manage(entry)))


def refused(entry: Entry, by: Person, reason: str) -> Card:
    """What becomes of a draft's card when it is not kept."""
    words = T("{name} refused the draft “{title}”.", name=mention(by), title=User(entry.title))
    restore = Button(T("Undo"), "knowledge.restore", entry.id)
    return Card(words, (Text(words), Markdown(reason), Actions((restore,))))


def told_refused(entry: Entry, by: Person, reason: str) -> Card:
    """A refusal, told to the author."""
    words = T("Thank you for “{title}”. {name} did not take it into what the company knows, and says why:",
              title=User(entry.title), name=mention(by))  # fmt: skip
    edit = Button(T("Change it and send it again"), "knowledge.edit", entry.id, opens="form")
    return Card(words, (Text(words), Markdown(reason), Actions((edit,))))


def told_verified(entry: Entry, by: Person) -> Card:
    """A verification, told to the author."""
    words = T("{name} verified “{title}”, which came from you. Thank you: who asks from now on gets it.",
              name=mention(by), title=User(entry.title))  # fmt: skip
    return Card(words, (Text(words), whole(entry)))


def handed_in(entry: Entry) -> Card:
    """Told to who wrote a draft."""
    words = T("Thank you! “{title}” is found as soon as it is verified.", title=User(entry.title))
    return Card(words, (Text(words), whole(entry), *suggestion_cards.way(entry), manage(entry)))


def still_draft(entry: Entry) -> Card:
    """Told to its author when a draft was changed."""
    return simple(T("Saved. “{title}” waits to be verified.", title=User(entry.title)), whole(entry))


def holds_secret(entry: Entry) -> Card:
    """Told to who wrote something like a password into an entry."""
    words = T("“{title}” seems to hold a password, a key or the number of a card.", title=User(entry.title))
    note = T(
        "The search and my answers leave it out, but whoever opens the entry reads it, and its history keeps it. If it "
        "is a secret, take it out and change it."
    )
    edit = Button(T("Edit"), "knowledge.edit", entry.id, opens="form")
    return Card(words, (Text(words), Text(note), Actions((edit,))))


def saved(entry: Entry) -> Card:
    """Told to who changed an entry."""
    words = T("Saved: “{title}” is revision {number} now.", title=User(entry.title), number=entry.revision)
    return Card(words, (Text(words), whole(entry), history(entry), manage(entry)))


def review(entry: Entry, audience: Words, reader: Person | None = None) -> Card:
    """Is it still true? Asked of ``reader``."""
    words = T("Is “{title}” still true?", title=User(entry.title))
    last = Text(T("Last confirmed on {day}.", day=Moment(entry.verified_at, True)), True) if entry.verified_at else None
    body = Markdown(shortened(entry.body, _MUCH), entry.language)
    text = (*((last,) if last else ()), body, *_translation(entry, reader))
    elements = (Text(words), *text, _about(entry, audience), whole(entry))
    return Card(words, (*elements, review_actions(entry)))


def review_actions(entry: Entry) -> Actions:
    """What may be answered to "is it still true?"."""
    return Actions((
        Button(T("Still true"), "knowledge.verify", entry.id, "primary"),
        Button(T("Edit"), "knowledge.edit", entry.id, opens="form"),
        Button(T("Retire"), "knowledge.retire", entry.id, "danger", opens="form"),
    ))  # fmt: skip


def gone(entry: Entry, by: Person | None) -> Card:
    """An entry was retired or withdrawn; by nobody, where nobody confirmed it."""
    words = T("“{title}” was not confirmed by anybody. It is not found any more.", title=User(entry.title))
    if by is not None and entry.state == WITHDRAWN:
        words = T("{name} withdrew “{title}” because it was wrong.", name=mention(by), title=User(entry.title))
    elif by is not None:
        words = T("{name} retired “{title}”. It is not found any more.", name=mention(by), title=User(entry.title))
    restore = Button(T("Restore"), "knowledge.restore", entry.id)
    return Card(words, (Text(words), whole(entry), Actions((restore,))))


def more_waits(n: int) -> Card:
    """Instead of yet another card."""
    return simple(T("{n} thing waits for you.", "{n} things wait for you.", n=n),
                  Text(T("I do not send you all of them. Your home shows them."), subtle=True))  # fmt: skip


def reassigned(person: Person, entries: Sequence[Entry], n: int) -> Card:
    """What somebody who left looked after, told in one card to who does now."""
    words = T("{name} has left. You now look after {n} entry.", "{name} has left. You now look after {n} entries.",
              n=n, name=named(person))  # fmt: skip
    links = tuple(Link(User(entry.title), f"/entries/{entry.id}") for entry in entries)
    return Card(words, (Text(words), *links, Text(T("Your home shows all of them."), subtle=True)))


def corrected(entry: Entry, withdrawn: bool) -> Card:
    """In a thread that was answered with it: that it was wrong."""
    if withdrawn:
        words = T("Correction: “{title}”, shown here before, was wrong and is withdrawn.", title=User(entry.title))
        return Card(words, (Text(words), Text(T("Ask again if you still need it."), subtle=True)))
    words = T("Correction: “{title}”, shown here before, was wrong. It is put right now.", title=User(entry.title))
    return Card(words, (Text(words), whole(entry), history(entry)))


def manager(entry: Entry, audience: Words, may: frozenset[str], reader: Person) -> Card:
    """An entry with all that ``reader`` may do with it."""
    words = User(entry.title)
    elements: list[Element] = [Heading(words), Text(state(entry), subtle=True), _about(entry, audience)]
    elements += [Markdown(shortened(entry.body, 600), entry.language), *_translation(entry, reader)]
    elements += [whole(entry), history(entry)]
    elements += suggestion_cards.way(entry) if "edit" in may else ()
    buttons = _buttons(entry, may)
    if not buttons:
        elements.append(Text(T("Only those who look after it can change it."), subtle=True))
    return Card(words, (*elements, *((Actions(tuple(buttons)),) if buttons else ())))


def _buttons(entry: Entry, may: frozenset[str]) -> list[Button]:
    buttons = []
    if "verify" in may and entry.state in (DRAFT, CURRENT):
        label = T("Verify") if entry.state == DRAFT or not entry.verified_at else T("Still true")
        buttons.append(Button(label, "knowledge.verify", entry.id, "primary"))
    if "edit" in may and entry.state in (DRAFT, CURRENT, REFUSED):
        buttons.append(Button(T("Edit"), "knowledge.edit", entry.id, opens="form"))
        if entry.revision > 1:
            buttons.append(Button(T("Go back"), "knowledge.go_back", entry.id, opens="form"))
    if "refuse" in may and entry.state == DRAFT:
        buttons.append(Button(T("Refuse"), "knowledge.refuse", entry.id, "danger", opens="form"))
    if "retire" in may and entry.state == CURRENT:
        buttons.append(Button(T("Retire"), "knowledge.retire", entry.id, "danger", opens="form"))
    if "restore" in may and entry.state in (REFUSED, RETIRED, WITHDRAWN):
        buttons.append(Button(T("Restore"), "knowledge.restore", entry.id, "primary"))
    return buttons


def found(words: str, hits: Sequence[Hit], reader: Person) -> Card:
    """What a search of ``reader`` found."""
    ask = Actions((Button(T("Ask a question"), "questions.new", 0, opens="form"),))
    if not hits:
        nothing = T("Nothing that you may read is written about “{words}”.", words=User(words))
        return Card(nothing, (Text(nothing), Text(T("Say it in other words, or ask: a person may know."), True), ask))
    intro = T("{n} entry about “{words}”:", "{n} entries about “{words}”:", n=len(hits), words=User(words))
    shown: list[Element] = []
    for hit in hits:
        text = shortened(hit.passage.text, 200)
        shown.append(Passage(User(hit.entry.title), text, hit.entry.language, _source(hit.entry), whole(hit.entry)))
        shown += offered("passage", hit.passage.id, hit.entry.language, reader)
    return Card(intro, (Text(intro), *shown, Divider(), ask))


def shared(entry: Entry, text: str, link: bool = True) -> Card:
    """An entry among what people say to each other: what it is, how ``text`` of it begins, and where it stands."""
    words = User(entry.title)
    beginning = (Markdown(shortened(text.strip(), 300), entry.language),) if text.strip() else ()
    way = (whole(entry),) if link else ()
    return Card(words, (Heading(words), *beginning, *(Text(line, subtle=True) for line in _source(entry)), *way))


def state(entry: Entry) -> Words:
    """Where an entry stands, in a few words."""
    match entry.state:
        case "draft":
            return T("draft, not verified yet")
        case "refused":
            return T("refused")
        case "retired":
            return T("retired: not found any more")
        case "withdrawn":
            return T("withdrawn: it was wrong")
        case "merged":
            return T("merged into another entry")
        case "vanished":
            return T("gone from where it was imported from")
    if entry.unconfirmed and entry.verified_at:
        return T("needs review: last confirmed on {day}", day=Moment(entry.verified_at, date_only=True))
    if entry.verified_by and entry.verified_at:
        day = Moment(entry.verified_at, date_only=True)
        return T("verified by {name} on {day}", name=named(entry.verified_by), day=day)
    return T("not verified yet")


def whole(entry: Entry) -> Link:
    """The way to the whole entry."""
    return Link(T("Read the whole entry"), f"/entries/{entry.id}")


def history(entry: Entry) -> Link:
    """The way to how it read before."""
    return Link(T("History"), f"/entries/{entry.id}/history")


def manage(entry: Entry) -> Actions:
    """The way to all that may be done with it."""
    return Actions((Button(T("Manage"), "knowledge.manage", entry.id),))


def _about(entry: Entry, audience: Words) -> Fields:
    pairs: list[tuple[Words, Words]] = []
    if entry.author:
        pairs.append((T("Answered by") if entry.answer_id else T("Written by"), named(entry.author)))
    elif entry.author_name:
        pairs.append((T("Written by"), User(entry.author_name)))
    pairs.append((T("Topic"), Names(dict(entry.topic.names)) if entry.topic else T("No topic")))
    pairs.append((T("Who may read it"), audience))
    if entry.state == VANISHED:
        pairs.append((T("State"), state(entry)))
    return Fields(tuple(pairs))


def _translation(entry: Entry, reader: Person | None) -> tuple[Actions, ...]:
    return offered("entry", entry.id, entry.language, reader) if reader is not None else ()


def _source(entry: Entry) -> tuple[Words, ...]:
    topic = (Names(dict(entry.topic.names)),) if entry.topic else ()
    return (state(entry), *topic)
