"""The settings of Microsoft Teams: who Agora is there, whom it lets in, and how what comes from there is verified."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, SecretStr

from bot import config_values as values
from bot.config_fields import setting

METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def app_id(value: str | None) -> str | None:
    """What Microsoft calls a bot by."""
    if value is not None and not _ID.fullmatch(value):
        raise ValueError(f"{values.shown(value)!r} is not the id of an app. Copy it from the app's registration.")
    return value


def tenants(value: tuple[str, ...]) -> tuple[str, ...]:
    """Tenants by their ids, each once."""
    for each in value:
        if not _ID.fullmatch(each):
            raise ValueError(f"{values.shown(each)!r} is not the id of a tenant. Copy it from Microsoft Entra.")
    return tuple(dict.fromkeys(each.lower() for each in value))


def metadata_url(value: str) -> str:
    """Where the issuer of tokens says what its keys are: encrypted on its way, unless it stays on this machine."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        raise ValueError(f"it cannot be read as a URL. Unset it, or write it as {METADATA_URL}.") from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise ValueError(f"{values.shown(value)!r} is not an https address. Unset it, or write one.")
    return value


def day(value: Any) -> date | None:
    """A day, written as 2027-03-31."""
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{values.shown(value)!r} is not a day. Write it as 2027-03-31.") from None


AppId = Annotated[str | None, AfterValidator(app_id)]
Tenants = Annotated[tuple[str, ...], BeforeValidator(values.words), AfterValidator(tenants)]
MetadataUrl = Annotated[str, AfterValidator(metadata_url)]
Day = Annotated[date | None, BeforeValidator(day)]


class TeamsSettings(BaseModel):
    """What an operator decides about Microsoft Teams."""

    teams_app_id: AppId = setting(
        "TEAMS_APP_ID",
        "The id of Agora's app in Microsoft Teams. Unset: there is no Teams.",
        default=None,
        unset="no Teams",
        example="6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b",
    )
    teams_app_secret: SecretStr | None = setting(
        "TEAMS_APP_SECRET",
        "The app's client secret. Or set one of the next two.",
        default=None,
        unset="none",
        example="aBc8Q~secret",
    )
    teams_app_certificate: Path | None = setting(
        "TEAMS_APP_CERTIFICATE",
        "A PEM file with the app's certificate and its private key, instead of a secret.",
        default=None,
        unset="none",
        example="/etc/agora/teams.pem",
    )
    teams_managed_identity: values.YesNo = setting(
        "TEAMS_MANAGED_IDENTITY",
        "`1`: the machine's managed identity in Azure, whose client id is `TEAMS_APP_ID`, instead of a secret.",
        default=False,
        example="1",
    )
    teams_secret_expires: Day = setting(
        "TEAMS_SECRET_EXPIRES",
        "The day on which the client secret ends: Agora warns 30 days before. Of a certificate it sees that itself.",
        default=None,
        unset="no warning",
        example="2027-03-31",
    )
    teams_tenants: Tenants = setting(
        "TEAMS_TENANTS",
        "The ids of the tenants that are let in, separated by commas; first the one in which the app is registered. "
        "Unset: none is.",
        default=(),
        unset="none",
        example="0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    )
    teams_catalog_app: AppId = setting(
        "TEAMS_CATALOG_APP",
        "The id of Agora's app in the organisation's app catalogue: set it to let Agora install itself for people to "
        "whom it has something to say, through Microsoft Graph, where an administrator has consented to "
        "`TeamsAppInstallation.ReadWriteSelfForUser.All`.",
        default=None,
        unset="it is not installed for anybody",
        example="7f2b3c4d-5e6f-4071-9b8c-ad1e2f3a4b5c",
    )
    teams_openid_metadata_url: MetadataUrl = setting(
        "TEAMS_OPENID_METADATA_URL",
        "Where the keys of whoever signs what comes from Teams are published. Government clouds have their own.",
        default=METADATA_URL,
        example="https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
    )
    teams_local: values.YesNo = setting(
        "TEAMS_LOCAL",
        "`1`, without `TEAMS_APP_ID`: take what comes from the Teams playground on this machine, where anybody can be "
        "anybody. It answers only on this machine.",
        default=False,
        example="1",
    )

    @property
    def teams(self) -> bool:
        """Whether there is a Teams: the real one, or the playground on this machine."""
        return self.teams_app_id is not None or self.teams_local
