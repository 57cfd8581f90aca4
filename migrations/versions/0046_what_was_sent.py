"""Who sends what many get says how much it has used up, for whoever takes its place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who sends what many get says how much it has used up, for whoever takes its place."""
    op.add_column("sender", sa.Column("sent", postgresql.JSONB(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("sender", "sent")
