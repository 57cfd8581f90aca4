"""The questions that an announcement puts to its readers, in the languages that these read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Polls in several languages."""
    polls = sa.Column("polls", postgresql.JSONB(none_as_null=True), server_default="{}", nullable=False)
    op.add_column("announcement_text", polls)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("announcement_text", "polls")
