"""What Slack says of a user, as ``models.joining.Profile``: https://docs.slack.dev/reference/objects/user-object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from models.base import now
from models.joining import Profile
from models.people import EMPLOYEE, GUEST, OUTSIDER

PLATFORM = "slack"
SLACKBOT = "USLACKBOT"
User = Mapping[str, Any]
_LONGEST = timedelta(days=60)  # a status that says "away" for ever is one that was forgotten
_AWAY_EMOJI = frozenset({
    ":palm_tree:", ":desert_island:", ":beach_with_umbrella:", ":airplane:", ":face_with_thermometer:", ":thermometer:",
    ":baby:", ":no_entry:", ":mountain:", ":ski:",
})  # fmt: skip
_AWAY_WORDS = (
    "vacation", "vacationing", "out of office", "out of the office", "ooo", "on leave", "parental leave", "sick",
    "holiday", "ferie", "malattia", "fuori sede", "fuori ufficio", "in congedo", "חופשה", "חופש", "מחלה", "לא במשרד",
    "إجازة", "اجازة", "مريض", "خارج المكتب",
)  # fmt: skip


@dataclass(frozen=True)
class Workspace:
    """A workspace as its members see it: its id, its organisation's where it has one, and the user that Agora is.
    ``trusted``: it is the company's own. ``named`` where Agora's token is not this workspace's: then to name it makes
    nobody a member, since what strangers do in channels that companies share may name theirs."""

    team: str
    enterprise: str | None = None
    bot: str | None = None
    trusted: bool = True
    named: bool = False


def is_person(user: User) -> bool:
    """Whether this is somebody, and no program."""
    programs = ("is_bot", "is_workflow_bot", "is_connector_bot")
    return user.get("id") != SLACKBOT and not any(user.get(flag) for flag in programs)


def kind_of(user: User, workspace: Workspace) -> str:
    """Employees are the full members of the workspace, or of its organisation; guests are restricted; who belongs to
    another company, met in a channel that both share, is an outsider."""
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return GUEST if _is_ours(user, workspace) else OUTSIDER
    return EMPLOYEE if _is_ours(user, workspace) else OUTSIDER


def profile_of(user: User, workspace: Workspace, organisation: str | None = None, met: bool = False) -> Profile:
    """``met``: they have written to Agora in their own chat, or may be written to there."""
    profile = _part(user, "profile")
    kind = kind_of(user, workspace)
    name = profile.get("real_name") or user.get("real_name") or profile.get("display_name") or user.get("name") or ""
    proven = user.get("is_email_confirmed", True) and not user.get("is_stranger")
    return Profile(
        platform=PLATFORM,
        installation=workspace.team,
        external=str(user["id"]),
        name=str(name),
        private=str(user["id"]) if met or kind != OUTSIDER else None,
        email=_text(profile, "email") if proven else None,
        kind=kind,
        organisation=organisation if kind == OUTSIDER else None,
        locale=_text(user, "locale"),
        timezone=_text(user, "tz"),
        title=_text(profile, "title"),
    )


def away_until(user: User) -> datetime | None:
    """Until when their status says that they are away, if it does."""
    profile = _part(user, "profile")
    text = str(profile.get("status_text") or "").casefold()
    words = any(f" {word} " in f" {text} " for word in _AWAY_WORDS)
    ends = _moment(profile.get("status_expiration"))
    if ends is None or not (words or profile.get("status_emoji") in _AWAY_EMOJI):
        return None
    return ends if now() < ends <= now() + _LONGEST else None


def quiet_until(dnd: Mapping[str, Any]) -> datetime | None:
    """Until when they wish not to be disturbed, if they do now."""
    if not dnd.get("dnd_enabled"):
        return None
    starts, ends = _moment(dnd.get("next_dnd_start_ts")), _moment(dnd.get("next_dnd_end_ts"))
    return ends if starts is not None and ends is not None and starts <= now() < ends <= now() + _LONGEST else None


def _is_ours(user: User, workspace: Workspace) -> bool:
    if user.get("is_stranger"):
        return False
    team = user.get("team_id") or _part(user, "profile").get("team")
    if team in (None, workspace.team) and not workspace.named:
        return True
    organisation = _part(user, "enterprise_user").get("enterprise_id")
    return workspace.enterprise is not None and workspace.enterprise in (organisation, team)


def _moment(seconds: Any) -> datetime | None:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 4_000_000_000:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _text(of: Mapping[str, Any], name: str) -> str | None:
    found = of.get(name)
    return found if isinstance(found, str) and found else None


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}
