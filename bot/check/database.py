"""Whether the database can be used, and if not: what exactly is wrong, and what to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import psycopg
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from psycopg.rows import dict_row
from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.check.encoder import check_spaces
from bot.check.found import Check
from bot.config import Settings
from bot.redaction import clean_text, error_text
from models import migrate
from models.embedded import EmbeddedDatabaseError, EmbeddedServer, data_home

WAIT = 5  # seconds
OLDEST = 15
SKEW = 2.0  # seconds: leases of half a minute are compared between machines
URL_PARTS = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"

# What libpq and PostgreSQL say (in English; in other languages the last line is what people get), what it means, and
# what to do. The first that fits counts: a server that answers tells more than an address that does not.
EXPLAINED = [
    (
        r"password authentication failed|no password supplied",
        "{server} refuses the password of the user {user}",
        "Correct user and password in DATABASE_URL. In the password write @ as %40, / as %2F, : as %3A and % as %25.",
    ),
    (
        r'database "[^"]*" does not exist',
        "{server} has no database {database}",
        "Correct the name at the end of DATABASE_URL, or make it: CREATE DATABASE {database} OWNER {user};",
    ),
    (
        r'role "[^"]*" does not exist|Peer authentication failed',
        "{server} does not know the user {user}",
        "Correct the user in DATABASE_URL, or make it: CREATE ROLE {user} LOGIN PASSWORD '...';",
    ),
    (
        r"pg_hba\.conf",
        "{server} does not let {user} into {database} from here",
        "Add a line for them to the server's pg_hba.conf; if it wants TLS, end DATABASE_URL with ?sslmode=require.",
    ),
    (
        r"permission denied for database",
        "{user} may not connect to {database}",
        "As its owner: GRANT CONNECT ON DATABASE {database} TO {user};",
    ),
    (
        r"too many (clients|connections)|connection slots",
        "{server} has no connection left",
        "Raise max_connections on the server, or stop what else uses it.",
    ),
    (
        r"the database system is|not yet accepting connections",
        "{server} is starting or stopping",
        "Wait a moment, and check again.",
    ),
    (
        r"SSL|certificate",
        "{server} and this machine do not agree on TLS",
        "Correct sslmode, sslrootcert or sslcert at the end of DATABASE_URL.",
    ),
    (
        r"Connection refused|No such file or directory",
        "nothing listens at {server}",
        "Start PostgreSQL there, or correct host and port in DATABASE_URL.",
    ),
    (
        r"resolve host|translate host name",
        "there is no machine named {host}",
        "Correct the host in DATABASE_URL, or this machine's name service.",
    ),
    (
        r"timeout expired|timed out|unreachable|No route",
        "{server} does not answer",
        "Correct host and port in DATABASE_URL; a firewall may lie between.",
    ),
    (
        r"invalid (URI|percent-encoded|integer|\w+ value)|missing \"=\"",
        "DATABASE_URL has a part that PostgreSQL does not know",
        f"Write it as {URL_PARTS}, with special characters escaped, and correct what follows a ?.",
    ),
]

FACTS = """
select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
  current_setting('server_encoding') as encoding, current_setting('transaction_read_only') = 'on' as read_only,
  clock_timestamp() as moment, current_schema() as schema,
  coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create,
  has_database_privilege(current_database(), 'create') as may_extend,
  (select installed_version from pg_available_extensions where name = 'vector') as installed,
  (select default_version from pg_available_extensions where name = 'vector') as available,
  to_regclass('person') is not null as has_people
