"""Agora's command line, and the one place where its parts are wired together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import structlog
import typer

from bot import config, log
from bot.config import Settings, SettingsError
from bot.slack import command as slack_command
from bot.teams import command as teams_command

if TYPE_CHECKING:
    from bot.router import Router
    from handlers.admin.csv_file import Table

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Agora: questions find their answer or their expert, in chat. Start with: python app.py run",
)


class Format(StrEnum):
    """What can be imported."""

    portal = "portal"
    slack_export = "slack-export"


def build(settings: Settings, url: str):  # type: ignore[no-untyped-def]
    """A runtime and its wake-up line on the database at ``url``: every feature and platform, wired together."""
    from bot.ai.wiring import use_models
    from bot.dispatcher import Dispatcher
    from bot.holder import new_holder
    from bot.hooks.gateway import HookGateway
    from bot.inbox import InboxWriter
    from bot.keys import encryption_keys, hand_out
    from bot.relay import RelayGateway
    from bot.runtime import Runtime
    from bot.wake import Wake
    from bot.web.gateway import WebGateway
    from bot.web.store import CHANNEL
    from models import base, candidates, data_home, joining, recognition

    base.connect(url, pool=settings.workers + 8)
    runtime = Runtime(settings, _routes(), new_holder())
    runtime.inbox = InboxWriter(runtime.holder)
    runtime.dispatcher = Dispatcher(runtime)
    wake, web = Wake(url), WebGateway(runtime)
    wake.on(CHANNEL, web.wake)
    runtime.gateways.update(web=web, relay=RelayGateway(runtime.gateways), hook=HookGateway(runtime))
    keys = [key.get_secret_value() for key in encryption_keys(settings, data_home.data_home(settings.home))]
    hand_out(keys)
    joining.use_domains(settings.company_domains)
    recognition.use_ranking(settings.ranking)
    candidates.be_fair(settings.fairness)
    use_models(settings)
    if settings.slack:  # what platforms are made of takes a second to import
        from bot.slack.gateway import SlackGateway

        runtime.gateways["slack"] = SlackGateway(runtime, keys)
    if settings.teams:
        from bot.teams.gateway import TeamsGateway

        runtime.gateways["teams"] = TeamsGateway(runtime, keys)
    return runtime, wake


@cli.command()
def run() -> None:
    """Start Agora: the web server and the workers in one process. Ctrl-C stops it."""
    _serve(web_too=True, work=True)


@cli.command()
def web() -> None:
    """Start only the web server; start at least one worker beside it."""
    _serve(web_too=True, work=False)


@cli.command()
def worker() -> None:
    """Start only a worker (with /healthz, /readyz and /metrics on its PORT); any number may run."""
    _serve(web_too=False, work=True)


@cli.command()
def migrate(
    to: Annotated[
        str, typer.Option(help="The revision to go to; 'head' is the newest, 'base' empties the database.")
    ] = "head",
) -> None:
    """Bring the database to this version of Agora. `run` does it by itself."""
    from models import migrate as steps

    with _database(migrated=False) as (_, url):
        before = steps.current(url)
        try:
            if to == "base":
                steps.downgrade(url, "base")
            else:
                steps.upgrade(url, to)
        except Exception as error:
            _fail(f"The database stays at {before or 'nothing'}: {error}")
        typer.echo(f"{before or 'nothing'} -> {steps.current(url) or 'nothing'}")


@cli.command()
def demo() -> None:
    """Load the demo company. Refused where real people exist; a second time changes nothing."""
    with _database() as (_, url):
        from models import base

        base.connect(url, pool=2)
        typer.echo("The demo company is loaded." if _load_demo() else "The demo company is here already.")
        base.disconnect()


@cli.command("import")
def import_(
    path: Annotated[Path, typer.Argument(exists=True, readable=True, help="A folder or a .zip file.")],
    format: Annotated[Format, typer.Option(help="What it is.")] = Format.portal,
    source: Annotated[str, typer.Option(help="A name to know it by the next time; without one, the file's.")] = "",
    audience: Annotated[list[str], typer.Option(help="Who may read it: everyone, department:hr, …")] = ["everyone"],  # noqa: B006
    topic: Annotated[str, typer.Option(help="The key of the topic for all of it.")] = "",
    owner: Annotated[str, typer.Option(help="Handle or e-mail of whoever owns what names no owner.")] = "",
    language: Annotated[str, typer.Option(help="The language of pages that do not tell.")] = "en",
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import the old portal, or a Slack export. Run it again at any time: only what changed is taken."""
    from bot.holder import new_holder
    from handlers.imports.command import import_now
    from models import base

    with _database() as (_, url):
        args = {
            "path": str(path.resolve()), "source": source or path.resolve().stem, "audience": audience,
            "topic": topic or None, "owner": owner or None, "language": language,
        }  # fmt: skip
        base.connect(url, pool=4)
        try:
            problem = import_now(_routes(), format.value, args, new_holder(), json)
        finally:
            base.disconnect()
        if problem:
            _fail(problem)


