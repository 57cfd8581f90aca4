"""What kind of channel each one in Teams is."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What kind of channel each one in Teams is."""
    op.add_column("teams_conversation", sa.Column("channel_type", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("teams_conversation", "channel_type")
