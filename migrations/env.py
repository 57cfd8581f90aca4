"""Runs the steps on the connection that `models.migrate` opened; knows every table, so that steps can be drafted."""

from alembic import context

import bot.slack.store  # where the Slack app is installed
import bot.teams.store  # where Teams' conversations are reached
import bot.web.store  # noqa: F401  the playground's own tables
import models.homes
import models.sessions
import models.vectors  # noqa: F401  what waits to be encoded
from handlers import features
from models.base import Base

features()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
