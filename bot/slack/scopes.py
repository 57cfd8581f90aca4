"""What the app must be allowed and told, and why: the manifest, the check at start and the documentation read this."""

from __future__ import annotations

from collections.abc import Iterable

SCOPES = {
    "app_mentions:read": "to hear questions in channels, where somebody mentions Agora",
    "assistant:write": "to suggest beginnings and to show that Agora works, in the pane beside a conversation",
    "channels:history": "to hear what is said in threads of questions in public channels",
    "channels:read": "to know names, purposes and members of public channels",
    "chat:write": "to answer",
    "commands": "to offer /ask, /agora and the shortcuts",
    "dnd:read": "to leave experts alone who want to be left alone",
    "files:read": "to keep pictures and files with the questions and answers that they belong to",
    "files:write": "to show pictures in messages, to nobody but who may see them",
    "groups:history": "to hear what is said in threads of questions in private channels that Agora was added to",
    "groups:read": "to know the members of those private channels, who alone may read what is said there",
    "im:history": "to hear what people write to Agora",
    "im:write": "to write to people: offers, answers, reminders",
    "links:read": "to notice links to Agora's own pages",
    "links:write": "to show what such a link leads to",
    "mpim:history": "to hear questions in group messages that Agora was added to",
    "mpim:read": "to know the members of those group messages, who alone may read what is said there",
    "reactions:read": "to count reactions to an answer as votes, where the company wants that",
    "team:read": "to know the name of a company with which a channel is shared",
    "usergroups:read": "to let knowledge be for the members of a user group",
    "users:read": "to know names, titles, languages, time zones and who is away",
    "users:read.email": "to recognise the same person in Slack, in Teams and in the company's own list",
}
"""Each scope of the bot token, with the end of the sentence "Agora needs it …"."""

EVENTS = {
    "agent_session_stopped": None,
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_id_changed": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_shared": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_unshared": "channels:read",
    "dnd_updated_user": "dnd:read",
    "function_executed": None,
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "link_shared": "links:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "subteam_created": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "team_join": "users:read",
    "tokens_revoked": None,
    "user_change": "users:read",
}
"""Each event that Agora subscribes to, and the scope that it takes."""


def missing(granted: Iterable[str]) -> dict[str, str]:
    """The scopes that are not among ``granted``, and what each is for."""
    given = {scope.strip() for scope in granted}
    return {scope: why for scope, why in SCOPES.items() if scope not in given}
