"""What is counted of announcements, when a copy came to its end, and who wants a summary once a week."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is counted of announcements, when a copy came to its end, and who wants a summary once a week."""
    op.create_table(
        "announcement_progress",
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("figures", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took", sa.Float(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("announcement_id"),
    )
    op.create_table(
        "briefing",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("briefed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.add_column("posted_card", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("posted_card", "ended_at")
    op.drop_table("briefing")
    op.drop_table("announcement_progress")
