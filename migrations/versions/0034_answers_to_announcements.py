"""Answers to announcements: knowledge that goes with one, replies to objections, results of polls."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Answers to announcements."""
    op.add_column("announcement", sa.Column("known", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("announcement_known", "announcement", ["id"], postgresql_where=sa.text("known"))
    op.add_column("entry", sa.Column("announcement_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "entry_announcement_id_fkey", "entry", "announcement", ["announcement_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("entry", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "entry_announcement", "entry", ["announcement_id"], postgresql_where=sa.text("announcement_id is not null")
    )
    op.add_column("receipt", sa.Column("reply", sa.Text(), nullable=True))
    op.add_column("receipt", sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("poll", sa.Column("open", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("tally", sa.Column("shown", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "posted_card_announced",
        "posted_card",
        ["conversation", "reference"],
        postgresql_where=sa.text("about like 'announcement:%'"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("posted_card_announced", table_name="posted_card")
    op.drop_column("tally", "shown")
    op.drop_column("poll", "open")
    op.drop_column("receipt", "replied_at")
    op.drop_column("receipt", "reply")
    op.drop_index("entry_announcement", table_name="entry")
    op.drop_column("entry", "ends_at")
    op.drop_column("entry", "announcement_id")
    op.drop_index("announcement_known", table_name="announcement")
    op.drop_column("announcement", "known")
