"""Places whose members are not all known yet, and answers found by the message they stand in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Places whose members are not all known yet, and answers found by the message they stand in."""
    op.add_column("place", sa.Column("members_known", sa.Boolean(), server_default=sa.true(), nullable=False))
    answers = sa.text("about like 'answer:%'")
    op.create_index("posted_card_answer", "posted_card", ["conversation", "reference"], postgresql_where=answers)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("posted_card_answer", table_name="posted_card")
    op.drop_column("place", "members_known")
