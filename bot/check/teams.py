"""Whether Microsoft Teams can be reached, and can reach Agora; and whether that ends soon."""

from __future__ import annotations

import json
import urllib.request
from datetime import date, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.check.found import Check
from bot.config import Settings
from models.base import now

WAIT = 5  # seconds
EARLY = timedelta(days=30)
"""How long before its end a secret is warned of: enough for whoever has to ask somebody else for a new one."""
_MOST_BYTES = 1024 * 1024
_CREDENTIALS = "TEAMS_APP_SECRET, TEAMS_APP_CERTIFICATE or TEAMS_MANAGED_IDENTITY"


def check_teams(settings: Settings) -> list[Check]:
    """What there is to say of Teams."""
    if not settings.teams:
        return [Check("Teams", True, "off")]
    if settings.teams_app_id is None:
        return [Check("Teams", True, "TEAMS_LOCAL: the Teams playground on this machine alone")]
    return [_check_app(settings), _check_tenants(settings), _check_end(settings), _check_keys(settings)]


def warnings(settings: Settings) -> list[str]:
    """What will not work, or soon not any more, without asking anybody."""
    if settings.teams_app_id is None:
        return []
    found = (_check_app(settings), _check_tenants(settings), _check_end(settings))
    return [f"{each.found}. {each.fix}" for each in found if each.fix]


def ends(settings: Settings) -> date | None:
    """The day on which what the app shows of itself ends; ``None`` where it does not, or nobody knows."""
    if settings.teams_app_id is None:
        return None
    if settings.teams_app_certificate is None:
        return settings.teams_secret_expires if settings.teams_app_secret is not None else None
    try:
        certificate = x509.load_pem_x509_certificate(settings.teams_app_certificate.expanduser().read_bytes())
    except (OSError, ValueError):
        return None
    return certificate.not_valid_after_utc.date()


def _check_app(settings: Settings) -> Check:
    given = (settings.teams_app_secret, settings.teams_app_certificate, settings.teams_managed_identity or None)
    if not any(given):
        return Check("Teams", False, "the app cannot say who it is: nothing can be sent", f"Set {_CREDENTIALS}.")
    if sum(each is not None for each in given) > 1:
        return Check("Teams", False, "the app says who it is in more than one way", f"Set one of {_CREDENTIALS}.")
    if settings.teams_local:
        return Check("Teams", True, "TEAMS_LOCAL has no effect beside TEAMS_APP_ID", "Unset one of them.")
    return Check("Teams", True, f"app {settings.teams_app_id}")


def _check_tenants(settings: Settings) -> Check:
    count = len(settings.teams_tenants)
    if not count:
        return Check("Teams tenants", False, "TEAMS_TENANTS names none: nobody is let in", "Name your tenant's id.")
    return Check("Teams tenants", True, ", ".join(settings.teams_tenants))


def _check_end(settings: Settings) -> Check:
    """When what the app shows of itself ends."""
    if settings.teams_app_certificate is None:
        if settings.teams_app_secret is not None and settings.teams_secret_expires is None:
            return Check("Teams secret", True, "nobody knows when it ends", "Set TEAMS_SECRET_EXPIRES, to be warned.")
        ends = settings.teams_secret_expires if settings.teams_app_secret is not None else None
        return _until("Teams secret", ends, "Make a new client secret in the app's registration.")
    try:
        pem = settings.teams_app_certificate.expanduser().read_bytes()
        certificate = x509.load_pem_x509_certificate(pem)
        key = load_pem_private_key(pem, None)
        fits = key.public_key() == certificate.public_key()
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it does not hold a certificate and its key in PEM"
        fix = "Put both into one file, the key without a password, and let nobody else read it."
        return Check("Teams certificate", False, f"{settings.teams_app_certificate}: {reason}", fix)
    if not fits:
        return Check(
            "Teams certificate", False, "the key is not that of the certificate", "Put the right two together."
        )
    return _until("Teams certificate", certificate.not_valid_after_utc.date(), "Make a new certificate.")


def _until(name: str, ends: date | None, fix: str) -> Check:
    if ends is None:
        return Check(name, True, "none that ends")
    today = now().date()
    if ends <= today:
        return Check(name, False, f"it ended on {ends}", fix)
    return Check(name, True, f"good until {ends}", fix if ends - today <= EARLY else "")


def _check_keys(settings: Settings) -> Check:
    """Whether the keys of whoever signs what comes from Teams can be had."""
    fix = "Let Agora reach this address through your firewall or proxy, or correct TEAMS_OPENID_METADATA_URL."
    try:
        keys = _fetched(str(_fetched(settings.teams_openid_metadata_url)["jwks_uri"]))["keys"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        return Check("Teams keys", False, f"{settings.teams_openid_metadata_url}: {reason}", fix)
    return Check("Teams keys", bool(keys), f"{len(keys)} published", "" if keys else fix)


def _fetched(url: str) -> dict[str, list[object]]:
    if not url.startswith(("https://", "http://")):
        raise ValueError("not an address")
    with urllib.request.urlopen(url, timeout=WAIT) as response:  # noqa: S310 - the setting takes https, or this machine
        found = json.loads(response.read(_MOST_BYTES))
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found
