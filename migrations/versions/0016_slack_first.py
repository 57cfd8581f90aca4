"""Which workspace installed the Slack app first."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which workspace installed the Slack app first."""
    op.add_column("slack_installation", sa.Column("first", sa.Boolean(), nullable=False, server_default="false"))
    op.execute(
        "update slack_installation set first = true "
        "where installed_at = (select min(installed_at) from slack_installation)"
    )
    op.alter_column("slack_installation", "first", server_default=None)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("slack_installation", "first")
