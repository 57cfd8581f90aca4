"""What people see of entries that seem to say the same: cards, and the forms that merge or settle them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import (
    Actions,
    Button,
    Card,
    Diff,
    Divider,
    Element,
    Form,
    Heading,
    Input,
    Link,
    Markdown,
    Option,
    T,
    Text,
    User,
    Words,
    simple,
)
from bot.mentions import mention
from bot.shorten import shortened
from handlers.knowledge import cards
from handlers.knowledge.forms import BODY, REASON, TITLE
from models.history import difference
from models.knowledge import Entry
from models.likeness import Cluster
from models.people import Person
from models.search.contradictions import contradiction

MERGE, DIFFERENT, WITHDRAW, CORRECT = "merge", "different", "withdraw", "correct"
_SHOWN, _COMPARED = 700, 4000  # characters of each text


def message_about(person: Person) -> str:
    """What their messages of a week are about: each shows what is left of all."""
    return f"duplicates:{person.id}"


def message(clusters: Sequence[Cluster], more: int) -> Card:
    """The one message of a week, and what it becomes when some of it, or all, is decided."""
    if not clusters:
        return simple(T("All of it is decided. Thank you."))
    words = T("Some of what you look after seems to say the same, or may contradict itself.")
    elements: list[Element] = [Text(words)]
    for cluster in clusters:
        elements += [Divider(), *lines(cluster)]
    if more:
        elements += [Divider(), Text(T("Your home shows all of them."), subtle=True)]
    return Card(words, tuple(elements))


def lines(cluster: Cluster) -> tuple[Element, ...]:
    """A cluster in a list, with what may be done."""
    merge = Button(T("Merge"), "knowledge.merge", cluster.id, "primary", opens="form")
    settle = Button(T("They contradict each other"), "knowledge.settle", cluster.id, opens="form")
    different = Button(T("They are different"), "knowledge.different", cluster.id)
    links = tuple(Link(User(entry.title), f"/entries/{entry.id}") for entry in cluster.entries)
    compare = Link(T("Compare them side by side"), f"/duplicates/{cluster.id}")
    buttons = (settle, merge, different) if cluster.contradicts else (merge, settle, different)
    return (Text(_heading(cluster)), *links, *_sentences(cluster), compare, Actions(buttons))


def comparison(cluster: Cluster, audiences: dict[int, Words]) -> tuple[Element, ...]:
    """All of them in full, and of each what differs from the first."""
    elements: list[Element] = [Text(_heading(cluster)), *_sentences(cluster)]
    first = cluster.entries[0]
    for entry in cluster.entries:
        elements += [Divider(), Heading(User(entry.title)), *_about(entry, audiences), cards.whole(entry)]
        elements.append(Markdown(entry.body, entry.language))
    for entry in cluster.entries[1:]:
        title = T("What “{other}” says differently from “{first}”", other=User(entry.title), first=User(first.title))
        pieces = tuple(difference(first.body[:_COMPARED], entry.body[:_COMPARED]))
        elements += [Divider(), Heading(title), Diff(pieces, entry.language)]
    return tuple(elements)


def merge_form(cluster: Cluster, kept: Entry, body: str, audiences: dict[int, Words]) -> Form:
    """Which one stays, what it says then, and who may read it."""
    inputs = [
        Input("keep", T("Which one stays"), "select", _choice(cluster, kept), options=_entries(cluster),
              hint=T("The others lead to it: their links, their buttons and what was answered with them.")),
        Input("title", T("Title"), value=kept.title, limit=TITLE),
        Input("body", T("Text"), "text", value=body[:BODY], limit=BODY,
              hint=T("All that any of them says, each thing once. Change it as you like.")),
    ]  # fmt: skip
    if len({tuple(entry.audience) for entry in cluster.entries}) > 1:
        inputs.append(_readers(cluster, kept, audiences))
    if len(cluster.entries) > 2:
        inputs += [_leave_out(entry) for entry in cluster.entries]
    return Form(T("Merge"), "knowledge.merge", cluster.id, tuple(inputs), T("Merge"), _side_by_side(cluster, audiences))


def settle_form(cluster: Cluster, audiences: dict[int, Words]) -> Form:
    """Which one is right, and what becomes of the others."""
    options = (
        Option(WITHDRAW, T("It is withdrawn: it was wrong")),
        Option(CORRECT, T("Whoever looks after it puts it right")),
    )
    inputs = (
        Input("keep", T("Which one is right"), "select", options=_entries(cluster)),
        Input("others", T("What becomes of the other"), "select", value=WITHDRAW, options=options,
              hint=T("If it is withdrawn, those who were answered with it are told.")),
        Input("reason", T("Why"), "text", limit=REASON, hint=T("Whoever looks after them reads this.")),
    )  # fmt: skip
    return Form(T("Settle it"), "knowledge.settle", cluster.id, inputs, T("Settle it"),
                _side_by_side(cluster, audiences))  # fmt: skip


def called_different(decision: int) -> Card:
    """They are not suggested again."""
    words = T("Noted: they are different. I do not suggest this again.")
    return Card(words, (Text(words), Actions((Button(T("Undo"), "knowledge.alike", decision),))))


def alike_again() -> Card:
    """That was taken back."""
    words = T("They are suggested again: your home shows them.")
    return Card(words, (Text(words),))


def merged(kept: Entry, others: Sequence[Entry], decision: int) -> Card:
    """Told to who did it, with the way back."""
    words = T("{n} entry now leads to “{title}”.", "{n} entries now lead to “{title}”.",
              n=len(others), title=User(kept.title))  # fmt: skip
    undo = Button(T("Undo"), "knowledge.unmerge", decision)
    week = Text(T("For a week this can be undone. The history of each is kept."), subtle=True)
    return Card(words, (Text(words), cards.whole(kept), cards.history(kept), week, Actions((undo,))))


def told_merged(entry: Entry, by: Person) -> Card:
    """Told to who looked after an entry that leads to another one now, and on the cards that asked about it."""
    words = T("{name} merged “{title}” with another entry that says the same.", name=mention(by),
              title=User(entry.title))  # fmt: skip
    return Card(words, (Text(words), cards.whole(entry)))


def parted(entries: Sequence[Entry], as_before: bool) -> Card:
    """A merge was undone."""
    words = T("Undone: each stands for itself again.")
    links = tuple(Link(User(entry.title), f"/entries/{entry.id}") for entry in entries)
    kept = Text(T("The entry that stayed was changed since, and reads as it did. Its history has the earlier text."))
    return Card(words, (Text(words), *links, *(() if as_before else (kept,))))


def settled(right: Entry, others: Sequence[Entry], withdrawn: bool) -> Card:
    """Told to who settled a contradiction."""
    words = T("Settled: “{title}” is right.", title=User(right.title))
    done = T("The other is withdrawn.") if withdrawn else T("Whoever looks after the other is asked to put it right.")
    links = tuple(Link(User(entry.title), f"/entries/{entry.id}") for entry in others)
    return Card(words, (Text(words), Text(done), *links))


def told_right(entry: Entry, by: Person, reason: str) -> Card:
    """Told to who looks after the entry that is right."""
    words = T("Another entry contradicted “{title}”. {name} decided that yours is right:", title=User(entry.title),
              name=mention(by))  # fmt: skip
    return Card(words, (Text(words), Markdown(reason), cards.whole(entry)))


def to_correct(entry: Entry, right: Entry | None, by: Person, reason: str) -> Card:
    """Told to who looks after an entry that is to be put right; ``right`` where they may read that."""
    words = T("“{title}” contradicts another entry. {name} asks you to put it right:", title=User(entry.title),
              name=mention(by))  # fmt: skip
    link = (Link(User(right.title), f"/entries/{right.id}"),) if right else ()
    edit = Button(T("Edit"), "knowledge.edit", entry.id, "primary", opens="form")
    return Card(words, (Text(words), Markdown(reason), *link, cards.whole(entry), Actions((edit,))))


def _heading(cluster: Cluster) -> T:
    n = len(cluster.entries)
    if cluster.contradicts:
        return T("This entry may contradict itself.", "These {n} entries may contradict each other:", n=n)
    return T("This entry seems to be there twice.", "These {n} entries seem to say the same:", n=n)


def _sentences(cluster: Cluster) -> tuple[Element, ...]:
    """The two sentences that may contradict each other."""
    for pair in cluster.pairs:
        found = contradiction(pair.entry.body, pair.other.body) if pair.contradicts else None
        if found is not None:
            one, other = (User(shortened(each, 200)) for each in found)
            return (Text(T("“{one}” – “{other}”", one=one, other=other), subtle=True),)
    return ()


def _side_by_side(cluster: Cluster, audiences: dict[int, Words]) -> tuple[Element, ...]:
    elements: list[Element] = []
    for entry in cluster.entries:
        elements += [Heading(User(shortened(entry.title, 140))), *_about(entry, audiences)]
        elements.append(Markdown(shortened(entry.body, _SHOWN), entry.language))
    return (*elements, *_sentences(cluster))


def _about(entry: Entry, audiences: dict[int, Words]) -> tuple[Element, ...]:
    readers = T("Read by {audience}", audience=audiences[entry.id])
    return (Text(cards.state(entry), subtle=True), Text(readers, subtle=True))


def _readers(cluster: Cluster, kept: Entry, audiences: dict[int, Words]) -> Input:
    options = {tuple(entry.audience): Option(str(entry.id), audiences[entry.id]) for entry in cluster.entries}
    value = options[tuple(kept.audience)].value
    hint = T(
        "Not all of them have the same readers. Whoever is not among those chosen here can read none of it any more; "
        "nobody gets to read words that were not for them."
    )
    return Input("audience", T("Who may read it"), "select", value, hint, options=tuple(options.values()))


def _leave_out(entry: Entry) -> Input:
    options = (Option(MERGE, T("Merge it")), Option(DIFFERENT, T("It is different: leave it as it is")))
    return Input(f"with_{entry.id}", T("One of them"), "select", MERGE, hint=T("“{title}”", title=User(entry.title)),
                 options=options)  # fmt: skip


def _entries(cluster: Cluster) -> tuple[Option, ...]:
    return tuple(Option(_choice(cluster, entry), User(shortened(entry.title, 70))) for entry in cluster.entries)


def _choice(cluster: Cluster, entry: Entry) -> str:
    """An entry, and how all of them read when it was offered."""
    return f"{entry.id}|{cluster.stamp}"
