"""Quiet hours of a person."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Quiet hours of a person."""
    op.add_column("person", sa.Column("quiet_from", sa.Time(), nullable=True))
    op.add_column("person", sa.Column("quiet_to", sa.Time(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("person", "quiet_to")
    op.drop_column("person", "quiet_from")