"""


def check_embedded(settings: Settings) -> list[Check]:
    """The embedded database: joined, and left again."""
    try:
        with EmbeddedServer.join(data_home(settings.home, announce=lambda note: None)) as server:
            return check_database(server.url, settings, "Agora's own")
    except EmbeddedDatabaseError as error:
        return [Check("database", False, str(error), "Correct that, or set DATABASE_URL to a database of yours.")]


def check_url(settings: Settings) -> list[Check]:
    """The database of DATABASE_URL."""
    assert settings.database_url is not None
    text = settings.database_url.get_secret_value()
    url = make_url(text)
    return check_database(text, settings, f"{url.host or 'this machine'}, database {url.database or url.username}")


def check_database(url: str, settings: Settings, name: str) -> list[Check]:
    """Everything about one database."""
    before = datetime.now(UTC)
    try:
        with psycopg.connect(
            _for_libpq(url), connect_timeout=WAIT, row_factory=dict_row, autocommit=True
        ) as connection:
            connection.execute("set statement_timeout = '5s'")
            before = datetime.now(UTC)
            facts = connection.execute(FACTS).fetchone() or {}
            middle = before + (datetime.now(UTC) - before) / 2
            demo = check_demo(connection, settings, facts)
            spaces = check_spaces(connection)
    except psycopg.Error as error:
        return [Check("database", False, *explain(error, make_url(url)))]
    found = [
        Check("database", True, f"{name}: reached"),
        check_version(facts),
        check_encoding(facts),
        check_rights(facts),
    ]
    return [*found, check_vector(facts), check_migrations(url), check_clock(facts["moment"], middle), *demo, *spaces]


def _for_libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def explain(error: psycopg.Error, url: URL) -> tuple[str, str]:
    """What is wrong with a connection, and how to fix it; never with the password."""
    host = str(url.host or url.query.get("host") or "this machine")
    user, database = url.username or "(none named)", url.database or url.username or "(none named)"
    names = {"server": f"{host} port {url.port or 5432}", "host": host, "user": user, "database": database}
    for pattern, found, fix in EXPLAINED:
        if re.search(pattern, str(error)):
            return clean_text(found.format(**names)), clean_text(fix.format(**names))
    said = str(error).strip().splitlines() or [type(error).__name__]
    return clean_text(said[0]), f"Correct DATABASE_URL: {URL_PARTS}"


def check_version(facts: dict[str, Any]) -> Check:
    """A PostgreSQL that is new enough."""
    fits = facts["number"] >= OLDEST * 10000
    fix = "" if fits else f"Agora needs PostgreSQL {OLDEST} or newer: upgrade the server, or use another."
    return Check("database version", fits, f"PostgreSQL {facts['version']}", fix)


def check_encoding(facts: dict[str, Any]) -> Check:
    """A database that can hold every language."""
    fits = facts["encoding"] == "UTF8"
    fix = "" if fits else "Make the database anew: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0;"
    return Check("database encoding", fits, facts["encoding"], fix)


def check_rights(facts: dict[str, Any]) -> Check:
    """A database that this user may make tables in."""
    if facts["read_only"]:
        fix = "Point DATABASE_URL at the primary server, not at a replica."
        return Check("database rights", False, "the database is read-only", fix)
    if not facts["may_create"]:
        schema = facts["schema"] or "public"
        fix = f"As the database's owner: GRANT CREATE, USAGE ON SCHEMA {schema} TO the user of DATABASE_URL;"
        return Check("database rights", False, f"this user may not make tables in the schema {schema}", fix)
    return Check("database rights", True, f"may make tables in the schema {facts['schema']}")


def check_vector(facts: dict[str, Any]) -> Check:
    """pgvector, in the database or at hand."""
    if facts["installed"]:
        return Check("pgvector", True, facts["installed"])
    if not facts["available"]:
        major = facts["number"] // 10000
        fix = f"Install it on the server (Debian: postgresql-{major}-pgvector; others: github.com/pgvector/pgvector)."
        return Check("pgvector", False, "the server does not have it", fix)
    fix = "" if facts["may_extend"] else "As a superuser, in this database: CREATE EXTENSION vector;"
    return Check("pgvector", facts["may_extend"], f"{facts['available']} at hand, not yet in this database", fix)


def check_migrations(url: str) -> Check:
    """Tables of this version of Agora."""
    try:
        current, wanted = migrate.current(url), migrate.head()
    except SQLAlchemyError as error:
        return Check("migrations", False, error_text(error), "Let this user read the table alembic_version.")
    if current == wanted:
        return Check("migrations", True, f"at {current}, the newest")
    try:
        ScriptDirectory(str(migrate.MIGRATIONS)).get_revision(current or "base")
    except CommandError:
        fix = "Update Agora: a newer one has been at work in this database."
        return Check("migrations", False, f"at {current}, which this Agora does not know", fix)
    fix = "python app.py migrate (starting Agora does it, too)"
    return Check("migrations", True, f"at {current or 'none'}; the newest is {wanted}", fix)


def check_clock(theirs: datetime, ours: datetime) -> Check:
    """Clocks that agree: of who holds what until when, every machine judges by its own."""
    skew = (theirs - ours).total_seconds()
    fix = "Let both machines set their clocks by NTP." if abs(skew) > SKEW else ""
    return Check(
        "clock", abs(skew) <= SKEW, f"{abs(skew):.1f} s {'behind' if skew > 0 else 'ahead of'} the database's", fix
    )


def check_demo(connection: psycopg.Connection[Any], settings: Settings, facts: dict[str, Any]) -> list[Check]:
    """The demo company is not for a database with real people."""
    if not settings.demo:
        return []
    real = facts["has_people"] and connection.execute("select 1 from person where not demo limit 1").fetchone()
    if real:
        return [Check("demo company", False, "AGORA_DEMO is set, and there are real people", "Unset AGORA_DEMO.")]
    return [Check("demo company", True, "wanted, and nobody real is here")]
