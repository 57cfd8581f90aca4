"""The settings of Slack: the app's tokens and secrets, and how what comes from there reaches Agora."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, SecretStr

from bot import config_values as values
from bot.config_fields import setting

if TYPE_CHECKING:
    from bot.config import Settings


def token(kind: str, where: str) -> AfterValidator:
    """A token that begins with ``kind``; ``where`` in the settings of a Slack app it stands."""

    def check(value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(re.escape(kind) + r"[\w.-]+", value.get_secret_value(), re.ASCII):
            raise ValueError(f"it is not a token that begins with {kind}. It stands on {where} of your Slack app.")
        return value

    return AfterValidator(check)


def workspaces(value: tuple[str, ...]) -> tuple[str, ...]:
    """Workspaces and organisations by their ids, each once."""
    for each in value:
        if not re.fullmatch(r"[TE][A-Z0-9]{2,20}", each):
            raise ValueError(f"{values.shown(each)!r} is no id of a workspace. They look like T012AB3C4 or E012AB3C4.")
    return tuple(dict.fromkeys(value))


Workspaces = Annotated[tuple[str, ...], BeforeValidator(values.words), AfterValidator(workspaces)]
BotToken = Annotated[SecretStr | None, token("xoxb-", "the page OAuth & Permissions")]
AppToken = Annotated[SecretStr | None, token("xapp-", "the page Basic Information")]


class SlackSettings(BaseModel):
    """What an operator decides about Slack."""

    slack_bot_token: BotToken = setting(
        "SLACK_BOT_TOKEN",
        "The bot token of the Slack app in your one workspace. For several workspaces leave it out, and set "
        "`SLACK_CLIENT_ID` and `SLACK_CLIENT_SECRET`. Neither: there is no Slack.",
        default=None,
        unset="no Slack",
        example="xoxb-0000",
    )
    slack_signing_secret: SecretStr | None = setting(
        "SLACK_SIGNING_SECRET",
        "The app's signing secret: with it Slack reaches Agora over HTTP, at `PUBLIC_URL/slack/events`.",
        default=None,
        unset="none",
        example="0123456789abcdef0123456789abcdef",
    )
    slack_app_token: AppToken = setting(
        "SLACK_APP_TOKEN",
        "The app-level token: with it Agora connects to Slack by itself (Socket Mode), and needs no public address.",
        default=None,
        unset="none",
        example="xapp-1-0000",
    )
    slack_client_id: str | None = setting(
        "SLACK_CLIENT_ID",
        "The app's client id, to install it in several workspaces, or in all of an organisation, at "
        "`PUBLIC_URL/slack/install`.",
        default=None,
        unset="none",
        example="1234567890.1234567890",
    )
    slack_client_secret: SecretStr | None = setting(
        "SLACK_CLIENT_SECRET",
        "The client secret that belongs to `SLACK_CLIENT_ID`.",
        default=None,
        unset="none",
        example="fedcba9876543210fedcba9876543210",
    )
    slack_workspaces: Workspaces = setting(
        "SLACK_WORKSPACES",
        "The ids of the workspaces (`T…`) and organisations (`E…`) that are the company's own, separated by commas: no "
        "other may install the app. Unset: any may, and only people of the first one, or of that of `SLACK_BOT_TOKEN`, "
        "are colleagues; all others are outsiders.",
        default=(),
        unset="the first that installs it",
        example="T012AB3C4,E012AB3C4",
    )
    slack_api_url: values.PublicUrl = setting(
        "SLACK_API_URL",
        "Where Slack's Web API is. Only tests, and a proxy before Slack, need another.",
        default="https://slack.com/api",
        example="https://slack.example.com/api",
    )

    @property
    def slack(self) -> bool:
        """Whether there is a Slack app."""
        return self.slack_bot_token is not None or self.slack_client_id is not None


def incomplete(settings: Settings) -> list[str]:
    """A line for the first setting that is missing beside another one."""
    several, secret = settings.slack_client_id, settings.slack_client_secret
    way_in = settings.slack_signing_secret or settings.slack_app_token
    if (several is None) != (secret is None):
        missing = "SLACK_CLIENT_ID" if several is None else "SLACK_CLIENT_SECRET"
        return [f"{missing}: it is missing. SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together."]
    if settings.slack and not way_in:
        return ["SLACK_SIGNING_SECRET: it is missing. Set it for HTTP, or SLACK_APP_TOKEN for Socket Mode."]
    if way_in and not settings.slack:
        return ["SLACK_BOT_TOKEN: it is missing. Set it, or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET."]
    return []
