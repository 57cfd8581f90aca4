"""``python app.py manifest``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.router import Router


def add_to(cli: typer.Typer, settings: Callable[[], Settings], routes: Callable[[], Router]) -> None:
    """Let ``cli`` know the command. ``settings`` and ``routes`` are asked for when it is run."""

    @cli.command()
    def manifest(
        http: Annotated[bool, typer.Option("--http", help="Over HTTP, at PUBLIC_URL, and not by Socket Mode.")] = False,
        link: Annotated[bool, typer.Option("--link", help="Print the address that makes the app from it.")] = False,
        example: Annotated[bool, typer.Option("--example", help="For an example address: manifest.yml.")] = False,
    ) -> None:
        """Print the manifest of the Slack app. docs/slack.md says what to do with it."""
        from bot.slack import manifest as slack

        made = slack.manifest(routes(), slack.EXAMPLE if example else settings().public_url, http)
        typer.echo(slack.link(made) if link else slack.written(made), nl=link)
