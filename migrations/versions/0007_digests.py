"""What is new for a person, told in one message."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is new for a person, told in one message."""
    op.add_column("person", sa.Column("digest", sa.Text(), nullable=False, server_default="off"))
    op.add_column("person", sa.Column("digest_at", sa.Time(), nullable=False, server_default="09:00"))
    op.add_column("person", sa.Column("digested_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("person", "digest", server_default=None)
    op.alter_column("person", "digest_at", server_default=None)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("person", "digested_at")
    op.drop_column("person", "digest_at")
    op.drop_column("person", "digest")
