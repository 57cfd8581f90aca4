"""Pictures that Slack has, too."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Pictures that Slack has, too."""
    op.create_table(
        "slack_file",
        sa.Column("external", sa.Text(), nullable=False),
        sa.Column("installation", sa.Text(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("external", "installation"),
    )
    op.create_index("ix_slack_file_file_id", "slack_file", ["file_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("slack_file")
