"""An index for who gets an announcement at an hour of their own: few at a time, of many."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find whose hour has come."""
    op.create_index(
        "receipt_due", "receipt", ["announcement_id", "due_at"], postgresql_where=sa.text("due_at is not null")
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("receipt_due", table_name="receipt")
