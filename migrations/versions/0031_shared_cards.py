"""A card that many messages show is kept once, and copies are found by who has them."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A card that many messages show is kept once, and copies are found by who has them."""
    op.execute("truncate shared_card")  # nothing has written any yet
    op.add_column("shared_card", sa.Column("digest", sa.LargeBinary(), nullable=False))
    op.create_unique_constraint("shared_card_digest_key", "shared_card", ["digest"])
    op.drop_index("ix_posted_card_about", table_name="posted_card")
    op.create_index("posted_card_about", "posted_card", ["about", "person_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("posted_card_about", table_name="posted_card")
    op.create_index("ix_posted_card_about", "posted_card", ["about"])
    op.drop_constraint("shared_card_digest_key", "shared_card")
    op.drop_column("shared_card", "digest")
