"""``python app.py teams-package``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.router import Router


def add_to(
    cli: typer.Typer, settings: Callable[[], Settings], routes: Callable[[], Router], fail: Callable[[str], NoReturn]
) -> None:
    """Let ``cli`` know the command. ``settings`` and ``routes`` are asked for when it is run."""

    @cli.command("teams-package")
    def teams_package(
        to: Annotated[Path, typer.Option(help="The file to write.")] = Path("agora-teams.zip"),
    ) -> None:
        """Write the app package of Microsoft Teams, for the tenant's administrator to upload."""
        from bot.teams.package import NotReady, package

        try:
            packed = package(routes(), settings())
        except NotReady as error:
            fail(str(error))
        to.write_bytes(packed)
        typer.echo(f"{to}: upload it in the Teams admin center, or in Teams under Apps, Manage your apps.")
