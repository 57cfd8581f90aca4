"""What people see of the accounts by which they talk to Agora."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Actions, Button, Card, Element, Form, Heading, Input, T, Text, User, Words, simple
from bot.mentions import named
from models.joins import Joining
from models.people import Account, Person

_PLATFORMS = {"slack": T("Slack"), "teams": T("Microsoft Teams"), "web": T("the web")}


def platform(account: Account) -> Words:
    """Where an account is."""
    return _PLATFORMS.get(account.platform, User(account.platform))


def overview(
    accounts: Sequence[Account], joined: Sequence[tuple[Joining, Person]], chosen: str | None
) -> tuple[Element, ...]:
    """Where somebody talks to Agora, on which platform they are written to (``chosen``), and how to say that they are
    somewhere else too, or are not."""
    first = {account.platform: account for account in reversed(accounts)}.values()  # one line for several workspaces
    where: tuple[Element, ...] = tuple(
        Text(T("You talk to me on {platform}.", platform=platform(account))) for account in first
    )
    where += _choice([account for account in first if account.private is not None], chosen)
    told = T("Do you use me somewhere else too, as if you were two people? Your questions come together if you say so.")
    more = Button(T("I am somewhere else too"), "accounts.code", 0)
    enter = Button(T("I have a code"), "accounts.enter", 0, opens="form")
    parts: list[Element] = [Heading(T("My accounts")), *where]
    for joining, person in joined:
        parts.append(Text(T("You and {name} are one.", name=named(person)), subtle=True))
        parts.append(Actions((_undo(joining, person),)))
    return (*parts, Text(told, subtle=True), Actions((more, enter)))


def _choice(accounts: Sequence[Account], chosen: str | None) -> tuple[Element, ...]:
    """Where I write to them by myself; and the others, where there are any."""
    others = [account for account in accounts if account.platform != chosen]
    here = [account for account in accounts if account.platform == chosen]
    if not others or not here:
        return ()
    now = Text(T("What I bring you by myself comes on {platform}.", platform=platform(here[0])), subtle=True)
    buttons = (Button(T("Write to me on {platform}", platform=platform(each)), "accounts.prefer", each.id)
               for each in others)  # fmt: skip
    return now, Actions(tuple(buttons))


def preferred(account: Account) -> Card:
    """They chose."""
    return simple(T("From now on I write to you on {platform}, and elsewhere only where I cannot reach you there.",
                    platform=platform(account)))  # fmt: skip


def code(words: str) -> Card:
    """The code, and what to do with it."""
    intro = T("Your code is {code}.", code=User(words))
    how = T("Open our own chat on the other platform, write /accounts, press “I have a code” and enter it there.")
    life = T("It works once, within ten minutes. Give it to nobody: whoever enters it asks to be you.")
    return simple(intro, Text(how), Text(life, subtle=True))


def form() -> Form:
    """Where the code is entered."""
    field = Input("code", T("Code"), limit=20, hint=T("Eight letters and digits, from your other account."))
    return Form(T("I am somewhere else too"), "accounts.enter", 0, (field,), T("Go on"), (_caution(),))


def is_it_you(joining: Joining, person: Person, account: Account) -> Card:
    """Asked of each of the two: is that one you, too?"""
    words = T("Are you {name} on {platform} too?", name=named(person), platform=platform(account))
    what = T("If you are, both accounts become one person: each reads and does what the other may.")
    yes = Button(T("Yes, that is me"), "accounts.yes", joining.id, "primary")
    no = Button(T("No, that is not me"), "accounts.no", joining.id, "danger")
    return simple(words, Text(what), _caution(), Actions((yes, no)))


def waiting(account: Account) -> Card:
    """One of them has said yes."""
    return simple(T("Good. Now say so on {platform} too: I have asked you there.", platform=platform(account)))


def joined(joining: Joining, left: Person) -> Card:
    """They are one."""
    words = T("Your accounts are one person now. I write to you where you write to me.")
    return simple(words, Actions((_undo(joining, left),)))


def refused() -> Card:
    """They are not."""
    return simple(T("Good to know. Nothing was joined."))


def apart(name: Person) -> Card:
    """They are two again."""
    words = T("You and {name} are two people again. What you did together stays with you.", name=named(name))
    return simple(words)


def _undo(joining: Joining, left: Person) -> Button:
    sure = T("What was theirs before is theirs again; what was done since stays with you.")
    return Button(T("We are not one: separate {name}", name=named(left)), "accounts.undo", joining.id, confirm=sure)


def _caution() -> Text:
    return Text(T("Only go on if you asked for this yourself, a moment ago. Nobody from IT ever asks you to."), True)
