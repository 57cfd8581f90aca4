"""Which card stands as a message of Teams is asked at every press."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which card stands as a message of Teams is asked at every press."""
    where = sa.text("platform = 'teams'")
    op.create_index("posted_card_teams", "posted_card", ["reference"], postgresql_where=where)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("posted_card_teams", "posted_card")
