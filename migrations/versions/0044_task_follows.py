"""Each task of a series is followed by one."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let each be followed once."""
    op.add_column("task", sa.Column("follows_id", sa.BigInteger(), nullable=True))
    op.create_unique_constraint("task_follows_id_key", "task", ["follows_id"])
    op.create_foreign_key("task_follows_id_fkey", "task", "task", ["follows_id"], ["id"], ondelete="SET NULL")


def downgrade() -> None:
    """Take it back."""
    op.drop_column("task", "follows_id")
