"""Where somebody who has several accounts was active last."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Where somebody who has several accounts was active last."""
    op.add_column("account", sa.Column("active_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("account", "active_on")
