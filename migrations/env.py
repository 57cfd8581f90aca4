"""Runs the steps on the connection that `models.migrate` opened; imports every table, so that new steps can be
drafted."""

from alembic import context

import bot.web.store  # noqa: F401  the playground's own tables
import models.access
import models.answers
import models.company
import models.experts
import models.facts
import models.files
import models.history
import models.mail
import models.masks
import models.sessions  # noqa: F401
from models.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
