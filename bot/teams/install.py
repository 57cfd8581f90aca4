"""Installing Agora for somebody who has not, where the tenant allows it: through Microsoft Graph, as the app itself.

The permission is ``TeamsAppInstallation.ReadWriteSelfForUser.All``, which an administrator of the tenant consents to.
https://learn.microsoft.com/microsoftteams/platform/graph-api/proactive-bots-and-messages/graph-proactive-bots-and-messages
"""

from __future__ import annotations

from urllib.parse import quote

import structlog

from bot.gateway import Undeliverable
from bot.teams.connector import Connector, Refused
from bot.teams.tokens import GRAPH

log = structlog.get_logger(__name__)
VERSION = "v1.0"


async def install(connector: Connector, catalog_app: str, tenant: str, user: str, graph: str = GRAPH) -> None:
    """Install the app ``catalog_app`` (its id in the tenant's catalogue) for ``user``; nothing where it is already.
    ``Undeliverable`` where that is refused."""
    body = {"teamsApp@odata.bind": f"{graph}/{VERSION}/appCatalogs/teamsApps/{quote(catalog_app, safe='')}"}
    path = f"{VERSION}/users/{quote(user, safe='')}/teamwork/installedApps"
    try:
        await connector.call("POST", graph, path, body, resource=GRAPH, tenant=tenant)
        log.info("installed", platform="teams")
    except Refused as refused:
        if refused.status != 409:  # it is there already
            raise Undeliverable(f"not installed, and it could not be: {refused}") from refused