@cli.command()
def people(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file in UTF-8, with a header.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
    skip_errors: Annotated[bool, typer.Option("--skip-errors", help="Write the good rows without the others.")] = False,
) -> None:
    """Add and change people from a CSV file. Nothing is written unless every row is good.

    People are known by the column email. The others are name, handle, kind, organisation, roles, locale, timezone,
    title, department, location, skills, work_days, work_hours, manager and active. A column that is not there changes
    nothing. docs/operating.md tells what each may say.
    """
    from handlers.admin.csv_file import FileRefused
    from handlers.admin.people_file import read

    try:
        table = read(file)
    except FileRefused as refused:
        _fail(f"Nothing was written. {refused}")
    with _database() as (_, url):
        if not _write_people(url, table, dry_run, skip_errors):
            raise typer.Exit(1)


@cli.command()
def check() -> None:
    """Check every setting and dependency: what is wrong, and how to fix it."""
    from bot.check import checks, print_checks

    settings = _settings()
    if not print_checks(checks(settings)):
        raise typer.Exit(1)


def _settings() -> Settings:
    try:
        settings = config.load()
    except SettingsError as error:
        _fail("\n".join(error.lines), code=2)
    log.configure(settings.log_format, settings.log_level)
    for line in config.unknown():
        structlog.get_logger("agora").warning("unknown setting", what=line)
    return settings


@contextmanager
def _database(migrated: bool = True) -> Iterator[tuple[Settings, str]]:
    """The settings and the database's address; the embedded server is joined, and left at the end."""
    from models import migrate as steps
    from models.embedded import EmbeddedDatabaseError, EmbeddedServer, data_home

    settings = _settings()
    try:
        if settings.database_url is not None:
            server, url = None, settings.database_url.get_secret_value()
        else:
            server = EmbeddedServer.join(data_home(settings.home, announce=lambda note: typer.echo(note, err=True)))
            url = server.url
    except EmbeddedDatabaseError as error:
        _fail(str(error))
    try:
        if migrated:
            steps.upgrade(url)
        yield settings, url
    finally:
        if server is not None:
            server.leave()


def _serve(*, web_too: bool, work: bool) -> None:
    from bot.serve import PortTaken, serve
    from models import base

    with _database() as (settings, url):
        runtime, wake = build(settings, url)
        if settings.demo:
            _load_demo()
        up = f"Agora is at {settings.public_url}  (Ctrl-C stops it)" if web_too else "Agora's worker runs."
        try:
            asyncio.run(serve(runtime, wake, web_too=web_too, work=work, ready=lambda: typer.echo(up)))
        except PortTaken as error:
            _fail(f"{error}. Choose another port, such as: make run PORT={settings.port + 1}")
        finally:
            base.disconnect()


def _load_demo() -> bool:
    from handlers.demo.load import RealPeople, load
    from models.base import transaction

    try:
        with transaction() as session:
            return load(session)
    except RealPeople:
        _fail("There are real people in this database: the demo company is not mixed with them. Unset AGORA_DEMO.")


def _write_people(url: str, table: Table, dry_run: bool, skip_errors: bool) -> bool:
    """Whether the file was, or could be, brought in as asked."""
    from rich.console import Console
    from sqlalchemy.exc import IntegrityError

    from handlers.admin.people_file import DemoCompany, plan
    from handlers.admin.people_report import show
    from models import base

    base.connect(url, pool=2)
    try:
        with base.reading() if dry_run else base.transaction() as session:
            found = plan(session, table)
            good = skip_errors or not found.problems
            if good and not dry_run:
                found.write(session)
        show(found, written=good and not dry_run, dry_run=dry_run, console=Console())
    except DemoCompany:
        _fail(
            "The demo company is in this database: real people are not mixed with it. "
            "Set AGORA_HOME to a new folder, or DATABASE_URL to another database, and AGORA_DEMO=0."
        )
    except IntegrityError:
        _fail("Somebody else changed the list of people at the same moment. Nothing was written: run it again.")
    finally:
        base.disconnect()
    return good


def _fail(message: str, code: int = 1) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _routes() -> Router:
    from handlers import all_routes

    return all_routes()


slack_command.add_to(cli, _settings, _routes)
teams_command.add_to(cli, _settings, _routes, _fail)


if __name__ == "__main__":
    cli()
