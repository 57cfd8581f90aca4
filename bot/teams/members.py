"""What Teams says of a member of a conversation, as the rest of Agora knows people.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
"""

from __future__ import annotations

from typing import Any

from bot.teams.activity import account, identifier, text
from bot.teams.store import PERSONAL, Reference, TeamsConversation
from models.joining import Profile, is_company_address
from models.people import EMPLOYEE, GUEST, OUTSIDER

PLATFORM = "teams"
_GUESTS_MARK = "#ext#"  # in the sign-in name of whoever is from another tenant, or from none


def key_of(member: dict[str, Any]) -> str | None:
    """The key of a member's account; lists of members call the id in Microsoft Entra by another name."""
    entra = identifier(member, "aadObjectId") or identifier(member, "objectId")
    return entra.lower() if entra else account(member)


def profile_of(member: dict[str, Any], installation: str, local: bool = False) -> Profile | None:
    """The profile of a member; ``None`` where nothing says who it is. ``local``: of the playground, which may leave out
    the tenant."""
    key = key_of(member)
    if key is None:
        return None
    names = (text(member, "name"), text(member, "givenName"), text(member, "surname"))
    return Profile(
        PLATFORM,
        installation,
        key,
        names[0] or " ".join(filter(None, names[1:])) or "",
        private=key,
        email=_address(member),
        kind=_kind(member, installation, local),
    )


def reference_to(member: dict[str, Any], here: TeamsConversation) -> Reference | None:
    """How a member's own chat is begun, by what is known of a conversation that they are in."""
    key, number = key_of(member), identifier(member, "id")
    if key is None or number is None:
        return None
    return Reference(here.installation, key, PERSONAL, None, number, here.service_url, here.bot)


def _kind(member: dict[str, Any], installation: str, local: bool) -> str:
    """An employee is who the tenant itself calls a user. Who is from elsewhere (in a shared channel), or without a
    name in any tenant (in a meeting), is an outsider."""
    home = (identifier(member, "tenantId") or (installation if local else "")).lower()
    role = (text(member, "userRole") or ("user" if local else "")).casefold()
    if home != installation:
        return OUTSIDER
    if role == "guest" or _GUESTS_MARK in (text(member, "userPrincipalName") or "").casefold():
        return GUEST
    return EMPLOYEE if role == "user" else OUTSIDER


def _address(member: dict[str, Any]) -> str | None:
    """The one in the company's domains, where one is: the sign-in name often is one too."""
    said = [each.strip().casefold() for each in (text(member, "email"), text(member, "userPrincipalName")) if each]
    return next(filter(is_company_address, said), None)
