"""The database's schema, brought up to date or taken back by Alembic; `migrations/` holds the steps.

Its `env.py` finds an open connection in `context.config.attributes["connection"]`; there is no alembic.ini.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x41474F52  # "AGOR": a number that every Agora agrees on


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema up to the revision; of several processes that start together, one does it while others wait."""
    _migrate(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take the schema back to the revision; "base" empties the database."""
    _migrate(url, lambda config: command.downgrade(config, revision))


def current(url: str) -> str | None:
    """The revision of the schema; None for a database without one."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision that this Agora brings."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _migrate(url: str, change: Callable[[Config], None]) -> None:
    """The lock has a connection of its own, so that a step may commit, or run outside a transaction."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as guard, engine.connect() as connection:
        guard.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        guard.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config = _config()
        config.attributes["connection"] = connection
        change(config)
        connection.commit()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
